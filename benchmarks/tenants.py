"""Apps to send to, each with the benchmark's plan and a key."""

from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Engine

from benchmarks.events import PLAN
from storage.apps import AppStore
from storage.keys import KeyStore
from storage.plans import PlanStore


@dataclass(frozen=True, slots=True)
class Tenant:
    """An app and a key of it."""

    app_id: int
    name: str
    key: str


def new_tenants(engine: Engine, count: int) -> list[Tenant]:
    """Makes apps; a kept database may have those of earlier runs. Raises Unavailable."""
    run = token_hex(4)
    return [_new_tenant(engine, f"bench {run} {number:03d}") for number in range(count)]


def _new_tenant(engine: Engine, name: str) -> Tenant:
    app_id = AppStore(engine).create(name)
    PlanStore(engine).push(app_id, PLAN)
    return tenant_of(engine, app_id, name)


def tenant_of(engine: Engine, app_id: int, name: str) -> Tenant:
    """An app that is there, with a new key. Raises Unavailable."""
    return Tenant(app_id, name, KeyStore(engine).create(app_id).key)
