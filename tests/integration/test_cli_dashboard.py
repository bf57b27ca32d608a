"""`lvd dashboard` as a process."""

import json
import subprocess
import urllib.request

from tests.support.command_line import CommandLine
from tests.support.server_process import free_port
from tests.support.waiting import wait_until


def test_the_page_is_served_at_an_ipv6_address(database: str) -> None:
    place = f"[::1]:{free_port()}"
    lvd = CommandLine(DATABASE_URL=database)
    process = lvd.start("dashboard", "--http", place, "--json", stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        page = json.loads(process.stdout.readline())["http"]
        assert page == f"http://{place}/"
        wait_until(lambda: answers(f"{page}healthz"), 60)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
