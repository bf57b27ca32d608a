from uuid import UUID

import pytest

from storage.identity import canonical, content_hash, event_key

UUID_TEXT = "018f3c1e-9b2a-7cc1-8f00-0242ac120002"


def test_a_uuid_without_run_is_its_own_key() -> None:
    assert event_key(UUID_TEXT, "n", None, None, b"{}") == UUID(UUID_TEXT).bytes
    assert event_key(UUID_TEXT.upper(), "n", None, None, b"{}") == UUID(UUID_TEXT).bytes


@pytest.mark.parametrize(
    "text",
    [
        UUID_TEXT.replace("-", ""),
        UUID_TEXT.replace("-", "_"),
        "{" + UUID_TEXT[1:],
        "018f3c1e-9b2a-7cc1-8f00-0242ac12 002",
        "018f3c1e-9b2a-7cc1-8f00-0242ac12000g",
        "order-1",
        "é" * 36,
    ],
)
def test_other_texts_are_hashed(text: str) -> None:
    key = event_key(text, "n", None, None, b"{}")
    assert len(key) == 16
    assert key != UUID(UUID_TEXT).bytes


def test_a_run_makes_another_event_of_the_same_id() -> None:
    keys = {event_key(UUID_TEXT, "n", None, run, b"{}") for run in (None, "ci-1", "ci-2")}
    assert len(keys) == 3


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert event_key(None, "ab", "c", None, b"{}") != event_key(None, "a", "bc", None, b"{}")
    assert event_key("b", "n", None, "a", b"{}") != event_key("", "n", None, "ab", b"{}")


def test_without_an_id_the_content_is_the_identity() -> None:
    same = event_key(None, "n", "s", None, canonical({"a": 1, "b": 2}))
    assert same == event_key(None, "n", "s", None, canonical({"b": 2, "a": 1}))
    assert same != event_key(None, "n", "s", None, canonical({"a": 1, "b": 2.0}))


def test_content_differs_by_name_subject_and_payload_and_fits_a_bigint() -> None:
    hashes = {
        content_hash(name, subject, payload)
        for name in ("a", "b")
        for subject in (None, "s")
        for payload in (b"{}", b'{"a":1}')
    }
    assert len(hashes) == 8
    assert all(-(2**63) <= value < 2**63 for value in hashes)
