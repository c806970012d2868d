"""The ``score`` function of a metric file, read without running the file."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from typing import Any

from practice.errors import DefinitionError

__all__ = ["FIXED", "Parameter", "Signature", "read_signature"]

FIXED = ("solution", "submission", "row_id_column_name")
_SIMPLE = {"str": str, "int": int, "float": float, "bool": bool}
_LISTS = ("list", "List", "Sequence")
_ANY = ("Any", "object")

# What a value may be: "str", "int", "float", "bool", "any", or ("list", what its items may be).
_Kinds = tuple[Any, ...]


@dataclass(frozen=True)
class Parameter:
    """A keyword of a score function.

    Parameters
    ----------
    name : str
    annotation : str
        As the file writes it; empty where there is none.
    default : str or None
        As the file writes it; None where a value must be given.
    kinds : tuple
        What its values may be; empty where the annotation is none that a definition can fill.
    """

    name: str
    annotation: str
    default: str | None
    kinds: _Kinds

    def __str__(self) -> str:
        kind = f": {self.annotation}" if self.annotation else ""
        return f"{self.name}{kind}" + ("" if self.default is None else f" = {self.default}")

    def fitted(self, value: Any) -> Any:
        """Return a value as the annotation wants it: 2 becomes 2.0 where a float is due.

        Raises
        ------
        DefinitionError
            It is not what the annotation says.

        Examples
        --------
        >>> Parameter("beta", "float", None, ("float",)).fitted(2)
        2.0
        """
        if not self.kinds:
            raise DefinitionError(
                f"score() annotates it with {self.annotation}, which [metric] cannot fill",
                "str, int, float, bool, Optional and lists of these can be given",
            )
        found = _fitted(value, self.kinds)
        if found is None:
            raise DefinitionError(f"score() takes {self}")
        return found[0]


@dataclass(frozen=True)
class Signature:
    """What a score function takes beside :data:`FIXED`.

    Parameters
    ----------
    parameters : tuple of Parameter
    more : bool
        True where it takes keywords that it does not name (``**kwargs``).
    """

    parameters: tuple[Parameter, ...]
    more: bool = False

    def __str__(self) -> str:
        more = ["**"] if self.more else []
        return f"score({', '.join([*FIXED, *map(str, self.parameters), *more])})"

    def fault(self, given: dict[str, Any]) -> tuple[str, DefinitionError] | None:
        """Return the first parameter that cannot be given so, and why; None where all can."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in given.items():
            try:
                self._one(known, name, value)
            except DefinitionError as error:
                return name, error
        for name, parameter in known.items():
            if parameter.default is None and name not in given:
                return name, DefinitionError(f"missing: score() takes {parameter}")
        return None

    def bind(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the keywords of a call.

        Parameters
        ----------
        given : dict of str to object

        Returns
        -------
        dict of str to object
            As the annotations want them.

        Raises
        ------
        DefinitionError
            An unknown keyword, a value of the wrong type, or a missing one.

        Examples
        --------
        >>> signature = read_signature(
        ...     b"def score(solution, submission, row_id_column_name, beta: float = 1.0): ..."
        ... )
        >>> str(signature), signature.bind({"beta": 2})
        ('score(solution, submission, row_id_column_name, beta: float = 1.0)', {'beta': 2.0})
        """
        found = self.fault(given)
        if found is not None:
            name, error = found
            raise DefinitionError(f"{name}: {error.message}", error.hint)
        known = {parameter.name: parameter for parameter in self.parameters}
        return {name: self._one(known, name, value) for name, value in given.items()}

    def _one(self, known: dict[str, Parameter], name: str, value: Any) -> Any:
        parameter = known.get(name)
        if parameter is None and not self.more:
            names = ", ".join(known) or "none"
            raise DefinitionError(f"score() has no parameter of that name; parameters: {names}")
        return (parameter or Parameter(name, "", None, ("any",))).fitted(value)


def read_signature(source: bytes) -> Signature:
    """Read the signature of the function ``score`` of a metric file.

    Parameters
    ----------
    source : bytes
        The file.

    Returns
    -------
    Signature

    Raises
    ------
    DefinitionError
        It is no Python, has no function ``score`` at its top level, or one that cannot be called
        as Kaggle calls it.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise DefinitionError(f"line {error.lineno or 1}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes, nesting too deep
        raise DefinitionError(f"not Python: {str(error) or type(error).__name__}") from None
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "score"
    ]
    due = f"def score({', '.join(FIXED)}, ...) -> float"
    if not found:
        raise DefinitionError("has no function score", due)
    function = found[-1]  # the one that counts once the file is run
    if isinstance(function, ast.AsyncFunctionDef):
        raise DefinitionError("score() must not be async", due)
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    if tuple(each.arg for each in plain[: len(FIXED)]) != FIXED:
        raise DefinitionError(f"the first parameters of score() must be {', '.join(FIXED)}", due)
    if len(arguments.posonlyargs) > len(FIXED):
        name = arguments.posonlyargs[len(FIXED)].arg
        raise DefinitionError(f"score() takes {name!r} by position only", "move the / before it")
    parameters = [
        _parameter(argument, default)
        for argument, default in [
            *zip(plain, _padded(arguments.defaults, len(plain)), strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
    ]
    return Signature(tuple(parameters[len(FIXED) :]), arguments.kwarg is not None)


def _padded(defaults: list[ast.expr], length: int) -> list[ast.expr | None]:
    return [*[None] * (length - len(defaults)), *defaults]


def _parameter(argument: ast.arg, default: ast.expr | None) -> Parameter:
    note = argument.annotation
    return Parameter(
        name=argument.arg,
        annotation="" if note is None else ast.unparse(note),
        default=None if default is None else ast.unparse(default),
        kinds=("any",) if note is None else _kinds(note),
    )


def _kinds(note: ast.expr) -> _Kinds:
    """Return what values an annotation allows; None is left out, since TOML cannot say it."""
    if isinstance(note, ast.Constant):
        return _quoted(note.value)
    if isinstance(note, ast.BinOp) and isinstance(note.op, ast.BitOr):
        return (*_kinds(note.left), *_kinds(note.right))
    name = _name(note.value if isinstance(note, ast.Subscript) else note)
    if not isinstance(note, ast.Subscript):
        if name in _LISTS:
            return (("list", ("any",)),)
        return ("any",) if name in _ANY else (name,) if name in _SIMPLE else ()
    inner = note.slice.elts if isinstance(note.slice, ast.Tuple) else [note.slice]
    if name in ("Optional", "Union"):
        return tuple(kind for each in inner for kind in _kinds(each))
    items = _kinds(inner[0]) if name in _LISTS and len(inner) == 1 else ()
    return (("list", items),) if items else ()


def _quoted(value: object) -> _Kinds:
    """Read an annotation that is written as a text."""
    if not isinstance(value, str):
        return ()
    try:
        return _kinds(ast.parse(value, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return ()


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):  # typing.Optional
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _fitted(value: Any, kinds: _Kinds) -> tuple[Any] | None:
    """Return a value as one of the kinds has it; None where it is of none."""
    if isinstance(value, float) and not math.isfinite(value):  # JSON cannot keep it
        return None
    for kind in kinds:
        if kind == "any" and isinstance(value, str | int | float):
            return (value,)
        if kind in _SIMPLE and type(value) is _SIMPLE[kind]:
            return (value,)
        if isinstance(value, list) and (kind == "any" or kind[0] == "list"):
            items = [_fitted(each, ("any",) if kind == "any" else kind[1]) for each in value]
            if None not in items:
                return ([item[0] for item in items if item is not None],)
    if "float" in kinds and type(value) is int:
        return _widened(value)
    return None


def _widened(value: int) -> tuple[float] | None:
    try:
        return (float(value),)
    except OverflowError:
        return None
