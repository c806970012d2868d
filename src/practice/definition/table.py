"""Reading a TOML table with every key known, every type checked, and every fault in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from practice.errors import DefinitionError

__all__ = ["Table", "close", "kind", "shown"]

_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def close(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known word, else an empty text.

    Examples
    --------
    >>> close("taget", ["target", "time"])
    "; did you mean 'target'?"
    >>> close("zzz", ["target"])
    ''
    """
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{found[0]}'?" if found else ""


def kind(value: object) -> str:
    """Name the TOML type of a value, with the value where it is short."""
    if isinstance(value, (list, dict)):
        return _KINDS[type(value)]
    word = _KINDS.get(type(value), "a date or time")
    return f"{word} ({shown(value)})"


def shown(value: object) -> str:
    """Write a value as TOML does, cut at 40 characters.

    Examples
    --------
    >>> shown(True), shown("x"), shown(1.5)
    ('true', "'x'", '1.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, (str, int, float)) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


@dataclass(frozen=True)
class Table:
    """One table of a definition.

    Parameters
    ----------
    raw : dict
        What tomllib read.
    file : str
        The file, as messages name it.
    name : str
        The table's name, empty for the top level.
    """

    raw: dict[str, Any]
    file: str
    name: str = ""

    def key(self, key: str) -> str:
        """Return the key with its table, as messages name it."""
        written = key if re.fullmatch(r"[\w.\[\]-]+", key) else repr(key)
        return f"{self.name}.{written}" if self.name else written

    def fault(self, key: str, what: str, hint: str = "") -> DefinitionError:
        """Make the error for a key.

        Examples
        --------
        >>> Table({}, "competition.toml", "split").fault("test", "must be less than 1").message
        'competition.toml: split.test: must be less than 1'
        """
        return DefinitionError(f"{self.file}: {self.key(key)}: {what}", hint)

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse the first key that is not allowed.

        Raises
        ------
        DefinitionError
            With the nearest allowed key, and all of them in the hint.
        """
        known = list(allowed)
        for key in self.raw:
            if key not in known:
                where = f"[{self.name}]" if self.name else "the top level"
                raise self.fault(
                    key, f"unknown key{close(key, known)}", f"keys of {where}: {', '.join(known)}"
                )

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self.raw

    def need(self, key: str, what: str) -> None:
        """Refuse a table that lacks a key; ``what`` says what it would hold."""
        if key not in self.raw:
            raise self.fault(key, f"missing: {what}")

    def text(self, key: str, default: str = "") -> str:
        """Return a text; one that is given is not empty."""
        if key not in self.raw:
            return default
        value = self.raw[key]
        if not isinstance(value, str):
            raise self.fault(key, f"must be a text, not {kind(value)}")
        if value == "":
            raise self.fault(key, "must not be empty")
        return value

    def texts(self, key: str, *, one: bool = False, empty: bool = False) -> tuple[str, ...]:
        """Return a list of texts without repeats; () where the key is missing.

        Parameters
        ----------
        key : str
        one : bool
            A single text stands for a list of one.
        empty : bool
            Texts may be empty.
        """
        if key not in self.raw:
            return ()
        value = self.raw[key]
        allowed = "a text or a list of texts" if one else "a list of texts"
        items = [value] if one and isinstance(value, str) else value
        if not isinstance(items, list):
            raise self.fault(key, f"must be {allowed}, not {kind(value)}")
        for item in items:
            if not isinstance(item, str):
                raise self.fault(key, f"must be {allowed}; it holds {kind(item)}")
            if item == "" and not empty:
                raise self.fault(key, "must not hold an empty text")
        if not items:
            raise self.fault(key, "must not be an empty list")
        for item in items:
            if items.count(item) > 1:
                raise self.fault(key, f"names {item!r} twice")
        return tuple(items)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(key, f"must be true or false, not {kind(value)}")
        return value

    def whole(self, key: str, default: int, least: int, most: int | None = None) -> int:
        """Return a whole number in [least, most]."""
        value = self.raw.get(key, default)
        if most is None:
            allowed = f"a whole number of at least {least}"
        else:
            allowed = f"a whole number from {least} to {most}"
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fault(key, f"must be {allowed}, not {kind(value)}")
        if value < least or (most is not None and value > most):
            raise self.fault(key, f"must be {allowed}, not {value}")
        return value

    def share(self, key: str, default: float) -> float:
        """Return a number between 0 and 1, neither included."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fault(
                key, f"must be a number between 0 and 1 (neither included), not {kind(value)}"
            )
        if not 0 < value < 1:
            raise self.fault(
                key, f"must be a number between 0 and 1 (neither included), not {value}"
            )
        return float(value)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the allowed words; without a default the key must be there."""
        words = ", ".join(allowed)
        if default is None:
            self.need(key, f"one of {words}")
        value = self.raw.get(key, default)
        if not isinstance(value, str):
            raise self.fault(key, f"must be one of {words}, not {kind(value)}")
        if value not in allowed:
            raise self.fault(key, f"must be one of {words}, not {value!r}{close(value, allowed)}")
        return value

    def table(self, key: str) -> Table:
        """Return the table under a key; an empty one where the key is missing."""
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            raise self.fault(key, f"must be a table, not {kind(value)}")
        return Table(value, self.file, self.key(key))
