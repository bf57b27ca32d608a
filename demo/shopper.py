"""A customer's visit: a row of events that make sense one after another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from demo.catalogue import CAMPAIGNS, COUPONS, MARKETS, PRODUCTS, REVIEWS, SEARCHES, SIZES, Product
from demo.releases import Bug

Payload = dict[str, Any]
#: Event name and payload.
Step = tuple[str, Payload]

_MOST_PRODUCTS = 5


@dataclass(slots=True)
class Visit:
    """One visit of one customer, as a release with these bugs reports it."""

    rng: Random
    bugs: Bug
    user_id: str = ""
    locale: str = ""
    currency: str = ""
    _per_euro: float = 1.0
    _cart_id: str = ""
    _cart: list[tuple[Product, int]] = field(default_factory=list)
    _coupon: str | None = None

    def __post_init__(self) -> None:
        self.user_id = f"user-{self.rng.randrange(20_000):05}"
        self.locale, self.currency, self._per_euro = self.rng.choice(MARKETS)
        self._cart_id = f"cart-{self.rng.getrandbits(40):010x}"

    def steps(self) -> Iterator[Step]:
        """The events of the visit, in order."""
        yield from self._arrive()
        for _ in range(self.rng.randint(1, _MOST_PRODUCTS)):
            yield from self._look_around()
        if self._cart:
            yield from self._pay()

    def _arrive(self) -> Iterator[Step]:
        rng = self.rng
        if rng.random() < 0.15:
            yield "Push Opened", {"campaign": rng.choice(CAMPAIGNS)}
        opened: Payload = {
            "session_id": f"{rng.getrandbits(64):016x}",
            "cold_start": rng.random() < 0.7,
            "locale": self.locale,
        }
        if rng.random() < 0.3:
            opened["referrer"] = "https://search.example/?q=shoes"
        yield "App Opened", opened
        yield "Screen Viewed", self._screen("home")
        if rng.random() < 0.4:
            method = rng.choice(("password", "apple", "google", "magic_link"))
            yield "Signed In", {"method": method, "email_hash": f"{rng.getrandbits(64):016x}"}

    def _look_around(self) -> Iterator[Step]:
        rng = self.rng
        product = rng.choice(PRODUCTS)
        if rng.random() < 0.35:
            query, results = rng.choice(SEARCHES)
            yield "Product Searched", {"query": query, "results": results}
        else:
            listed = [each.product_id for each in PRODUCTS if each.category == product.category]
            sort = rng.choice(("relevance", "price_up", "price_down", "newest"))
            yield "Product List Viewed", {"category": product.category, "product_ids": listed, "sort": sort}
        yield "Product Viewed", self._viewed(product)
        if rng.random() < 0.1:
            review = {
                "product_id": product.product_id,
                "stars": rng.randint(2, 5),
                "text": rng.choice(REVIEWS),
            }
            yield "Review Submitted", review
        if rng.random() < 0.4:
            yield self._add(product)

    def _add(self, product: Product) -> Step:
        quantity = self.rng.choice((1, 1, 1, 2, 3))
        self._cart.append((product, quantity))
        return "Product Added", {
            "cart_id": self._cart_id,
            "product_id": product.product_id,
            "quantity": quantity,
            "price": self._money(product.price),
            "currency": self._currency(),
            "size": self.rng.choice(SIZES),
        }

    def _pay(self) -> Iterator[Step]:
        rng = self.rng
        yield "Cart Viewed", self._cart_viewed()
        if len(self._cart) > 1 and rng.random() < 0.3:
            product, _ = self._cart.pop()
            reason = rng.choice(("too_expensive", "changed_mind", "found_elsewhere", "unknown"))
            yield (
                "Product Removed",
                {
                    "cart_id": self._cart_id,
                    "product_id": product.product_id,
                    "reason": reason,
                },
            )
        if rng.random() < 0.2:
            self._coupon = rng.choice(COUPONS)
            discount = self._money(self._sum() * 0.1)
            yield "Coupon Applied", {"cart_id": self._cart_id, "coupon": self._coupon, "discount": discount}
        yield (
            "Checkout Started",
            {
                "cart_id": self._cart_id,
                "total": self._money(self._sum()),
                "currency": self._currency(),
                "item_count": len(self._cart),
            },
        )
        yield "Screen Viewed", self._screen("checkout")
        yield "Payment Info Entered", self._payment()
        if rng.random() < 0.8:
            yield from self._order()

    def _order(self) -> Iterator[Step]:
        order_id = f"O-{self.rng.randrange(10**8):08}"
        total = self._sum()
        order: Payload = {
            "order_id": order_id,
            "total": self._money(total),
            "shipping": self._money(0 if total > 100 else 4.9),
            "tax": self._money(total * 0.19),
            "currency": self._currency(),
            "coupon": self._coupon,
            "first_order": self.rng.random() < 0.25,
            "address": {"country": self.locale[-2:], "postal_code": f"{self.rng.randrange(10**5):05}"},
            "items": self._items(),
        }
        if self.bugs & Bug.NO_ORDER_ID:
            del order["order_id"]
        yield "Order Completed", order
        if self.rng.random() < 0.06:
            yield (
                "Order Refunded",
                {
                    "order_id": order_id,
                    "amount": self._money(total / 2),
                    "currency": self._currency(),
                    "reason": "returned",
                },
            )

    def _viewed(self, product: Product) -> Payload:
        return {
            "product_id": product.product_id,
            "title": product.title,
            "category": product.category,
            "price": self._plain_money(product.price),
            "currency": self._currency(),
            "image_url": f"https://cdn.shop.example/{product.product_id.lower()}.webp",
            "in_stock": self.rng.random() < 0.9,
        }

    def _cart_viewed(self) -> Payload:
        return {
            "cart_id": self._cart_id,
            "items": self._items(),
            "total": self._money(self._sum()),
            "currency": self._currency(),
        }

    def _payment(self) -> Payload:
        method = self.rng.choice(("card", "card", "paypal", "apple_pay", "google_pay", "invoice"))
        payment: Payload = {"cart_id": self._cart_id, "method": method}
        if method == "card":
            payment["card_network"] = self.rng.choice(("visa", "mastercard", "amex"))
        return payment

    def _screen(self, name: str) -> Payload:
        return {"screen": name, "load_ms": min(int(self.rng.lognormvariate(5.5, 0.6)), 60_000)}

    def _items(self) -> list[Payload]:
        return [
            {"product_id": product.product_id, "quantity": count, "price": self._plain_money(product.price)}
            for product, count in self._cart
        ]

    def _sum(self) -> float:
        return sum(product.price * count for product, count in self._cart)

    def _plain_money(self, euros: float) -> float:
        return round(euros * self._per_euro, 2)

    def _money(self, euros: float) -> float | str:
        amount = self._plain_money(euros)
        return f"{amount:.2f}" if self.bugs & Bug.MONEY_AS_TEXT else amount

    def _currency(self) -> str:
        return self.currency.lower() if self.bugs & Bug.LOWER_CASE_CURRENCY else self.currency
