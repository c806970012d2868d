"""One module per verb; each holds ``app``, a typer program of one command."""

from __future__ import annotations

__all__: list[str] = []
