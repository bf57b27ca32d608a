"""Producers by TLS, with and without certificates of their own, and what the wrong ones are told."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from cli.address import parse_address
from cli.all_in_one import _tls_answers
from livevalidation import Client, Event, GaveUp, Options, SendFailed, Undelivered, Verdict, tls_credentials
from tests.support.certificates import Authority, Pair
from tests.support.command_line import CommandLine
from tests.support.ingest import RunningServer, Tenant, new_tenant, running_server
from tests.support.server_process import server_process
from tests.support.writing import engine_of


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "strange")


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.issue()


@pytest.fixture(scope="module")
def tenant(module_database: str) -> Tenant:
    with engine_of(module_database) as engine:
        return new_tenant(engine, "shop")


@pytest.fixture(scope="module")
def tls_server(module_database: str, pair: Pair) -> Iterator[RunningServer]:
    with running_server(
        module_database, address="localhost:0", tls_cert=pair.certificate, tls_key=pair.key
    ) as running:
        yield running


@pytest.fixture(scope="module")
def mtls_server(module_database: str, pair: Pair, authority: Authority) -> Iterator[RunningServer]:
    with running_server(
        module_database,
        address="localhost:0",
        tls_cert=pair.certificate,
        tls_key=pair.key,
        tls_client_ca=authority.file,
    ) as running:
        yield running


def send_one(address: str, tenant: Tenant, credentials: grpc.ChannelCredentials | None) -> Verdict | None:
    """What an event is told. Raises SendFailed if it comes to nothing within 0.3 s of retries."""
    options = Options(credentials=credentials, give_up_after=0.3, initial_backoff=0.05)
    client = Client(address, tenant.key, options=options)
    try:
        return client.send(Event("Order Completed", {})).result(20).verdict
    finally:
        with suppress(Undelivered):
            client.close()


def test_events_come_in_by_tls(tls_server: RunningServer, tenant: Tenant, authority: Authority) -> None:
    credentials = tls_credentials(ca=authority.file)
    assert send_one(tls_server.address, tenant, credentials) is Verdict.UNPLANNED


def test_an_authority_that_did_not_vouch_is_told(
    tls_server: RunningServer, tenant: Tenant, stranger: Authority
) -> None:
    with pytest.raises(GaveUp, match="not vouched for by an authority that this client trusts"):
        send_one(tls_server.address, tenant, tls_credentials(ca=stranger.file))


def test_another_host_s_certificate_is_told(
    tls_server: RunningServer, tenant: Tenant, authority: Authority
) -> None:
    port = tls_server.address.rpartition(":")[2]
    with pytest.raises(GaveUp, match="is for another name"):
        send_one(f"127.0.0.1:{port}", tenant, tls_credentials(ca=authority.file))


def test_plain_text_to_a_tls_port_is_told(tls_server: RunningServer, tenant: Tenant) -> None:
    with pytest.raises(GaveUp, match="if it speaks TLS, give credentials"):
        send_one(tls_server.address, tenant, None)


def test_tls_to_a_plain_port_is_told(module_database: str, tenant: Tenant, authority: Authority) -> None:
    with (
        running_server(module_database, address="localhost:0") as running,
        pytest.raises(GaveUp, match="the server does not speak TLS"),
    ):
        send_one(running.address, tenant, tls_credentials(ca=authority.file))


def test_mtls_lets_in_only_those_whom_the_authority_vouches_for(
    mtls_server: RunningServer, tenant: Tenant, authority: Authority, stranger: Authority
) -> None:
    ours, strange = authority.issue("producer"), stranger.issue("producer")
    known = tls_credentials(ca=authority.file, certificate=ours.certificate, key=ours.key)
    assert send_one(mtls_server.address, tenant, known) is Verdict.UNPLANNED
    unknown = tls_credentials(ca=authority.file, certificate=strange.certificate, key=strange.key)
    for credentials in (unknown, tls_credentials(ca=authority.file)):
        with pytest.raises(GaveUp, match="if it asks for a certificate of yours, give one"):
            send_one(mtls_server.address, tenant, credentials)


def test_a_certificate_is_no_key(mtls_server: RunningServer, authority: Authority) -> None:
    ours = authority.issue("producer")
    credentials = tls_credentials(ca=authority.file, certificate=ours.certificate, key=ours.key)
    nobody = Tenant(0, "nobody", "lvd_aaaaaaaaaaaa_" + "a" * 32)
    with pytest.raises(SendFailed, match="UNAUTHENTICATED"):
        send_one(mtls_server.address, nobody, credentials)


def test_a_renewed_certificate_is_taken_up_without_a_restart(
    database: str, tmp_path: Path, authority: Authority
) -> None:
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "shop")
    before, after = Authority(tmp_path / "before"), Authority(tmp_path / "after")
    files = before.issue()
    settings = {"tls_cert": files.certificate, "tls_key": files.key}
    with running_server(database, address="localhost:0", **settings) as running:
        assert send_one(running.address, tenant, tls_credentials(ca=before.file)) is Verdict.UNPLANNED
        renewed = after.issue()
        files.certificate.write_bytes(renewed.certificate.read_bytes())
        # Not yet its key: the old pair goes on.
        assert send_one(running.address, tenant, tls_credentials(ca=before.file)) is Verdict.UNPLANNED
        files.key.write_bytes(renewed.key.read_bytes())
        assert send_one(running.address, tenant, tls_credentials(ca=after.file)) is Verdict.UNPLANNED
        with pytest.raises(GaveUp):
            send_one(running.address, tenant, tls_credentials(ca=before.file))


def test_lvd_up_knows_a_server_that_asks_for_certificates(mtls_server: RunningServer, pair: Pair) -> None:
    address = parse_address(mtls_server.address, "--grpc")
    assert _tls_answers(address)
    served = ssl.get_server_certificate((address.host, address.port))
    assert served.strip() in pair.certificate.read_text()
    assert not _tls_answers(parse_address("localhost:1", "--grpc"))


def test_the_command_line_sends_to_a_server_of_its_own_by_mtls(
    database: str, pair: Pair, authority: Authority
) -> None:
    with engine_of(database) as engine:
        tenant = new_tenant(engine, "shop")
    served = {"CERT": pair.certificate, "KEY": pair.key, "CLIENT_CA": authority.file}
    with server_process(
        database, **{f"INGEST_TLS_{name}": str(path) for name, path in served.items()}
    ) as server:
        target = server.address.replace("127.0.0.1", "localhost")
        lvd = CommandLine(DATABASE_URL=database, KEY=tenant.key, TARGET=target, TLS_CA=authority.file)
        ours = authority.issue("producer")
        line = b'{"name": "Order Completed", "payload": {}}'
        shown = ("--tls-cert", ours.certificate, "--tls-key", ours.key)
        assert lvd.json("send", "-", *shown, stdin=line)["received"] == 1
        told = lvd.run("send", "-", "--give-up-after", "0.2", exit_code=1, stdin=line).stderr
        assert "if it asks for a certificate of yours, give one" in told
        told = lvd.run("send", "-", "--tls-cert", ours.certificate, exit_code=2, stdin=line).stderr
        assert "A certificate needs its key" in told
