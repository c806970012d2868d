"""The picture of ``practice trust``: cross-validation against the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.charts.spec import Axis, Chart, Figure, Series

if TYPE_CHECKING:
    from practice.analysis.trust import Trust, TrustPoint

__all__ = ["against_board"]

_WIDE = 1.96  # standard errors of the band
_NUMBERED = 20  # points; more numbers than these cannot be read
_GROUPS = ("gain beyond luck", "gain inside the noise", "gain", "no gain")
_BESIDE = 0.04  # of a side of the picture: numbers of nearer points would stand on each other


def against_board(found: Trust) -> Figure:
    """Draw each submission by its cross-validation and by its score on the board.

    Parameters
    ----------
    found : Trust
        With at least one score.

    Returns
    -------
    Figure
        Along the grey band both scores rise alike; it is as wide as the noise of one score.

    Raises
    ------
    ValueError
        There is nothing to draw.
    """
    scored = [each for each in found.points if each.score is not None]
    points = [each for each in scored if each.near]
    if not points:
        raise ValueError("no score to compare with")
    groups: dict[str, list[TrustPoint]] = {name: [] for name in _GROUPS}
    for each in points:
        groups[_group(each)].append(each)
    numbers = _numbers(points, 2 * _WIDE * (found.standard_error or 0.0))
    series = [_series(name, some, numbers) for name, some in groups.items() if some]
    note = (
        f"{found.sentence} Numbers are submissions; gains are over one's best before by "
        "cross-validation."
    )
    if len(series) == 1:  # which has no legend
        note += f" All points: {series[0].name}."
    if found.standard_error is not None:
        series.append(_band(found, points))
        note += (
            f" The band rises as cross-validation does and is ±{_WIDE:g} standard errors wide: "
            "outside of it, the two say different things."
        )
    if len(points) < len(scored):
        note += f" Left out: {len(scored) - len(points)} far behind the best."
    better = "greater" if found.greater_is_better else "smaller"
    chart = Chart(
        Axis("cross-validation", better),  # type: ignore[arg-type]
        Axis(f"{found.board} {found.metric}", better),  # type: ignore[arg-type]
        tuple(series),
    )
    title = f"{found.competition}: cross-validation against the {found.board} board"
    return Figure(title, (chart,), note)


def _group(point: TrustPoint) -> str:
    gain = point.board_gain
    if gain is None or gain.value <= 0:
        return _GROUPS[3]
    return _GROUPS[2] if gain.real is None else _GROUPS[0 if gain.real else 1]


def _numbers(points: list[TrustPoint], band: float) -> dict[int, str]:
    """Return what is written beside each submission: one of a cluster tells the numbers of all."""
    if len(points) > _NUMBERED:
        return {}
    across, up = [each.cross_validation for each in points], [each.score or 0.0 for each in points]
    width, height = max(across) - min(across), max(up) - min(up) + band
    clusters: list[list[TrustPoint]] = []
    for each, x, y in zip(points, across, up, strict=True):
        for cluster in clusters:
            aside = abs(x - cluster[0].cross_validation), abs(y - (cluster[0].score or 0.0))
            if aside[0] <= _BESIDE * width and aside[1] <= _BESIDE * height:
                cluster.append(each)
                break
        else:
            clusters.append([each])
    return {
        cluster[0].submission: ", ".join(str(each.submission) for each in cluster)
        for cluster in clusters
    }


def _series(name: str, points: list[TrustPoint], numbers: dict[int, str]) -> Series:
    return Series(
        name,
        "points",
        tuple(each.cross_validation for each in points),
        tuple(each.score or 0.0 for each in points),
        texts=tuple(numbers.get(each.submission, "") for each in points),
    )


def _band(found: Trust, points: list[TrustPoint]) -> Series:
    """Return where scores would be that rise as cross-validation does, give or take their noise."""
    assert found.standard_error is not None
    promised = [each.cross_validation for each in points]
    ends = (min(promised), max(promised))
    gap = sum((each.score or 0.0) - each.cross_validation for each in points) / len(points)
    middle = tuple(x + gap for x in ends)
    half = _WIDE * found.standard_error
    return Series(
        "noise of the board",
        "band",
        ends,
        middle,
        tuple(y - half for y in middle),
        tuple(y + half for y in middle),
        muted=True,
    )
