"""What is on the search path of metric files, and of nothing else."""

from __future__ import annotations

__all__: list[str] = []
