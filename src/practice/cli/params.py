"""``--params`` and ``--param``: parameters written as ``k=v``, or kept in a JSON or TOML file."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import Any, NoReturn

from practice.errors import UsageError

__all__ = ["parameters", "value"]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def value(text: str) -> Any:
    """Read a value: JSON where it is JSON (numbers, true, lists), else the text itself.

    Examples
    --------
    >>> value("0.1"), value("true"), value("macro"), value("NaN"), value("[1, 2]")
    (0.1, True, 'macro', 'NaN', [1, 2])
    """
    try:
        found = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text
    return text if isinstance(found, float) and not math.isfinite(found) else found


def parameters(given: Iterable[str], option: str, *, files: bool = True) -> dict[str, Any]:
    """Put parameters together, later ones over earlier ones.

    Parameters
    ----------
    given : iterable of str
        Each ``k=v`` or, where ``files``, the path of a JSON or TOML file.
    option : str
        How the option is called, for messages.
    files : bool

    Returns
    -------
    dict of str to object

    Raises
    ------
    UsageError

    Examples
    --------
    >>> parameters(["depth=3", "kind=gbdt"], "--params")
    {'depth': 3, 'kind': 'gbdt'}
    """
    found: dict[str, Any] = {}
    for text in given:
        if files and Path(text).is_file():
            found.update(_file(Path(text)))
            continue
        name, equals, written = text.partition("=")
        if not equals or not name.strip():
            also = ", or a JSON or TOML file that exists" if files else ""
            raise UsageError(f"{option} {text!r} is not NAME=VALUE{also}", f"{option} depth=3")
        found[name.strip()] = value(written)
    return found


def _file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        toml = path.suffix.lower() == ".toml"
        found = tomllib.loads(text) if toml else json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise UsageError(f"{path} is neither JSON nor TOML: {error}", "--params depth=3") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds no table of parameters", 'such as {"depth": 3}')
    kept = _plain(found)
    assert isinstance(kept, dict)
    return kept


def _plain(found: Any) -> Any:
    """Write what JSON cannot hold (TOML's dates, inf and nan) as text."""
    if isinstance(found, dict):
        return {key: _plain(each) for key, each in found.items()}
    if isinstance(found, list):
        return [_plain(each) for each in found]
    if isinstance(found, date | time):  # a datetime is a date
        return found.isoformat()
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    return found
