"""What a person waits for, seen in a real browser: first paint, jumps, filters, scrolling, fresh events."""

import time
from random import Random
from typing import Any
from urllib.parse import urlencode

from benchmarks.browser import Browser
from benchmarks.errors import BenchFailed
from benchmarks.events import DraftMaker
from benchmarks.figures import percentile, percentiles_ms, rounded
from benchmarks.read import Stored
from benchmarks.servers import Dashboard, IngestServers
from benchmarks.tenants import Tenant
from dashboard.ids import Ids
from dashboard.pages.live.page import NAVIGATION
from livevalidation import Client, Event

#: Watches the grid at each frame: when its first row was there, and when each subject was seen first.
WATCH_GRID = f"""
(() => {{
    const bench = (window.lvdBench = {{firstRow: null, seen: {{}}}});
    const look = () => {{
        for (const cell of document.querySelectorAll('#{Ids.GRID} .ag-row [col-id="subject"]')) {{
            const subject = cell.textContent;
            if (!subject) continue;
            if (bench.firstRow === null) bench.firstRow = performance.now();
            if (!(subject in bench.seen)) bench.seen[subject] = Date.now();
        }}
        requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
}})();
"""
#: From the block's last byte to the first frame that has a row.
_FIRST_PAINT = """() => {
    const block = performance.getEntriesByType('resource').find((entry) => entry.name.endsWith('/api/rows'));
    return block && window.lvdBench.firstRow !== null ? window.lvdBench.firstRow - block.responseEnd : null;
}"""
#: Jumps as the page's own field for row numbers does; milliseconds until every row in sight is there.
_JUMP = f"""async (row) => {{
    const api = await window.dash_ag_grid.getApiAsync('{Ids.GRID}');
    const height = api.getSizesForCurrentTheme().rowHeight;
    const total = document.getElementById('{Ids.GRID_TOTAL}');
    const shown = () => Number(total.textContent.replace(/,/g, '').match(/[0-9]+/));
    const arrived = () => {{
        if (Math.abs(shown() - row) > 1) return false;
        const range = api.getVerticalPixelRange();
        const last = Math.min(Math.ceil(range.bottom / height), api.getDisplayedRowCount()) - 1;
        for (let index = Math.floor(range.top / height); index <= last; index += 1) {{
            const node = api.getDisplayedRowAtIndex(index);
            if (!node || !node.data) return false;
        }}
        return true;
    }};
    const started = performance.now();
    window.dash_clientside.lvd.jumpRow(null, row);
    while (!arrived()) {{
        if (performance.now() - started > 30000) return null;
        await new Promise(requestAnimationFrame);
    }}
    return performance.now() - started;
}}"""
#: Turns the chip of a status on or off; milliseconds until rows of the new view are in sight.
_FILTER = f"""async (word) => {{
    const api = await window.dash_ag_grid.getApiAsync('{Ids.GRID}');
    const grid = window.lvd.grid;
    const chips = [...document.querySelectorAll('#{Ids.FILTERS} label')];
    const chip = chips.find((each) => each.textContent.replace(/[^a-z]/g, '') === word);
    const before = grid.held().generation;
    const arrived = () => {{
        const held = grid.held();
        if (held.generation === before || held.token === null) return false;
        const first = api.getDisplayedRowAtIndex(0);
        return api.getDisplayedRowCount() === 0 || Boolean(first && first.data);
    }};
    const started = performance.now();
    chip.click();
    while (!arrived()) {{
        if (performance.now() - started > 30000) return null;
        await new Promise(requestAnimationFrame);
    }}
    return performance.now() - started;
}}"""
#: Adds up how far things moved by themselves (the web's Layout Instability, without a unit).
_WATCH_SHIFTS = """() => {
    window.lvdShift = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.lvdShift += entry.value;
    }).observe({type: 'layout-shift'});
}"""
_SHIFTED = "() => window.lvdShift"
_ROWS_SHOWN = f"() => document.querySelectorAll('#{Ids.GRID} .ag-row [col-id=\"seq\"]').length > 0"
#: A table row for each event, as the prototype did it; milliseconds until the frame that shows them.
_ROW_ELEMENTS = """async (count) => {
    const table = document.createElement('table');
    document.body.append(table);
    const started = performance.now();
    for (let number = 0; number < count; number += 1) {
        const row = document.createElement('tr');
        for (const text of [number, 'now', 'Order Completed', '/total', '12', 'number', 'valid']) {
            const cell = document.createElement('td');
            cell.textContent = text;
            row.append(cell);
        }
        table.append(row);
    }
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - started;
}"""
_DOM_NODES = "() => document.getElementsByTagName('*').length"
_SEEN = "() => window.lvdBench.seen"

#: Rows below the last jump: more than are in sight.
_BELOW = 200
_FEW_ROWS, _FEW_STEP = 10_000, 50
_MANY_ROWS, _MANY_STEP = 1_000_000, 5_000
_FRESH_EVENTS = 100
#: Between two of them, in seconds: at any point of the page's tick.
_PAUSES = (0.15, 0.65)
_LAST_TICKS = 5.0
#: Chips that are turned on and off in turn: with three of them the view has seven combinations.
_STATUSES = ("valid", "invalid", "unplanned")
#: Until a page that was opened is at rest, and how long its ticks are watched, in seconds.
_REST_SECONDS, _TICK_SECONDS = 5.0, 20.0


def open_live(browser: Browser, page: Dashboard, app: str, time_range: str) -> None:
    """Opens the live page of an app, and waits for rows in its grid. Raises BenchFailed."""
    browser.go(_live_address(page, app, time_range))
    browser.page.wait_for_function("() => window.lvdBench.firstRow !== null")


def _live_address(page: Dashboard, app: str, time_range: str) -> str:
    return f"{page.url}{NAVIGATION.path}?{urlencode({'app': app, 'range': time_range})}"


def first_paint_ms(browser: Browser, page: Dashboard, stored: Stored) -> float:
    """From the grid's first rows received to their first frame; median of three openings."""
    samples = []
    for _ in range(3):
        open_live(browser, page, stored.name, "all")
        took = browser.run(_FIRST_PAINT)
        if took is None:
            raise BenchFailed("The grid showed rows that it never asked for: the page's scripts have changed")
        samples.append(float(took))
    return rounded(percentile(samples, 0.5))


def row_elements_ms(browser: Browser, rows: int) -> float:
    """Elements for so many rows, made one by one in an empty page; median of three."""
    samples = []
    for _ in range(3):
        browser.go("about:blank")
        samples.append(float(browser.run(_ROW_ELEMENTS, rows)))
    return rounded(percentile(samples, 0.5))


def jumps(browser: Browser, page: Dashboard, stored: Stored, count: int, seed: int) -> dict[str, float]:
    """Jumps to rows drawn at random, until all in sight are there."""
    open_live(browser, page, stored.name, "all")
    random = Random(seed)
    rows = [random.randrange(max(1, stored.rows - _BELOW)) + 1 for _ in range(count)]
    return percentiles_ms([_jump(browser, row) / 1000 for row in rows])


def filter_changes(browser: Browser, page: Dashboard, stored: Stored, count: int) -> dict[str, float]:
    """From a click on a status's chip until rows of the new view are there."""
    open_live(browser, page, stored.name, "all")
    seconds = []
    for number in range(count):
        took = browser.run(_FILTER, _STATUSES[number % len(_STATUSES)])
        if took is None:
            raise BenchFailed(f"The grid showed no row within 30 s of filter change {number + 1}")
        seconds.append(float(took) / 1000)
    return percentiles_ms(seconds)


def ticks(browser: Browser, page: Dashboard, stored: Stored, tick_seconds: float) -> dict[str, float]:
    """What an open page costs its main thread per tick while nothing arrives, and how far its parts move.

    `browser` must watch nothing itself: a look at each frame costs more than a tick.
    """
    browser.go(_live_address(page, stored.name, "all"))
    browser.page.wait_for_function(_ROWS_SHOWN)
    browser.page.wait_for_timeout(1000 * _REST_SECONDS)
    browser.run(_WATCH_SHIFTS)
    before = browser.main_thread_seconds()
    browser.page.wait_for_timeout(1000 * _TICK_SECONDS)
    used = browser.main_thread_seconds() - before
    return {
        "main_thread_ms_per_tick": rounded(1000 * used * tick_seconds / _TICK_SECONDS),
        "layout_shift": float(browser.run(_SHIFTED)),
    }


def scrolled(browser: Browser, page: Dashboard, stored: Stored) -> dict[str, dict[str, float]]:
    """The page's size after some rows, and after many."""
    open_live(browser, page, stored.name, "all")
    after: dict[str, dict[str, float]] = {}
    for rows, step in ((_FEW_ROWS, _FEW_STEP), (_MANY_ROWS, _MANY_STEP)):
        until = min(rows, stored.rows - _BELOW)
        for row in range(1, until, step):
            _jump(browser, row)
        after[f"{until} rows"] = {
            "dom_nodes": float(browser.run(_DOM_NODES)),
            "heap_mb": rounded(browser.heap_bytes() / 1e6),
        }
    return after


def freshness_figures(
    browser: Browser, page: Dashboard, tenant: Tenant, servers: IngestServers, seed: int = 1
) -> dict[str, Any]:
    """Events sent one by one with the product's client; from its `send` to the first frame that shows it."""
    random, maker = Random(seed), DraftMaker(seed, 140)
    sent: dict[str, float] = {}
    with Client(servers.address, tenant.key) as client:
        _send_fresh(client, maker, "fresh-first", sent)
        client.flush(30)
        open_live(browser, page, tenant.name, "15m")
        for number in range(_FRESH_EVENTS):
            browser.page.wait_for_timeout(1000 * random.uniform(*_PAUSES))
            _send_fresh(client, maker, f"fresh-{number}", sent)
    browser.page.wait_for_timeout(1000 * _LAST_TICKS)
    seen = browser.run(_SEEN)
    del sent["fresh-first"]
    missing = sent.keys() - seen.keys()
    if missing:
        raise BenchFailed(f"{len(missing)} of {len(sent)} events were never seen in the grid")
    return {
        f"freshness_in_browser_{name}": value
        for name, value in percentiles_ms(
            [max(seen[subject] / 1000 - at, 0.0) for subject, at in sent.items()]
        ).items()
    }


def _send_fresh(client: Client, maker: DraftMaker, subject: str, sent: dict[str, float]) -> None:
    draft = maker.make()
    sent[subject] = time.time()
    client.send(Event(draft.name, draft.payload, subject=subject))


def _jump(browser: Browser, row: int) -> float:
    took = browser.run(_JUMP, row)
    if took is None:
        raise BenchFailed(f"The grid did not show row {row:,} within 30 s")
    return float(took)
