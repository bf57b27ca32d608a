"""The content security policy."""

import base64
import hashlib

from dashboard.security import inline_hashes, policy

PAGE = """
<script src="/assets/a.js"></script>
<script id="_dash-config" type="application/json">{"a": 1}</script>
<script>one()</script>
<script id="r" type="application/javascript">var two = "</p>";</script>
<script>one()</script>
"""


def test_every_executed_inline_script_is_hashed_once() -> None:
    expected = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in (b"one()", b'var two = "</p>";')
    ]
    assert inline_hashes(PAGE) == expected


def test_scripts_come_from_here_and_never_from_text() -> None:
    directives = dict(part.split(" ", 1) for part in policy(["'sha256-x'"]).split("; "))
    assert directives["script-src"] == "'self' 'sha256-x'"
    assert "unsafe-eval" not in policy([])
    assert directives["frame-ancestors"] == directives["object-src"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in directives.values())
