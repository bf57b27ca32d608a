"""docs/operations.md against the code: every setting with its default, every metric, every limit."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from typer.main import get_command

from cli.logs import LogSettings
from cli.main import cli
from dashboard.server import _WRITERS as DASHBOARD_WRITERS
from dashboard.settings import DashboardSettings
from ingest_server.metrics import Metrics
from ingest_server.server import _OTHER_CONNECTIONS as OTHER_CONNECTIONS
from ingest_server.settings import IngestSettings
from storage.settings import StorageSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
KINDS: tuple[type[BaseSettings], ...] = (StorageSettings, LogSettings, IngestSettings, DashboardSettings)


def key_of(kind: type[BaseSettings], name: str) -> str:
    return f"{kind.model_config['env_prefix']}{name}".upper()


def as_written(field: FieldInfo) -> str:
    """The default as one would set it, in a table's cell."""
    default = field.default
    if default is None or default == ():
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, timedelta):
        return f"`{_span(round(default.total_seconds()))}`"
    return f"`{default}`"


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


DEFAULTS = {
    key_of(kind, name): as_written(field) for kind in KINDS for name, field in kind.model_fields.items()
}


@pytest.mark.parametrize("key", DEFAULTS)
def test_every_setting_is_there_with_its_default(key: str) -> None:
    row = re.search(rf"^\| `{key}` \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    assert row is not None
    assert row[1] == DEFAULTS[key]


def test_no_other_setting_is_there() -> None:
    assert set(re.findall(r"^\| `(LVD_\w+)` \| (?:`[^`]*`|none) \| [^|]+ \|$", PAGE, re.MULTILINE)) == set(
        DEFAULTS
    )


def of_options(group: Any) -> set[str]:
    """The variables of the commands' options."""
    if not hasattr(group, "list_commands"):
        return {each.envvar for each in group.params if each.envvar}
    context = typer.Context(group)
    return set().union(
        *(of_options(group.get_command(context, name)) for name in group.list_commands(context))
    )


#: Of the tests alone, and of Compose.
ELSEWHERE = {"LVD_CHROMIUM", "LVD_POSTGRES_PASSWORD"}


def test_every_variable_of_an_option_is_there() -> None:
    assert of_options(get_command(cli)) <= set(re.findall(r"`(LVD_\w+)`", PAGE))


def test_no_document_names_a_variable_that_there_is_not() -> None:
    known = {*DEFAULTS, *of_options(get_command(cli)), *ELSEWHERE}
    for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        named = set(re.findall(r"LVD_\w*[A-Z]\b", document.read_text(encoding="utf-8")))
        assert named <= known, document.name


def test_every_metric_is_there_with_its_kind_and_no_other() -> None:
    ours = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in Metrics().registry.collect()
        if family.name.startswith("lvd_")
    }
    told = dict(re.findall(r"^\| `(lvd_\w+)` \| (counter|gauge|histogram)\b", PAGE, re.MULTILINE))
    assert told == ours


def test_as_many_connections_are_told_as_there_may_be() -> None:
    assert f"`LVD_INGEST_WRITERS` + {OTHER_CONNECTIONS} |" in PAGE
    assert f"(`LVD_DASHBOARD_THREADS` + {DASHBOARD_WRITERS})" in PAGE


ALARMS = PAGE.partition("## Alarms")[2].partition("\n## ")[0]


def test_alarms_name_metrics_that_there_are() -> None:
    names = {sample.name for family in Metrics().registry.collect() for sample in family.samples}
    used = set(re.findall(r"lvd_ingest_\w+", ALARMS))
    histograms = {name for name in used if name.endswith("_bucket")}
    assert used - histograms <= names
    assert {name.removesuffix("_bucket") + "_count" for name in histograms} <= names


def test_alarms_name_series_that_there_are_before_anything_happened() -> None:
    """Else rate() does not see the first one."""
    registry = Metrics().registry
    asked = re.findall(r'(lvd_ingest_\w+)\{(\w+)=~?"([^"]+)"\}', ALARMS)
    assert len(asked) >= 4
    for name, label, values in asked:
        for value in values.split("\\|"):
            assert registry.get_sample_value(name, {label: value}) == 0


def test_alarms_compare_what_has_the_same_labels() -> None:
    """PromQL matches nothing else, and says nothing of it."""
    labels = {
        sample.name: [*sample.labels] for family in Metrics().registry.collect() for sample in family.samples
    }
    for alarm in (row.split(" | ")[0] for row in ALARMS.splitlines()):
        used = re.findall(r"lvd_ingest_\w+_total", alarm)
        for name in used if len(used) > 1 else ():
            assert not labels[name] or f"sum without ({', '.join(labels[name])}) (rate({name}" in alarm


def test_every_refusal_is_explained() -> None:
    limits = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    for reason in (
        "message_too_large",
        "too_many_events",
        "rate_exceeded",
        "too_many_streams",
        "too_many_streams_of_app",
        "acks_unread",
    ):
        assert f'reason="{reason}"' in limits
