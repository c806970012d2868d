"""A competition's own features: ``features(frame) -> frame`` in its ``features.py``."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from practice.errors import DefinitionError

__all__ = ["FILE", "load_features"]

FILE = "features.py"


def load_features(folder: Path) -> Callable[[Any], Any] | None:
    """Load the function that makes a competition's features.

    Parameters
    ----------
    folder : Path
        The competition's folder.

    Returns
    -------
    callable or None
        ``features(frame) -> frame``: takes the columns of the training or of the test table,
        without id and target (float64, datetime64, or str with NaN where missing), and returns as
        many rows with the columns to learn from. It sees each table alone and no answer. None: no
        such file.

    Raises
    ------
    DefinitionError
        The file cannot be run, has no such function, or the function fails or drops rows.

    Examples
    --------
    >>> load_features(Path("no-such-folder")) is None
    True
    """
    path = folder / FILE
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"practice_features_{folder.name}", path)
    if spec is None or spec.loader is None:
        raise DefinitionError(f"{path} cannot be loaded", "it must be a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise DefinitionError(f"{path} fails: {_said(error)}", "run it with python") from error
    function = getattr(module, "features", None)
    if not callable(function):
        raise DefinitionError(
            f"{path} has no function 'features'", "define features(frame) that returns a frame"
        )

    def checked(frame: Any) -> Any:
        try:
            made = function(frame.copy())
        except Exception as error:
            raise DefinitionError(f"{path}: features(frame) fails: {_said(error)}") from error
        if not hasattr(made, "columns") or len(made) != len(frame):
            raise DefinitionError(
                f"{path}: features(frame) must return a DataFrame with the {len(frame)} rows it got"
            )
        return made.set_axis(frame.index)

    return checked


def _said(error: Exception) -> str:
    """Return an exception in one line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no message'}"
