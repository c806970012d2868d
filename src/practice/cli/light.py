"""Parameters of the command line without pydantic, whose import takes longer than a parse."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import Any, get_args, get_origin

import typer

__all__ = ["HELP", "flowing", "lighten"]

HELP = ["-h", "--help"]


class _Coercion:
    """Turns words into the few types that our parameters have: str, int, bool, Path, lists."""

    def __init__(self, annotation: Any) -> None:
        self.kind = get_args(annotation)[0] if get_origin(annotation) is list else annotation

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return what a parameter's words mean; nothing given is None or an empty tuple."""
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        if many:
            return [self._one(each, param, ctx) for each in value]
        return self._one(value, param, ctx)

    def _one(self, word: Any, param: Any, ctx: Any) -> Any:
        if self.kind is Path:
            return Path(word)
        if self.kind is int:
            try:
                return int(word)
            except ValueError:
                raise typer.BadParameter(
                    f"{word!r} is not a whole number", ctx=ctx, param=param
                ) from None
        return word


def lighten(command: Any) -> None:
    """Give the parameters of a command our own coercion, and flags no type in the help.

    Releases of typer that do not use pydantic have no such attribute, and nothing changes there.

    Parameters
    ----------
    command : TyperCommand or TyperGroup
    """
    context = typer.Context(command, help_option_names=HELP)
    for param in command.get_params(context):  # with the help option, which has a type too
        if getattr(param, "_runtime_param", 0) is None and _known(param):
            param._runtime_param = _Coercion(param.type_descriptor.annotation)
            if param.type_descriptor.annotation is bool:
                param.metavar = ""  # a flag takes no value, so the help shows none


def flowing(text: str) -> str:
    r"""Join the lines of each paragraph, so that a terminal breaks them where it ends.

    Parameters
    ----------
    text : str
        A docstring.

    Returns
    -------
    str

    Examples
    --------
    >>> flowing("First line.\n\n    A paragraph of\n    two lines.\n    ")
    'First line.\n\nA paragraph of two lines.'
    """
    return "\n\n".join(" ".join(part.split()) for part in cleandoc(text).split("\n\n"))


def _known(param: Any) -> bool:
    annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    item = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    return item in (str, int, bool, Path)
