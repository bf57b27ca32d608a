"""How commands are grouped: each group in a module of its own, imported when it is asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

#: Longer than any first sentence: a summary is wrapped, not cut off.
_WHOLE_SENTENCE = 1_000


class Group(TyperGroup):
    """Commands, told of in the help by whole sentences."""

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Writes each command with its summary."""
        rows = [(name, self.summary(name)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def summary(self, name: str) -> str:
        """The first sentence of a command's own help."""
        return self.commands[name].get_short_help_str(_WHOLE_SENTENCE)


def new_group(help_text: str | None = None, *, cls: type[TyperGroup] = Group) -> typer.Typer:
    """An empty group. A module with one command makes it a group of one, which is that command.

    Plain help without panels, to be piped and searched; no tracebacks with the values of variables.
    """
    return typer.Typer(
        cls=cls,
        help=help_text,
        no_args_is_help=help_text is not None,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


class LazyGroup(Group):
    """Commands, each in a module of `cli.commands` of its name, with a group named `cli`.

    Half of what lvd imports is for one command: a server must not carry what another one needs, and the help
    is told without any of them.
    """

    #: Command → its summary, in the order of the help.
    summaries: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Modules(self.summaries)  # type: ignore[assignment]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """The names, without importing any command."""
        return list(self.summaries)

    def summary(self, name: str) -> str:
        """Without importing the command."""
        return self.summaries[name]


class _Modules(Mapping[str, TyperGroup | TyperCommand]):
    """Command → what it does, imported when it is looked up."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> TyperGroup | TyperCommand:
        if name not in self._names:
            raise KeyError(name)
        command: Any = get_command(import_module(f"cli.commands.{name}").cli)
        command.name = name
        return command  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
