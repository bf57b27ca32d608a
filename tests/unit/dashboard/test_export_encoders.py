"""How exported rows become a file."""

import json
from datetime import UTC, datetime

import pytest

from dashboard.exports.encoders import ParquetEncoder
from dashboard.exports.rows import Exported

LARGE = json.dumps([{"path": f"/items/{number}"} for number in range(4_000)])
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def exported(seq: int, violations: str, payload: str) -> Exported:
    return Exported(seq, NOW, None, "n", "invalid", None, None, None, "", "", "", "", 1, violations, payload)


@pytest.mark.parametrize(("violations", "payload"), [(LARGE, "{}"), ("[]", LARGE)])
def test_parquet_does_not_keep_more_of_large_rows_than_a_group(violations: str, payload: str) -> None:
    encoder = ParquetEncoder()
    encoder.begin()
    assert encoder.add([exported(0, "[]", "{}")]) == b""
    assert encoder.add([exported(seq, violations, payload) for seq in range(1, 300)]) != b""
