"""Typed parameters of a metric, read from its function's keyword-only arguments."""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from practice.errors import UsageError

__all__ = ["Must", "Parameter", "bind", "parameters_of"]


@dataclass(frozen=True)
class Must:
    """What a value must satisfy beyond its type, as ``Annotated[float, Must(...)]``.

    Parameters
    ----------
    text : str
        Completes "must be ...", such as ``"above 0"``.
    test : callable
        True where a value of the right type is allowed.

    Examples
    --------
    >>> Must("above 0", lambda value: value > 0).test(2)
    True
    """

    text: str
    test: Callable[[Any], bool]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a metric.

    Parameters
    ----------
    name : str
    hint : type
        Built from bool, int, float, str, None, ``Literal``, ``tuple[T, ...]``, unions of these, and
        ``Annotated`` with :class:`Must`.
    default : object
        ``inspect.Parameter.empty`` where the parameter has to be given.

    Examples
    --------
    >>> Parameter("k", int, 5).coerce("10")
    10
    >>> Parameter("average", Literal["macro", "micro"], "macro").describe()
    'macro or micro'
    """

    name: str
    hint: Any
    default: Any

    @property
    def required(self) -> bool:
        """True where the parameter has no default."""
        return self.default is inspect.Parameter.empty

    def describe(self) -> str:
        """Say in words what the parameter may be."""
        return _describe(self.hint)

    def coerce(self, value: Any) -> Any:
        """Turn a value, or its text on a command line, into the parameter's type.

        Parameters
        ----------
        value : object

        Returns
        -------
        object
            Of the type that ``hint`` names.

        Raises
        ------
        ValueError
            Where the value does not fit.
        """
        return _coerce(value, self.hint)


@cache
def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """Read the parameters of a metric from its function's keyword-only arguments.

    Parameters
    ----------
    function : callable
        Its keyword-only arguments are annotated.

    Returns
    -------
    dict of str to Parameter
        In the order of the signature.

    Examples
    --------
    >>> def loss(y_true, y_pred, *, alpha: float = 0.5): ...
    >>> parameters_of(loss)["alpha"].default
    0.5
    """
    arguments = inspect.signature(function).parameters.values()
    keywords = [a for a in arguments if a.kind is inspect.Parameter.KEYWORD_ONLY]
    hints = get_type_hints(function, include_extras=True) if keywords else {}
    return {a.name: Parameter(a.name, hints[a.name], a.default) for a in keywords}


def bind(metric: str, known: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check and coerce what was given, and fill in the defaults.

    Parameters
    ----------
    metric : str
        Its name, for messages.
    known : mapping of str to Parameter
    given : mapping of str to object
        Values or their texts.

    Returns
    -------
    dict of str to object
        A value for every known parameter.

    Raises
    ------
    UsageError
        Where a parameter is unknown, missing or of the wrong type; the message names what is
        allowed.

    Examples
    --------
    >>> bind("pinball", {"alpha": Parameter("alpha", float, 0.5)}, {"alpha": "0.9"})
    {'alpha': 0.9}
    """
    listing = ", ".join(known) if known else "it has none"
    for name in given:
        if name not in known:
            raise UsageError(f"metric {metric} has no parameter {name!r}; parameters: {listing}")
    bound = {}
    for name, parameter in known.items():
        if name in given:
            try:
                bound[name] = parameter.coerce(given[name])
            except ValueError:
                raise UsageError(
                    f"metric {metric}: {name} must be {parameter.describe()}, not {given[name]!r}"
                ) from None
        elif parameter.required:
            raise UsageError(
                f"metric {metric} needs the parameter {name}: {parameter.describe()}",
                hint=f"--param {name}=...",
            )
        else:
            bound[name] = parameter.default
    return bound


def _coerce(value: Any, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        value = _coerce(value, arguments[0])
        if all(must.test(value) for must in arguments[1:]):
            return value
    elif origin is Literal:
        for option in arguments:
            if str(option) == str(value):
                return option
    elif origin in (Union, types.UnionType):
        return _coerce_union(value, arguments)
    elif origin is tuple:
        return _coerce_tuple(value, arguments[0])
    elif hint is types.NoneType:
        if value is None or (isinstance(value, str) and value.strip().lower() in ("none", "")):
            return None
    elif hint is bool:
        return _coerce_bool(value)
    elif hint is str:
        if isinstance(value, str):
            return value
    elif hint in (int, float) and not isinstance(value, bool):
        return _coerce_number(value, hint)
    raise ValueError


def _coerce_union(value: Any, members: tuple[Any, ...]) -> Any:
    """Return the value as the first member of the union that takes it."""
    for member in members:
        try:
            return _coerce(value, member)
        except ValueError:
            continue
    raise ValueError


def _coerce_tuple(value: Any, item: Any) -> tuple[Any, ...]:
    """Read a sequence, or its text with commas: ``0, .4, 1`` or ``[0, .4, 1]``."""
    if isinstance(value, str):
        value = [part.strip() for part in value.strip().strip("[]()").split(",")]
    elif not isinstance(value, (list, tuple)):
        value = [value]
    return tuple(_coerce(part, item) for part in value)


def _coerce_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError


def _coerce_number(value: Any, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, str):
        number: int | float = kind(value)
    elif isinstance(value, (int, float)) and kind(value) == value:
        number = kind(value)
    else:
        raise ValueError
    if not math.isfinite(number):
        raise ValueError
    return number


def _describe(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return " ".join([_describe(arguments[0]), *(must.text for must in arguments[1:])])
    if origin is Literal:
        return _alternatives([str(option) for option in arguments])
    if origin in (Union, types.UnionType):
        return _alternatives([_describe(member) for member in arguments])
    if origin is tuple:
        return f"{_plural(arguments[0])} separated by commas"
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return words.get(hint, "none")


def _plural(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        base, *musts = get_args(hint)
        return " ".join([_plural(base), *(must.text for must in musts)])
    return f"{_describe(hint)}s".removeprefix("a ")


def _alternatives(options: list[str]) -> str:
    """Join as English does: ``a, b or c``."""
    if len(options) == 1:
        return options[0]
    return f"{', '.join(options[:-1])} or {options[-1]}"
