from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from random import Random
from typing import Any

import orjson
import pytest

from demo import mishaps
from demo.catalogue import PRODUCTS
from demo.releases import APPS, Bug
from demo.shopper import Visit
from demo.traffic import Shot, Traffic
from livevalidation import Event
from tracking_plan.compiled import CompiledPlan, compile_plan
from tracking_plan.formats import load_plan
from tracking_plan.verdict import Verdict

_NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> CompiledPlan:
    text = (files("demo") / "plan.yaml").read_bytes()
    return compile_plan(load_plan(text, "plan.yaml"), 1)


@pytest.fixture(scope="module")
def shots() -> list[Shot]:
    """A quarter of an hour."""
    traffic = Traffic(seed=7)
    return [traffic.next(n / 20, _NOW + timedelta(seconds=n / 20)) for n in range(18_000)]


def visits(bugs: Bug, count: int = 400) -> list[tuple[str, dict[str, Any]]]:
    rng = Random(3)
    return [step for _ in range(count) for step in Visit(rng, bugs).steps()]


def occurred(shot: Shot) -> datetime:
    assert shot.event.occurred_at is not None
    return shot.event.occurred_at


def test_a_release_without_bugs_keeps_to_the_plan(plan: CompiledPlan) -> None:
    for name, payload in visits(Bug.NONE):
        assert plan.judge(name, payload).violations == ()


def test_visits_cover_the_plan_but_for_what_never_comes(plan: CompiledPlan) -> None:
    never = plan.plan.events.keys() - {name for name, _ in visits(Bug.NONE)}
    assert never == {"Gift Card Redeemed", "Wishlist Shared"}


def test_the_broken_release_sends_totals_as_text_and_no_order_id(plan: CompiledPlan) -> None:
    (release,) = (release for release in APPS[0].releases if release.bugs)
    assert release.version == "4.2.0"
    broken = [payload for name, payload in visits(release.bugs) if name == "Order Completed"]
    for payload in broken:
        judgement = plan.judge("Order Completed", payload)
        reasons = {(violation.path, violation.kind.value) for violation in judgement.violations}
        assert {("/total", "wrong_type"), ("/order_id", "missing_required")} <= reasons
    untouched = [step for step in visits(release.bugs) if step[0] == "Product Viewed"]
    assert all(plan.judge(*step).verdict is Verdict.VALID for step in untouched)


def test_the_broken_release_comes_and_goes() -> None:
    old, broken, mended = APPS[0].releases
    assert [broken.weight(at) for at in (0, 20, 120)] == [0, 0, 0.6]
    assert broken.weight(70) == pytest.approx(0.3)
    assert broken.weight(10_000) < 0.1 < mended.weight(10_000)
    assert old.weight(0) == 1


def test_all_apps_and_versions_take_part(shots: list[Shot]) -> None:
    seen = {(shot.app, shot.source.app_version) for shot in shots}
    assert seen == {(app.name, release.version) for app in APPS for release in app.releases}


def test_the_same_seed_plays_the_same_events(shots: list[Shot]) -> None:
    again = Traffic(seed=7)
    assert [again.next(n / 20, _NOW + timedelta(seconds=n / 20)) for n in range(500)] == shots[:500]
    assert Traffic(seed=8).next(0, _NOW) != shots[0]


def test_what_goes_wrong_goes_wrong_about_as_often_as_it_should(
    plan: CompiledPlan, shots: list[Shot]
) -> None:
    ids = Counter((shot.event.event_id, shot.event.occurred_at) for shot in shots)
    assert len(shots) - len(ids) == pytest.approx(
        len(shots) * (mishaps.DUPLICATE + mishaps.ID_CONFLICT), rel=0.3
    )
    late = sum(occurred(shot) < _NOW - timedelta(minutes=1) for shot in shots)
    assert late == pytest.approx(len(shots) * mishaps.LATE, rel=0.3)
    unplanned = sum(plan.event(shot.event.name) is None for shot in shots)
    assert unplanned == pytest.approx(len(shots) * mishaps.UNPLANNED, rel=0.4)


def test_no_event_occurs_after_now_but_those_meant_to(shots: list[Shot]) -> None:
    ahead = [n for n, shot in enumerate(shots) if occurred(shot) > _NOW + timedelta(seconds=n / 20)]
    assert 0 < len(ahead) < len(shots) * mishaps.REJECTED


def test_every_event_can_be_put_into_a_message(shots: list[Shot]) -> None:
    for shot in shots:
        assert shot.event.encode().WhichOneof("body") == "payload_json"


@pytest.mark.parametrize("refuse", mishaps._UNACCEPTABLE)
def test_each_way_to_be_refused_changes_the_event(refuse: Callable[[Event], Event]) -> None:
    event = Event("App Opened", {"session_id": "0123456789", "cold_start": True})
    refused = refuse(event)
    assert refused != event
    assert refused.event_id == event.event_id


def test_products_and_plan_speak_of_the_same_categories(plan: CompiledPlan) -> None:
    schema = plan.plan.events["Product Viewed"].schema
    assert {product.category for product in PRODUCTS} == set(schema["properties"]["category"]["enum"])
    assert len({product.product_id for product in PRODUCTS}) == len(PRODUCTS)


def test_payloads_are_json(shots: list[Shot]) -> None:
    assert all(isinstance(shot.event.payload, bytes) or orjson.dumps(shot.event.payload) for shot in shots)
