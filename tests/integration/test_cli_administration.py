"""`lvd db`, `app`, `key` and `plan` on real databases."""

import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
import yaml
from sqlalchemy import text

from cli.plan_push import push_if_changed
from storage.embedded import EmbeddedPostgres
from storage.heartbeats import HeartbeatStore
from storage.partitions import ensure_days
from storage.plans import PlanStore, StoredPlan
from tests.support.command_line import CommandLine, CommandLineInProcess
from tests.support.data_folder import temporary_data_dir
from tests.support.waiting import wait_until
from tests.support.writing import engine_of, new_app
from tracking_plan.formats import load_plan, to_document

_PLAN = """
version: 1
name: Shop
events:
  Order Completed:
    schema: {type: object, required: [total], properties: {total: {type: number}}}
"""


@pytest.fixture
def lvd(database: str) -> CommandLine:
    return CommandLineInProcess(DATABASE_URL=database)


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(_PLAN)
    return path


@pytest.fixture
def new_data_dir() -> Iterator[Path]:
    with temporary_data_dir() as folder:
        yield folder


def test_an_app_is_made_once_and_listed(lvd: CommandLine) -> None:
    assert lvd.json("app", "create", "Shop")["app"] == "Shop"
    assert "choose another name" in lvd.run("app", "create", "Shop", exit_code=1).stderr
    assert [app["app"] for app in lvd.json("app", "list")["apps"]] == ["Shop"]
    (app,) = lvd.json("app", "list")["apps"]
    head, row = lvd.run("app", "list").stdout.splitlines()
    assert (head.split(), row.split()[0], row.split()[-1]) == (
        ["APP", "MADE", "ID"],
        "Shop",
        str(app["app_id"]),
    )


def test_a_key_is_shown_once_listed_by_its_prefix_and_revoked(lvd: CommandLine) -> None:
    lvd.run("app", "create", "Shop")
    key = lvd.json("key", "create", "--app", "Shop", "--label", "ci")["key"]
    assert re.fullmatch(r"lvd_\w{12}_\w{32}", key)
    printed = lvd.run("key", "create", "--app", "Shop").stdout
    assert re.fullmatch(r"lvd_\w{12}_\w{32}\n", printed)
    (first, second) = lvd.json("key", "list", "--app", "Shop")["keys"]
    assert first["label"] == "ci"
    assert first["prefix"] in key
    assert key not in lvd.run("key", "list", "--app", "Shop").stdout
    assert lvd.json("key", "revoke", first["prefix"], "--app", "Shop")["revoked"]
    (first, second) = lvd.json("key", "list", "--app", "Shop")["keys"]
    assert first["revoked_at"] is not None
    assert second["revoked_at"] is None
    assert "lvd key list" in lvd.run("key", "revoke", "nope", "--app", "Shop", exit_code=1).stderr


def test_a_plan_is_checked_pushed_shown_and_listed(lvd: CommandLine, plan_file: Path) -> None:
    lvd.run("app", "create", "Shop")
    assert "lvd plan push" in lvd.run("plan", "show", "--app", "Shop", exit_code=1).stderr
    assert lvd.json("plan", "check", plan_file) == {"ok": True, "name": "Shop", "events": 1}
    pushed = lvd.json("plan", "push", plan_file, "--app", "Shop", "--note", "first")
    assert pushed == {"app": "Shop", "version": 1, "events": 1, "changed": True}
    assert lvd.json("plan", "push", plan_file, "--app", "Shop")["changed"] is False
    plan_file.write_text(_PLAN + "formats: annotate\n")
    assert lvd.json("plan", "push", plan_file, "--app", "Shop")["version"] == 2
    assert yaml.safe_load(lvd.run("plan", "show", "--app", "Shop").stdout)["formats"] == "annotate"
    first = lvd.json("plan", "show", "--app", "Shop", "--version", "1")
    assert (first["note"], first["document"]["formats"]) == ("first", "assert")
    assert [plan["version"] for plan in lvd.json("plan", "list", "--app", "Shop")["plans"]] == [2, 1]


def test_a_bad_plan_is_told_with_its_places_and_not_pushed(lvd: CommandLine, plan_file: Path) -> None:
    lvd.run("app", "create", "Shop")
    plan_file.write_text(_PLAN.replace("type: number", "type: nummer"))
    for arguments in (("plan", "check", plan_file), ("plan", "push", plan_file, "--app", "Shop")):
        told = lvd.run(*arguments, exit_code=1).stderr
        assert 'event "Order Completed", schema /properties/total' in told
        assert "Traceback" not in told
    assert lvd.json("plan", "list", "--app", "Shop")["plans"] == []
    assert "cannot be read" in lvd.run("plan", "check", plan_file.with_name("none"), exit_code=1).stderr


def test_a_plan_is_compared_with_the_one_in_force(lvd: CommandLine, plan_file: Path) -> None:
    lvd.run("app", "create", "Shop")
    assert "no plan yet" in lvd.run("plan", "diff", plan_file, "--app", "Shop", exit_code=1).stdout
    lvd.run("plan", "push", plan_file, "--app", "Shop")
    assert "Nothing differs" in lvd.run("plan", "diff", plan_file, "--app", "Shop").stdout
    assert lvd.json("plan", "diff", plan_file, "--app", "Shop")["different"] is False
    plan_file.write_text(_PLAN.replace("type: number", "type: number, minimum: 1"))
    told = lvd.run("plan", "diff", plan_file, "--app", "Shop", exit_code=1)
    assert "~ Order Completed\n    ~ /total: minimum added: 1\n" in told.stdout
    lvd.run("plan", "push", plan_file, "--app", "Shop")
    first = ("plan", "diff", plan_file, "--app", "Shop", "--version", "1")
    assert "minimum added" in lvd.run(*first, exit_code=1).stdout
    plan_file.write_text("events: [")
    broken = lvd.run("plan", "diff", plan_file, "--app", "Shop", exit_code=1)
    assert (broken.stdout, "not YAML" in broken.stderr) == ("", True)


def test_what_differs_is_pushed_and_differs_no_more(lvd: CommandLine, plan_file: Path) -> None:
    """Python alone takes true for 1, and 1.0 for 1."""
    lvd.run("app", "create", "Shop")
    for version, rule in enumerate(("enum: [0, 1]", "enum: [false, true]", "enum: [0.0, 1.0]"), start=1):
        plan_file.write_text(_PLAN.replace("type: number", rule))
        assert lvd.json("plan", "push", plan_file, "--app", "Shop")["version"] == version
        assert lvd.json("plan", "diff", plan_file, "--app", "Shop")["different"] is False


class ReadTogether(PlanStore):
    """Two jobs read what is in force before either pushes."""

    _together, _calls = Barrier(2), count()

    def in_force(self, app_id: int) -> StoredPlan:
        """As always, but that the first two wait for each other."""
        plan = super().in_force(app_id)
        if next(self._calls) < 2:
            self._together.wait(20)
        return plan


def test_two_jobs_that_push_the_same_plan_at_once_make_one_version(database: str) -> None:
    document = to_document(load_plan(_PLAN.encode(), "plan.yaml"))
    with engine_of(database) as engine, ThreadPoolExecutor(2) as pool:
        app_id, plans = new_app(engine), ReadTogether(engine)
        jobs = [pool.submit(push_if_changed, plans, app_id, document, "") for _ in range(2)]
        assert sorted(job.result(60) for job in jobs) == [(1, False), (1, True)]


def test_an_unknown_app_is_told(lvd: CommandLine) -> None:
    told = lvd.run("key", "create", "--app", "Nope", exit_code=1).stderr
    assert told == "lvd: There is no app named 'Nope': `lvd app list` shows those there are\n"


def test_an_unmigrated_database_is_told_and_upgraded(empty_database: str) -> None:
    lvd = CommandLineInProcess(DATABASE_URL=empty_database)
    assert "Schema      none yet, needs " in lvd.run("db", "status").stdout
    assert "lvd db upgrade" in lvd.run("app", "list", exit_code=1).stderr
    assert lvd.json("db", "status")["schema"]["up_to_date"] is False
    assert "needs" in lvd.run("db", "status").stdout
    assert lvd.json("db", "upgrade")["before"] is None
    assert lvd.json("db", "upgrade")["before"] is not None
    assert lvd.json("db", "status")["schema"]["up_to_date"] is True


def test_words_that_are_not_utf_8_are_told(lvd: CommandLine) -> None:
    for arguments in (("app", "create", "\udcff"), ("key", "create", "--app", "\udcff")):
        assert "is not UTF-8" in lvd.run(*arguments, exit_code=2).stderr


def test_status_and_retain_tell_what_there_is(lvd: CommandLine) -> None:
    lvd.run("app", "create", "Shop")
    status = lvd.json("db", "status")
    assert status["embedded"] is False
    assert status["partitions"]["count"] == 8
    (app,) = status["apps"]
    assert (app["app"], app["stored"], app["minutes_that_do_not_add_up"]) == ("Shop", 0, [])
    assert "all add up" in lvd.run("db", "status").stdout
    assert lvd.json("db", "retain") == {"retention_days": 30, "dropped": []}


def test_what_a_running_server_keeps_is_not_dropped(lvd: CommandLine, database: str) -> None:
    """As from a shell without the servers' environment: what is dropped is gone."""
    day, server = datetime.now(UTC).date() - timedelta(days=40), uuid4()
    with engine_of(database) as engine:
        ensure_days(engine, [day])
        HeartbeatStore(engine).beat(server, datetime.now(UTC), {"retention_days": 90})
        # Nor right behind an outage, in which nobody could say so.
        with engine.begin() as conn:
            conn.execute(text("UPDATE server_heartbeat SET seen_at = seen_at - interval '50 minutes'"))
        told = lvd.run("db", "retain", exit_code=1).stderr
        assert "keeps 90 days" in told
        assert "LVD_RETENTION_DAYS" in told
        HeartbeatStore(engine).beat(server, datetime.now(UTC), {"retention_days": 30})
        assert lvd.json("db", "retain")["dropped"] == [f"{day}"]


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    lvd = CommandLine(DATABASE_URL="postgresql://lvd:hush@127.0.0.1:1/lvd")
    told = lvd.run("app", "list", exit_code=1).stderr
    assert "hush" not in told
    assert "Traceback" not in told


def test_a_bad_setting_is_told_by_its_key(tmp_path: Path) -> None:
    told = CommandLine(RETENTION_DAYS="0").run("app", "list", "--data-dir", tmp_path, exit_code=1).stderr
    assert "LVD_RETENTION_DAYS" in told


def test_the_embedded_database_of_a_data_folder(new_data_dir: Path) -> None:
    lvd = CommandLine(DATA_DIR=new_data_dir)
    assert "lvd up" in lvd.run("app", "list", exit_code=1).stderr
    assert not new_data_dir.exists()
    lvd.run("db", "upgrade")
    lvd.run("app", "create", "Shop")
    assert [app["app"] for app in lvd.json("app", "list")["apps"]] == ["Shop"]
    # As an option it goes before the environment.
    other = CommandLine(DATA_DIR=new_data_dir / "other").json("app", "list", "--data-dir", new_data_dir)
    assert [app["app"] for app in other["apps"]] == ["Shop"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_told_to_end_leaves_no_server_behind(
    new_data_dir: Path, number: signal.Signals
) -> None:
    """As `timeout`, a CI that cancels, and a terminal that is closed tell it."""
    lvd = CommandLine(DATA_DIR=new_data_dir)
    lvd.run("db", "upgrade")
    lvd.run("app", "create", "Shop")
    tail = lvd.start("tail", "--app", "Shop", stderr=subprocess.PIPE)
    wait_until(lambda: EmbeddedPostgres(new_data_dir).is_running())
    tail.send_signal(number)
    told = tail.communicate(timeout=60)[1]
    assert (tail.returncode, told) == (128 + number, b"")
    assert not EmbeddedPostgres(new_data_dir).is_running()


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"lvd \S.*\n", CommandLine().run("--version").stdout)
