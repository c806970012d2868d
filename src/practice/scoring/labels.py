"""Labels as integer codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LabelCoder", "code_type", "is_missing", "is_number", "number_of", "sort_labels"]

_NUMBER = re.compile(r"[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")
_MISSING = frozenset({"", "na", "n/a", "nan", "-nan", "null", "none", "<na>", "#n/a", "nat"})
_REMEMBERED = 100_000  # spellings a coder keeps


def is_number(text: str) -> bool:
    """Say whether a cell is a decimal number; spaces around it do not matter.

    Examples
    --------
    >>> is_number(" 1e-3"), is_number("+.5"), is_number("1_0"), is_number("nan")
    (True, True, False, False)
    """
    return _NUMBER.fullmatch(text) is not None


def is_missing(text: str) -> bool:
    """Say whether a cell is empty or one of the usual spellings of a missing value.

    Examples
    --------
    >>> is_missing(""), is_missing("NaN"), is_missing("0")
    (True, True, False)
    """
    return text.strip().lower() in _MISSING


def number_of(text: str) -> Decimal | None:
    """Return the exact value of a number, None where the text is not one.

    Examples
    --------
    >>> number_of("1.0") == number_of("1"), number_of("True")
    (True, None)
    """
    if not is_number(text):
        return None
    try:
        return Decimal(text.strip())
    except ArithmeticError:  # an exponent of twenty digits
        return None


def sort_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Sort labels, numerically where all are numbers.

    Parameters
    ----------
    labels : iterable of str

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> sort_labels(["10", "9"]), sort_labels(["10", "9", "x"])
    (('9', '10'), ('10', '9', 'x'))
    """
    texts = list(labels)
    numbers = [number_of(text) for text in texts]
    if any(number is None for number in numbers):
        return tuple(sorted(texts))
    return tuple(text for _, text in sorted(zip(numbers, texts, strict=True)))


def code_type(labels: int) -> np.dtype[np.signedinteger]:
    """Return the smallest signed integer type that holds -1 and the codes of so many labels.

    Examples
    --------
    >>> code_type(2), code_type(129)
    (dtype('int8'), dtype('int16'))
    """
    for kind in (np.int8, np.int16, np.int32):
        if labels - 1 <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int64)


class LabelCoder:
    """Turns the text of a label into its code.

    Where all labels are numbers, a numerically equal text is the same label: ``1.0`` for ``1``.

    Parameters
    ----------
    labels : sequence of str or None
        The labels allowed. None: labels are learned as they come, and a missing one has code -1.

    Attributes
    ----------
    labels : list of str
    learns : bool

    Examples
    --------
    >>> coder = LabelCoder(["0", "1"])
    >>> coder.codes(["1", "1.0", "True"])
    array([ 1,  1, -1], dtype=int8)
    """

    def __init__(self, labels: Sequence[str] | None) -> None:
        self.labels = list(labels or ())
        self.learns = labels is None
        self._codes = {label: code for code, label in enumerate(self.labels)}
        numbers = {number_of(label): code for code, label in enumerate(self.labels)}
        self._numbers = numbers if len(numbers) == len(self.labels) and None not in numbers else {}

    def code(self, text: str) -> int:
        """Return the code of a label, -1 where there is none.

        Parameters
        ----------
        text : str

        Returns
        -------
        int
        """
        code = self._codes.get(text)
        if code is not None:
            return code
        if self.learns:
            if is_missing(text):
                return -1
            self._codes[text] = len(self.labels)
            self.labels.append(text)
            return self._codes[text]
        code = self._numbers.get(number_of(text), -1) if self._numbers else -1
        if code >= 0 and len(self._codes) < _REMEMBERED:
            self._codes[text] = code
        return code

    def in_order(self) -> tuple[tuple[str, ...], NDArray[np.signedinteger]]:
        """Return learned labels in order, numerically equal ones as one.

        Returns
        -------
        labels : tuple of str
            Sorted, numerically where all are numbers; of equal numbers, the spelling met first.
        codes : ndarray, shape (learned + 1,)
            The place of each learned label among them, so that ``codes[old]`` is the new code; the
            last is -1, which keeps a missing label missing.

        Examples
        --------
        >>> coder = LabelCoder(None)
        >>> coder.codes(["10", "9", "", "9.0"])
        array([ 0,  1, -1,  2], dtype=int32)
        >>> coder.in_order()
        (('9', '10'), array([ 1,  0,  0, -1], dtype=int8))
        """
        numbers = [number_of(label) for label in self.labels]
        keys: list[Any] = self.labels if None in numbers else numbers
        spelled: dict[Any, str] = {}
        for key, label in zip(keys, self.labels, strict=True):
            spelled.setdefault(key, label)
        ordered = sorted(spelled)
        place = {key: code for code, key in enumerate(ordered)}
        codes = [*(place[key] for key in keys), -1]
        labels = tuple(spelled[key] for key in ordered)
        return labels, np.array(codes, code_type(len(labels)))

    def codes(self, texts: Sequence[str]) -> NDArray[np.signedinteger]:
        """Return the codes of labels.

        Parameters
        ----------
        texts : sequence of str

        Returns
        -------
        ndarray, shape (len(texts),)
            Of the smallest signed integer type (int32 while labels are learned).
        """
        kind = np.dtype(np.int32) if self.learns else code_type(len(self.labels))
        return np.fromiter(map(self.code, texts), kind, len(texts))
