"""What a board has to know of a resampling plan, without reading it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Part", "PlanInfo", "info_file", "load_plan_info"]

Part = Literal["public", "private"]


@dataclass(frozen=True)
class PlanInfo:
    """What is known of a plan (``vault/<build>/plan-public.json``).

    Parameters
    ----------
    id : str
    kind : {"rows", "classes", "groups", "time"}
        What is drawn together, or from what apart.
    replicates, rows : int
    blocks : int
        Above 50,000 rows how many blocks they are dealt to; else 0.
    units : float
        How many things of one size the rows make up that are drawn: where groups or clusters of
        duplicates differ in size, ``rows ** 2`` over the sum of their squared sizes [1]_; for time,
        as many stretches as cover all.

    References
    ----------
    .. [1] L. Kish, Survey Sampling, Wiley 1965, section 8.2.
    """

    id: str
    kind: str
    replicates: int
    rows: int
    blocks: int
    units: float


def info_file(folder: Path, part: Part) -> Path:
    """Return where the facts of a part's plan are kept.

    Examples
    --------
    >>> info_file(Path("vault"), "public").name
    'plan-public.json'
    """
    return folder / f"plan-{part}.json"


def load_plan_info(folder: Path, part: Part) -> PlanInfo | None:
    """Read what is known of a plan.

    Parameters
    ----------
    folder : Path
        ``vault/<build>``.
    part : {"public", "private"}

    Returns
    -------
    PlanInfo or None
        None where there is no plan yet, or its file is damaged: it is made again when needed.
    """
    try:
        return PlanInfo(**json.loads(info_file(folder, part).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
