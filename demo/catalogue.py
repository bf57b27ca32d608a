"""What the shop sells, and to whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One article; its price is in EUR."""

    product_id: str
    title: str
    category: str
    price: float


PRODUCTS = (
    Product("P-1001", "Trail Runner", "shoes", 119.95),
    Product("P-1002", "City Sneaker", "shoes", 89.9),
    Product("P-1003", "Winter Boot", "shoes", 149.0),
    Product("P-1004", "Slip-on “Lido”", "shoes", 54.5),
    Product("P-1101", "Rain Shell", "jackets", 179.0),
    Product("P-1102", "Down Jacket", "jackets", 249.0),
    Product("P-1103", "Denim Jacket", "jackets", 99.95),
    Product("P-1104", "Fleece", "jackets", 69.95),
    Product("P-1201", "Day Pack 22 L", "bags", 79.0),
    Product("P-1202", "Weekender", "bags", 129.0),
    Product("P-1203", "Messenger Bag", "bags", 94.5),
    Product("P-1301", "Merino Beanie", "accessories", 29.95),
    Product("P-1302", "Leather Belt", "accessories", 39.0),
    Product("P-1303", "Sunglasses", "accessories", 59.0),
    Product("P-1304", "Wool Socks, 3 pairs", "accessories", 24.9),
    Product("P-1401", "Two-Person Tent", "outdoor", 299.0),
    Product("P-1402", "Sleeping Bag -5 °C", "outdoor", 189.0),
    Product("P-1403", "Head Lamp", "outdoor", 44.95),
    Product("P-1404", "Camping Stove", "outdoor", 64.0),
)

SEARCHES = (
    ("running shoes", 4),
    ("jacke", 3),
    ("regenjacke herren", 1),
    ("tent", 1),
    ("wool socks", 1),
    ("sac à dos", 2),
    ("boots size 43", 2),
    ("gift", 0),
    ("sleeping bag", 1),
    ("löpskor", 2),
)

#: Locale, currency, and how much of it one EUR is.
MARKETS = (
    ("de-DE", "EUR", 1.0),
    ("de-AT", "EUR", 1.0),
    ("fr-FR", "EUR", 1.0),
    ("nl-NL", "EUR", 1.0),
    ("en-GB", "GBP", 0.85),
    ("en-US", "USD", 1.1),
    ("sv-SE", "SEK", 11.2),
)

COUPONS = ("WELCOME10", "SUMMER24", "FREESHIP", "VIP20")
CAMPAIGNS = ("weekend-sale", "back-in-stock", "cart-reminder", "new-season")
SIZES = ("S", "M", "L", "XL", "42", "43", None)
REVIEWS = (
    "Fits well.",
    "Good value, slow delivery.",
    "Wärmer als gedacht!",
    "Colour differs from the photo 😕",
    "",
)
