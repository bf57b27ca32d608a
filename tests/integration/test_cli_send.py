"""`lvd send` as a process, against a real server on a real database."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, text

from cli.sending.encode import Fields, encode_line
from livevalidation.event import MAX_EVENT_BYTES
from tests.support.command_line import CommandLine, CommandLineInProcess
from tests.support.ingest import Tenant, new_tenant, running_server
from tests.support.oracle import check_app, check_received, stored_identities
from tests.support.shared_data import shared_data
from tests.support.waiting import wait_until
from tests.support.writing import engine_of

_SHOP = Path(__file__).parents[1] / "fixtures" / "shop"
_COUNTED = ("sent", "received", "valid", "invalid", "unplanned", "duplicate", "rejected", "id_conflict")


@dataclass(frozen=True)
class Scene:
    """A server, its database, and the command line beside it."""

    lvd: CommandLine
    here: CommandLineInProcess
    engine: Engine
    address: str

    def tenant(self, name: str, plan: Path | None = None) -> Tenant:
        tenant = new_tenant(self.engine, name)
        if plan is not None:
            self.here.run("plan", "push", plan, "--app", name)
        return tenant

    def send(self, key: str, source: Path | str, *options: str | Path, stdin: bytes = b"") -> dict[str, Any]:
        """The counts, without the time that it took."""
        arguments = ("send", source, "--key", key, "--target", self.address, *options)
        counts = self.lvd.json(*arguments, stdin=stdin)
        assert counts.pop("seconds") >= 0
        return counts


@pytest.fixture(scope="module")
def scene(module_database: str) -> Iterator[Scene]:
    with running_server(module_database) as running, engine_of(module_database) as engine:
        here = CommandLineInProcess(DATABASE_URL=module_database)
        yield Scene(CommandLine(DATABASE_URL=module_database), here, engine, running.address)


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(_COUNTED, 0) | given


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_line_of_the_shop_is_told_what_it_should_be(scene: Scene, tmp_path: Path) -> None:
    tenant = scene.tenant("fixture", _SHOP / "plan.yaml")
    events = read_lines(_SHOP / "events.jsonl")
    out = tmp_path / "verdicts.jsonl"
    told = scene.send(tenant.key, _SHOP / "events.jsonl", "--verdicts", out)
    assert told == counts(sent=20, received=20, valid=9, invalid=9, unplanned=1, rejected=1)
    verdicts = read_lines(out)
    assert [verdict["line"] for verdict in verdicts] == list(range(1, 21))
    for event, verdict in zip(events, verdicts, strict=True):
        assert verdict["event_id"] == event["event_id"]
        assert verdict["verdict"] == event["expected"]["verdict"], event
        reasons = sorted(f"{each['path']} {each['kind']}" for each in verdict["violations"])
        if event["expected"]["verdict"] == "invalid":
            assert reasons == event["expected"]["violations"]
    assert verdicts[19]["rejection"]["code"] == "integer_beyond_64_bits"
    check_app(scene.engine, tenant.app_id)
    check_received(scene.engine, tenant.app_id, 20)


def test_payloads_are_stored_as_they_were_written(scene: Scene) -> None:
    tenant = scene.tenant("verbatim")
    scene.send(tenant.key, _SHOP / "events.jsonl")
    lines = (_SHOP / "events.jsonl").read_bytes().splitlines()
    written = [encode_line(line, Fields()).event.payload_json for line in lines[:19]]
    stored = [payload.encode() for _, _, payload in stored_identities(scene.engine, tenant.app_id)]
    assert stored == written
    assert b'"price":1e2' in stored[4]
    assert b'"total":24.0' in stored[14]


def test_labels_and_source_are_sent_along(scene: Scene) -> None:
    tenant = scene.tenant("labels")
    line = b'{"event":"A","body":{},"id":"x","ts":%d,"user":"u"}\n' % int(time.time() * 1000)
    fields = ("--name-field", "event", "--payload-field", "body", "--id-field", "id", "--time-field", "ts")
    source = ("--app-version", "4.2.0", "--platform", "ios", "--environment", "ci", "--sdk", "swift/3")
    run = ("--subject-field", "user", "--run", "run-1")
    assert scene.send(tenant.key, "-", *fields, *source, *run, stdin=line)["received"] == 1
    query = (
        "SELECT name, event_id, subject, run_id, occurred_at, app_version, platform, environment, sdk "
        "FROM event JOIN source USING (app_id, source_id) WHERE app_id = :app_id"
    )
    with scene.engine.connect() as conn:
        row = conn.execute(text(query), {"app_id": tenant.app_id}).one()
    assert row[:4] == ("A", "x", "u", "run-1")
    assert abs(row[4] - datetime.now(UTC)) < timedelta(minutes=1)
    assert row[5:] == ("4.2.0", "ios", "ci", "swift/3")


def test_no_line_is_lost_whatever_it_holds(scene: Scene, tmp_path: Path) -> None:
    tenant = scene.tenant("broken lines")
    lines = tmp_path / "lines.jsonl"
    huge = b'{"name":"Huge","payload":{"text":"' + b"x" * MAX_EVENT_BYTES + b'"}}'
    content = [
        b'\xef\xbb\xbf{"name":"A","payload":{}}',
        b"",
        b"not json",
        b'["no object"]',
        b'{"name":"A","event_id":"bad time","occurred_at":"noon","payload":{"n":1}}',
        b'{"name":"A","event_id":"list","payload":[1]}',
        b'{"event_id":"no name","payload":{}}',
        huge,
        b'{"name":"A","event_id":"last","payload":{"n":2}}\r',
    ]
    lines.write_bytes(b"\n".join(content))
    out = tmp_path / "verdicts.jsonl"
    done = scene.lvd.run(
        *("send", lines, "--key", tenant.key, "--target", scene.address, "--verdicts", out, "--json"),
        exit_code=1,
    )
    told = json.loads(done.stdout)
    told.pop("seconds")
    assert told == counts(sent=7, received=7, unplanned=2, rejected=5)
    assert "line 3: no JSON" in done.stderr
    assert "line 5: `occurred_at` is" in done.stderr
    assert "line 8: " in done.stderr
    assert "1 lines were not sent" in done.stderr
    verdicts = {verdict["line"]: verdict for verdict in read_lines(out)}
    assert [(line, verdict["verdict"]) for line, verdict in verdicts.items()] == [
        *((1, "unplanned"), (3, "rejected"), (4, "rejected"), (5, "rejected")),
        *((6, "rejected"), (7, "rejected"), (8, "unsent"), (9, "unplanned")),
    ]
    assert verdicts[6]["rejection"]["code"] == "payload_not_object"
    with scene.engine.connect() as conn:
        kept = conn.execute(
            text("SELECT raw FROM rejected_event WHERE app_id = :app_id"), {"app_id": tenant.app_id}
        )
        raws = [bytes(raw) for raw in kept.scalars()]
    for line in (content[2], content[3], content[4]):
        assert any(line in raw for raw in raws)
    check_received(scene.engine, tenant.app_id, 7)


def test_a_key_of_another_app_is_refused_before_anything_is_sent(scene: Scene) -> None:
    ours, other = scene.tenant("Größe 漢"), scene.tenant("other")
    line = b'{"name":"A","payload":{}}'
    send = ("send", "-", "--target", scene.address)
    told = scene.lvd.run(*send, "--key", ours.key, "--app", "other", exit_code=2, stdin=line)
    assert "'Größe 漢'" in told.stderr
    assert check_app(scene.engine, ours.app_id) == check_app(scene.engine, other.app_id) == 0
    assert scene.send(ours.key, "-", "--app", ours.name, stdin=line)["received"] == 1


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (("--key", "lvd_000000000000_no"), 1, "UNAUTHENTICATED"),
        (("--key", "two words"), 2, "API key"),
        (("--key", "k", "--run", "x" * 300), 2, "--run"),
        (("--key", "k", "--platform", "é" * 200), 2, "Source.platform"),
        ((), 2, "lvd key create"),
    ],
)
def test_what_cannot_be_sent_is_told_in_one_line(
    scene: Scene, tmp_path: Path, options: tuple[str, ...], exit_code: int, words: str
) -> None:
    send = ("send", "-", "--target", scene.address, "--data-dir", str(tmp_path))
    line = b'{"name":"A","payload":{}}'
    done = scene.lvd.run(*send, *options, exit_code=exit_code, stdin=line)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_told(scene: Scene, tmp_path: Path) -> None:
    done = scene.lvd.run("send", tmp_path / "none.jsonl", "--key", "k", exit_code=1)
    assert "none.jsonl cannot be read" in done.stderr


@pytest.mark.parametrize("name", ["./none.jsonl", "tests//none.jsonl", "./", ""])
def test_what_cannot_be_read_is_told_however_it_is_spelt(name: str) -> None:
    told = CommandLineInProcess().run("send", name, "--key", "k", exit_code=1).stderr
    assert re.fullmatch(r"lvd: .+ cannot be read: .+\n", told)


@pytest.mark.parametrize("more", [(), ("--verdicts", "verdicts.jsonl")])
def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert "is closed" in CommandLineInProcess().run("send", "-", "--key", "k", *more, exit_code=1).stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the disk that is full is Linux's")
def test_a_full_disk_for_the_verdicts_is_told(scene: Scene) -> None:
    tenant = scene.tenant("full disk")
    send = ("send", "-", "--key", tenant.key, "--target", scene.address, "--verdicts", "/dev/full")
    told = scene.lvd.run(*send, exit_code=1, stdin=b'{"name":"A","payload":{}}\n').stderr
    assert told.startswith("lvd: /dev/full cannot be written: No space left on device. Mend that")


@pytest.mark.parametrize("name", ["lines.jsonl", "folder/../lines.jsonl", "hard.jsonl", "symbolic.jsonl"])
def test_the_file_that_is_sent_is_not_overwritten_by_its_verdicts(tmp_path: Path, name: str) -> None:
    lines, out = tmp_path / "lines.jsonl", tmp_path / name
    lines.write_bytes(b'{"name":"A","payload":{}}\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "hard.jsonl").hardlink_to(lines)
    (tmp_path / "symbolic.jsonl").symlink_to(lines)
    send = ("--key", "k", "--target", "127.0.0.1:1", "--give-up-after", "0", "--verdicts", out)
    done = CommandLineInProcess().run("send", lines, *send, exit_code=1)
    assert f"{out} is the file that is sent: name another one" in done.stderr
    with lines.open("rb") as stdin:
        sending = CommandLine().start("send", "-", *send, stdin=stdin, stderr=subprocess.PIPE)
        assert b"is the file that is sent" in sending.communicate(timeout=60)[1]
    assert sending.returncode == 1
    assert lines.read_bytes() == b'{"name":"A","payload":{}}\n'


def test_verdicts_may_be_written_to_what_cannot_be_overwritten() -> None:
    send = ("send", "/dev/null", "--key", "k", "--verdicts", "/dev/null")
    assert CommandLineInProcess().json(*send)["sent"] == 0


def test_a_server_that_never_comes_is_given_up_with_what_was_answered() -> None:
    lvd = CommandLine()
    done = lvd.run(
        *("send", "-", "--key", "k", "--target", "127.0.0.1:1", "--give-up-after", "0.5", "--json"),
        stdin=b'{"name":"A","payload":{}}',
        exit_code=1,
    )
    assert json.loads(done.stdout)["received"] == 0
    assert "Check that the server runs" in done.stderr


def test_whose_a_key_is_is_asked_for_again_with_a_word() -> None:
    """A person who waits for five minutes wants to know what for."""
    send = (
        "send",
        "/dev/null",
        "--key",
        "k",
        "--app",
        "A",
        "--target",
        "127.0.0.1:1",
        "--give-up-after",
        "1",
    )
    told = CommandLineInProcess().run(*send, exit_code=1).stderr
    assert "(UNAVAILABLE: " in told.splitlines()[0]
    assert "asking again in" in told.splitlines()[0]


def test_lines_of_a_pipe_are_sent_while_it_is_still_open(scene: Scene) -> None:
    tenant = scene.tenant("live pipe")
    sending = scene.lvd.start(
        *("send", "-", "--key", tenant.key, "--target", scene.address),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert sending.stdin is not None
    sending.stdin.write(b'{"name":"A","payload":{"n":1}}\n')
    sending.stdin.flush()
    wait_until(lambda: len(stored_identities(scene.engine, tenant.app_id)) == 1)
    out, _ = sending.communicate(b'{"name":"A","payload":{"n":2}}\n', timeout=60)
    assert b"Sent 2 events" in out
    assert check_app(scene.engine, tenant.app_id) == 2


def test_memory_does_not_grow_with_the_input(scene: Scene, tmp_path: Path) -> None:
    """The peak of sending 120 MB is that of sending 30 MB."""
    tenant = scene.tenant("large input")
    payload = json.dumps({"text": "x" * 6_000})

    def peak(count: int) -> int:
        """In MB, while so many lines are sent."""
        path = tmp_path / "lines.jsonl"
        with path.open("w") as file:
            for n in range(count):
                file.write(f'{{"name":"A","event_id":"{n % 1000}","payload":{payload}}}\n')
        sending = scene.lvd.start("send", path, "--key", tenant.key, "--target", scene.address)
        process, highest = psutil.Process(sending.pid), 0
        while sending.poll() is None:
            with suppress(psutil.NoSuchProcess):
                highest = max(highest, process.memory_info().rss)
            time.sleep(0.02)
        assert sending.returncode == 0
        return highest // 1_000_000

    assert abs(peak(20_000) - peak(5_000)) < 30


# Real webhooks: shared/data/github-webhooks.


@pytest.fixture(scope="module")
def webhooks() -> Path:
    return shared_data("github-webhooks")


def test_real_webhooks_are_judged_once_each(scene: Scene, webhooks: Path, tmp_path: Path) -> None:
    tenant = scene.tenant("webhooks", webhooks / "plan.json")
    payloads, out = webhooks / "payloads.jsonl", tmp_path / "verdicts.jsonl"
    arguments = ("--name-field", "event", "--app", "webhooks", "--verdicts", out)
    assert scene.send(tenant.key, payloads, *arguments) == counts(
        sent=255, received=255, valid=253, invalid=2
    )
    sources = read_lines(payloads)
    invalid = [verdict for verdict in read_lines(out) if verdict["verdict"] == "invalid"]
    for verdict in invalid:
        source = sources[verdict["line"] - 1]
        assert (source["event"], source["file"][:11]) == ("check_run", "rerequested")
        # Times without their T, under the fourth alternative of a oneOf, each by its own pointer.
        assert [(each["path"], each["kind"], each["value"]) for each in verdict["violations"]] == [
            (f"/check_run/{owner}/{field}", "format", '"2018-04-25 20:42:10"')
            for owner in ("app", "check_suite/app")
            for field in ("created_at", "updated_at")
        ]
    before = rollups(scene.engine, tenant.app_id)
    assert scene.send(tenant.key, payloads, *arguments) == counts(sent=255, received=255, duplicate=255)
    assert {verdict["verdict"] for verdict in read_lines(out)} == {"duplicate"}
    after = rollups(scene.engine, tenant.app_id)
    assert after.pop("duplicate") == 255
    assert after == before == {"valid": 253, "invalid": 2}
    assert check_app(scene.engine, tenant.app_id) == 255
    check_received(scene.engine, tenant.app_id, 510)


def rollups(engine: Engine, app_id: int) -> dict[str, int]:
    words = ("valid", "invalid", "unplanned", "duplicate", "rejected", "id_conflict")
    query = "SELECT status, sum(count) FROM rollup_minute WHERE app_id = :app_id GROUP BY 1 ORDER BY 1"
    with engine.connect() as conn:
        return {words[status]: int(total) for status, total in conn.execute(text(query), {"app_id": app_id})}


def test_real_webhooks_with_formats_as_annotation(scene: Scene, webhooks: Path, tmp_path: Path) -> None:
    plan = json.loads((webhooks / "plan.json").read_text()) | {"formats": "annotate"}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    tenant = scene.tenant("annotated", tmp_path / "plan.json")
    out = tmp_path / "verdicts.jsonl"
    told = scene.send(tenant.key, webhooks / "payloads.jsonl", "--name-field", "event", "--verdicts", out)
    assert told == counts(sent=255, received=255, valid=254, invalid=1)
    (invalid,) = (verdict for verdict in read_lines(out) if verdict["verdict"] == "invalid")
    source = read_lines(webhooks / "payloads.jsonl")[invalid["line"] - 1]
    assert source["event"] == "deployment_status"
    assert "gh-pages" in source["file"]


def test_a_removed_field_is_named_by_its_pointer(scene: Scene, webhooks: Path, tmp_path: Path) -> None:
    tenant = scene.tenant("removed", webhooks / "plan.json")
    lines, removed = [], []
    for source in read_lines(webhooks / "payloads.jsonl"):
        candidates = ("sender", "repository", "action", "installation")
        field = next(name for name in candidates if name in source["payload"])
        del source["payload"][field]
        removed.append(f"/{field}")
        lines.append(json.dumps(source))
    changed, out = tmp_path / "changed.jsonl", tmp_path / "verdicts.jsonl"
    changed.write_text("\n".join(lines))
    told = scene.send(tenant.key, changed, "--name-field", "event", "--verdicts", out)
    assert told == counts(sent=255, received=255, valid=2, invalid=253)
    for verdict, path in zip(read_lines(out), removed, strict=True):
        if verdict["verdict"] == "invalid":
            missing = [each for each in verdict["violations"] if each["kind"] == "missing_required"]
            assert path in [each["path"] for each in missing], verdict
            assert {each["received"] for each in missing} == {"missing"}
        else:
            assert json.loads(lines[verdict["line"] - 1])["event"] == "ping"
