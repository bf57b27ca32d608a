"""Counts events in one of two ways: `python -m benchmarks.memory_process prototype|ours APP_ID`.

A process of its own, so that its memory can be watched: says `ready`, begins when it reads a line, says
`done`.
"""

import os
import sys

from benchmarks import prototype_ways
from benchmarks.database import bench_engine
from storage.readers import Reader


def main() -> None:
    """Counts once."""
    way, app_id = sys.argv[1], int(sys.argv[2])
    with bench_engine(os.environ["LVD_DATABASE_URL"]) as engine:
        reader = Reader(engine)
        # Everything is imported and connected.
        reader.ledger(app_id)
        print("ready", flush=True)
        sys.stdin.readline()
        if way == "ours":
            reader.totals(app_id, None, None)
        else:
            prototype_ways.stats_of_loaded_rows(engine, app_id)
    print("done", flush=True)


if __name__ == "__main__":
    main()
