"""A real browser for the end-to-end tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.support.browser import FLAGS
from tests.support.live_site import BAD, GOOD, Site, live_site, number
from tests.support.visits import Visit

Scheme = Literal["light", "dark"]
Opens = Callable[..., Visit]
Contexts = Callable[[int, Scheme], BrowserContext]


@pytest.fixture(scope="module")
def browser(browser_executable: Path) -> Iterator[Browser]:
    """Headless; ends with its module, for Playwright's event loop would break `asyncio.run` after it."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_executable, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def context_of(browser: Browser) -> Iterator[Contexts]:
    """Browser profiles by window width and theme; their caches make the second page load in half the time."""
    contexts: dict[tuple[int, Scheme], BrowserContext] = {}

    def find(width: int, scheme: Scheme) -> BrowserContext:
        if (width, scheme) not in contexts:
            contexts[width, scheme] = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                timezone_id="Europe/Berlin",
                locale="en-GB",
            )
        return contexts[width, scheme]

    yield find
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(context_of: Contexts) -> Iterator[Opens]:
    """Opens a page at an address, for a viewer whom no cookie tells of others."""
    visits: list[Visit] = []

    def open_page(address: str, *, width: int = 1400, scheme: Scheme = "light") -> Visit:
        context = context_of(width, scheme)
        context.clear_cookies()
        visits.append(Visit(context.new_page(), address))
        return visits[-1]

    yield open_page
    for opened in visits:
        opened.page.close()


@pytest.fixture(scope="module")
def servers(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Started once."""
    with live_site(module_database, tmp_path_factory.mktemp("cache")) as site:
        yield site


@pytest.fixture
def site(servers: Site, request: pytest.FixtureRequest) -> Site:
    """With an app of the test's own."""
    return servers.of_an_app(request.node.name)


@pytest.fixture
def live(site: Site, visit: Opens) -> Visit:
    """The page of an app with two events, loaded."""
    site.send(GOOD, BAD)
    opened = visit(site.address)
    opened.open(f"app={site.tenant.name}")
    opened.until(lambda: opened.seqs() == [2, 1], "two rows")
    opened.until(lambda: number(opened, "received") == 2, "the feed's first answer")
    return opened
