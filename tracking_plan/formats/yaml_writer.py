"""JSON values as YAML that every reader of YAML takes for the same values."""

import re
from typing import Any

import yaml

#: Texts that mean themselves in every version of YAML without quotes; PyYAML quotes the few words among them
#: that do not (`no`, `null`).
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./$-]*")


def write_yaml(document: Any, *, readable: bool = True) -> str:
    """The document in block style; `readable` leaves letters beyond ASCII as they are."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=readable, width=100)


class _Dumper(yaml.CSafeDumper):
    """Quotes every text that some YAML might read as anything else; repeats what aliases would share."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML's signature
        """Always: plans are read by people."""
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if _PLAIN.fullmatch(text) else '"'
    )


_Dumper.add_representer(str, _text)
