"""Fuzzes what ingest does with bytes: `python tests/fuzz/run.py [libFuzzer's arguments]`, or `make fuzz`.

Coverage guides it. What it finds worth keeping lies in .fuzz/, so that the next run goes on from there; an
input that fails is written beside it, and belongs into tests/fuzz/corpus/ with its mend.
"""

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["ingest_server", "storage", "tracking_plan"]):
    from tests.fuzz.ingest_target import try_bytes

#: In seconds; an input that takes longer is a failure, as one that takes more memory (MB).
_LONGEST, _MEMORY = 5, 1_024


def main() -> None:
    """Runs until stopped, or for `-max_total_time=SECONDS`."""
    found = ROOT / ".fuzz"
    found.mkdir(exist_ok=True)
    options = [f"-timeout={_LONGEST}", f"-rss_limit_mb={_MEMORY}", f"-artifact_prefix={found}/failed-"]
    folders = [str(found), str(ROOT / "tests" / "fuzz" / "corpus")]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], *folders], try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
