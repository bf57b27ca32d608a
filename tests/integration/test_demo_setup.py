"""What the demo makes of a database, and what it leaves alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.context import Context, open_context
from cli.demo_setup import DEMO_APP, prepare_apps
from storage.plans import StoredPlan


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    with open_context(tmp_path, database) as made:
        yield made


def in_force(context: Context) -> StoredPlan:
    return context.plans.in_force(context.apps.get(DEMO_APP).app_id)


def test_the_demos_plan_is_pushed_once(context: Context) -> None:
    for _ in range(2):
        prepare_apps(context)
        assert in_force(context).version == 1


def test_a_later_demos_plan_takes_the_place_of_an_earlier_ones(context: Context) -> None:
    app_id = prepare_apps(context)[DEMO_APP]
    first = in_force(context)
    assert first.document is not None
    context.plans.push(app_id, {**first.document, "name": "Of an earlier release"}, note=first.note)
    prepare_apps(context)
    assert (in_force(context).version, in_force(context).document) == (3, first.document)


def test_a_plan_that_somebody_saved_stays_in_force(context: Context) -> None:
    app_id = prepare_apps(context)[DEMO_APP]
    first = in_force(context)
    assert first.document is not None
    own = {**first.document, "name": "My own"}
    context.plans.push(app_id, own)
    prepare_apps(context)
    assert (in_force(context).version, in_force(context).document) == (2, own)
