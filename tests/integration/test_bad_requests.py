"""Each message, call, plan and request of docs/bad-input.md, sent to the real thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from dash import Dash
from sqlalchemy import Engine

from livevalidation.v1 import ingest_pb2, ingest_pb2_grpc
from storage.plans import PlanStore
from storage.readers import Reader
from tests.support.bad_requests import (
    APP,
    CALLS,
    MESSAGES,
    PLANS,
    REQUESTS,
    Call,
    Message,
    Plan,
    Request,
    message_table,
    plan_table,
    request_table,
)
from tests.support.dashboards import dashboard_on
from tests.support.ingest import RunningServer, Tenant, ended, new_tenant, running_server, send_bytes
from tests.support.writing import engine_of
from tracking_plan.formats import load_plan
from tracking_plan.problems import PlanError

_DOCS = Path(__file__).parents[2] / "docs" / "bad-input.md"
#: Of our insides: nobody outside may read them.
_INTERNALS = ("Traceback", "SELECT", "psycopg", "pydantic", "/ingest_server/", "DecodeError")


@dataclass(frozen=True)
class Site:
    """All that takes input."""

    ingest: RunningServer
    app: Dash
    engine: Engine
    tenant: Tenant


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with engine_of(module_database) as engine, running_server(module_database) as ingest:
        app = dashboard_on(engine, tmp_path_factory.mktemp("cache"))
        yield Site(ingest, app, engine, new_tenant(engine, "shop"))


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.what)
def test_a_message_ends_its_call_with_a_reason(case: Message, site: Site) -> None:
    with pytest.raises(grpc.RpcError) as error:
        send_bytes(site.ingest.address, site.tenant.key, [case.raw])
    _check_status(case, error.value)


@pytest.mark.parametrize("case", CALLS, ids=lambda case: case.what)
def test_a_call_without_a_key_is_not_let_in(case: Call, site: Site) -> None:
    with grpc.insecure_channel(site.ingest.address) as channel:
        stub = ingest_pb2_grpc.IngestServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.SendEvents(ingest_pb2.EventBatch(), metadata=case.metadata, timeout=20)
    _check_status(case, error.value)


def _check_status(case: Message | Call, error: BaseException) -> None:
    end = ended(error)
    assert end.code is case.code
    assert case.words in end.message
    assert end.retry_seconds is None
    assert not any(word in end.message for word in _INTERNALS)


@pytest.mark.parametrize("case", PLANS, ids=lambda case: case.what)
def test_a_plan_is_refused_with_its_place(case: Plan) -> None:
    with pytest.raises(PlanError) as refused:
        load_plan(case.text, case.filename)
    assert case.words in str(refused.value)
    assert not any(word in str(refused.value) for word in _INTERNALS)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.what)
def test_a_request_is_answered_in_words(case: Request, site: Site) -> None:
    client = site.app.server.test_client()
    if isinstance(case.body, bytes):
        answer = client.post(case.route, data=case.body, headers=case.headers)
    else:
        answer = client.post(case.route, json=_of_app(case.body, site.tenant.app_id))
    said = answer.get_data(as_text=True)
    assert answer.status_code == case.status, said
    assert case.words in answer.get_json()["message"]
    assert answer.get_json()["message"]
    assert not any(word in said for word in _INTERNALS)


def _of_app(body: Any, app_id: int) -> Any:
    """The same, asked of a real app."""
    if isinstance(body, dict):
        return {
            key: app_id if key == "app_id" and value == APP else _of_app(value, app_id)
            for key, value in body.items()
        }
    return body


def test_behind_all_of_them_nothing_was_stored(site: Site) -> None:
    assert Reader(site.engine).ledger(site.tenant.app_id).last_seq == 0
    assert PlanStore(site.engine).list(site.tenant.app_id) == ()


@pytest.mark.parametrize("table", [message_table, plan_table, request_table])
def test_the_docs_show_these_tables(table: Any) -> None:
    assert table() in _DOCS.read_text()
