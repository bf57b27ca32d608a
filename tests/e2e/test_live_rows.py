"""The rows of the page Live while events come: behind the pill, filtered, in bursts, and out of sight."""

import re

from dashboard.api.routes import ROWS
from dashboard.ids import Ids
from tests.e2e.conftest import Opens
from tests.support.live_site import BAD, GOOD, Site
from tests.support.visits import Visit

#: Keeps what a component says from now on, however shortly.
_NOTE_TEXTS = """id => {
    window.noted = [];
    const said = document.getElementById(id);
    const kinds = {childList: true, characterData: true, subtree: true};
    new MutationObserver(() => noted.push(said.textContent)).observe(said, kinds);
}"""


def seqs_by_place(live: Visit) -> dict[int, str]:
    return {index: cells["seq"] for index, cells in live.rows().items() if cells.get("seq")}


def test_away_from_the_top_new_rows_wait_behind_a_pill(live: Visit, site: Site) -> None:
    site.send(*[GOOD] * 200)
    live.until(lambda: live.seqs()[:1] == [202], "the newest row")
    live.scroll_to(100)
    live.settle()
    drawn = seqs_by_place(live)
    site.send(GOOD, BAD, GOOD)
    live.until(lambda: live.shows(Ids.NEW_ROWS), "the pill")
    assert live.text(Ids.NEW_ROWS) == "↑ 3 new"
    # The grid may have drawn further ones beyond its edges meanwhile.
    assert live.first_row() == 101
    assert drawn.items() <= seqs_by_place(live).items()
    live.page.click(f"#{Ids.NEW_ROWS}")
    live.until(lambda: live.seqs()[:1] == [205], "the newest row")
    assert not live.shows(Ids.NEW_ROWS)
    live.assert_clean()


def test_rows_of_a_day_that_is_over_tell_their_date_in_a_narrow_list(site: Site, visit: Opens) -> None:
    site.send(GOOD)
    opened = visit(site.address, width=800)
    opened.page.clock.install()
    opened.open(f"app={site.tenant.name}")
    arrived = opened.page.locator("#event-grid .ag-cell[col-id=received-short]")
    opened.until(lambda: re.fullmatch(r"[\d:.]{12}", arrived.first.inner_text()), "the time alone")
    opened.page.clock.fast_forward("24:00:00")
    opened.until(lambda: re.fullmatch(r"\d\d-\d\d [\d:]{5}", arrived.first.inner_text()), "the date with it")
    opened.assert_clean()


def test_with_the_oldest_first_the_pill_leads_to_the_end(live: Visit, site: Site) -> None:
    site.send(*[GOOD] * 200)
    live.until(lambda: live.seqs()[:1] == [202], "the newest row")
    live.page.locator(f"#{Ids.ORDER} label").filter(has_text="Oldest first").click()
    live.until(lambda: live.seqs()[:1] == [1], "the oldest row")
    site.send(GOOD, BAD, GOOD)
    live.until(lambda: live.shows(Ids.NEW_ROWS), "the pill")
    live.page.click(f"#{Ids.NEW_ROWS}")
    live.until(lambda: live.seqs()[-1:] == [205], "the newest row, at the end")
    live.assert_clean()


def test_a_filtered_page_follows_and_counts_only_what_it_lists(live: Visit, site: Site) -> None:
    live.choose_status("invalid")
    live.until(lambda: live.seqs() == [2], "the invalid row")
    site.send(GOOD, BAD, GOOD)
    live.until(lambda: live.seqs() == [4, 2], "the new invalid row")
    assert live.total() == 2
    live.assert_clean()


def test_every_row_of_a_burst_is_there_and_nothing_moves_around_the_grid(live: Visit, site: Site) -> None:
    live.page.evaluate(
        "() => { window.shifts = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries()) window.shifts += entry.value;"
        " }).observe({type: 'layout-shift', buffered: false}); }"
    )
    for _ in range(10):
        site.send(*[GOOD] * 30, *[BAD] * 5)
        live.page.wait_for_timeout(250)
    live.until(lambda: live.total() == 352, "every row")
    live.until(lambda: live.seqs()[:20] == list(range(352, 332, -1)), "the newest rows in order")
    live.scroll_to(150)
    live.settle()
    top = live.first_row()
    shown = live.rows()
    assert all(int(cells["seq"].replace(",", "")) == 352 - index for index, cells in shown.items())
    assert top == 151
    assert live.page.evaluate("window.shifts") < 0.01
    live.assert_clean()


def test_rows_that_the_feed_left_out_are_right_when_they_come_into_sight(live: Visit, site: Site) -> None:
    for total in (102, 202):
        site.send(*[GOOD] * 100)
        live.until(lambda total=total: live.seqs()[:1] == [total], "the newest row")  # type: ignore[misc]

    def last_in_order() -> int:
        """The last row that is drawn, if each is at its place."""
        rows = live.rows()
        return max(rows) if rows and all(rows[at].get("seq") == str(202 - at) for at in rows) else 0

    drawn = max(live.until(live.rows, "rows"))
    live.page.set_viewport_size({"width": 1400, "height": 2400})
    live.until(lambda: last_in_order() > drawn, "more rows, in order")
    live.page.set_viewport_size({"width": 1400, "height": 900})
    live.scroll_to(60)
    live.until(lambda: live.first_row() == 61 and last_in_order() > 61, "further rows, in order")
    live.assert_clean()


def test_rows_that_failed_out_of_sight_are_asked_again_though_an_older_answer_came(
    live: Visit, site: Site
) -> None:
    """A block was asked again before it was answered: the first answer is dropped, the second awaited."""
    site.send(*[GOOD] * 398)
    live.until(lambda: live.seqs()[:1] == [400], "the newest row")
    held = live.hold(ROWS, when=lambda body: '"offset":200,' in body)
    live.scroll_to(195)
    live.until(lambda: len(held) == 1, "a question for the rows from 200 on")
    live.scroll_to(0)
    site.send(GOOD)
    live.until(lambda: live.seqs()[:1] == [401], "the new row")
    live.scroll_to(195)
    live.until(lambda: len(held) == 2, "the question once more, as rows moved")
    live.scroll_to(0)
    live.page.evaluate(_NOTE_TEXTS, Ids.GRID_NOTE)
    held[1].abort()
    live.until(lambda: "Retrying" in live.page.evaluate("noted.join()"), "that it failed")
    live.until(lambda: not live.text(Ids.GRID_NOTE), "that the rows are not missed at the top")
    live.let_go(held[0])
    live.page.unroute(f"**{ROWS}")
    live.scroll_to(195)
    live.settle()
    assert live.rows()[201]["seq"] == str(401 - 201)
    live.assert_clean(["ERR_FAILED"])
