"""How commands are grouped: each group in a module of its own, imported when it is asked for."""

from importlib import import_module
from typing import ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


def new_group(help_text: str | None = None, *, cls: type[TyperGroup] | None = None) -> typer.Typer:
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


class LazyGroup(TyperGroup):
    """Commands by the modules of `cli.commands`, each with a group named `cli`.

    Half of what lvd imports is for one command: a server must not carry what another one needs.
    """

    #: Command → its module, in the order of the help.
    modules: ClassVar[dict[str, str]] = {}

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002
        """The names, without importing anything."""
        return list(self.modules)

    def get_command(  # type: ignore[override]
        self,
        ctx: typer.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> TyperGroup | TyperCommand | None:
        """The command of that name, None if there is none."""
        if cmd_name not in self.modules:
            return None
        command = get_command(import_module(f"cli.commands.{self.modules[cmd_name]}").cli)
        command.name = cmd_name
        return command  # type: ignore[return-value]
