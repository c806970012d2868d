"""The metrics, by name: each with its formula, its source, its parameters and its checks."""

from __future__ import annotations

from practice.metrics.base import Metric
from practice.metrics.registry import get, names

__all__ = ["Metric", "get", "names"]
