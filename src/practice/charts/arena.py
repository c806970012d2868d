"""The pictures of a comparison of tuning strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practice.arena.curves import Band, Reach, Where, anytime, finals, grid, ranks, reach
from practice.arena.records import Results
from practice.charts.spec import Axis, Better, Chart, Figure, Rule, Series, Zone

__all__ = [
    "Difference",
    "Forest",
    "critical_differences",
    "cv_against_held",
    "differences",
    "lines",
    "rank_over_budget",
    "regret",
    "to_reach",
]

WHERE: Mapping[Where, str] = {"cv": "cross-validation", "held": "held-out rows"}
WORK = "budget spent, in full trials"


@dataclass(frozen=True)
class Difference:
    """A strategy against the reference.

    Parameters
    ----------
    name : str
    difference, low, high : float
        Its mean score less the reference's, in the metric's direction, with its interval.
    verdict : str
        Written beside it: "win", "tie", ...
    """

    name: str
    difference: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Forest:
    """What :func:`differences` draws.

    Parameters
    ----------
    rows : tuple of Difference
    rope : float
        Half the width of what counts as no difference; 0: none is shaded.
    metric, reference : str
    better : {"greater", "smaller"}
    where : {"cv", "held"}
    interval : str
        What the lines are.
    of : str
        Competition and solution, for the title.
    """

    rows: tuple[Difference, ...]
    rope: float
    metric: str
    reference: str
    better: Better
    where: Where = "held"
    interval: str = "95 % intervals"
    of: str = ""


def regret(results: Results, *, bands: bool = True) -> Figure:
    """Draw how far every strategy is from the best known, over its budget.

    Parameters
    ----------
    results : Results
        With at least one repeat that all strategies have ended.
    bands : bool
        Whether to draw how sure the medians are; a terminal has too few signs for it.

    Returns
    -------
    Figure
        Cross-validation at the left, the held-out rows at the right.

    Raises
    ------
    ValueError
        No repeat has been ended by all strategies.
    """
    marks = (Rule(1.0, "default"), Rule(0.0, "best known"))
    # In files, room below for the name of the line at 0.
    y = Axis("normalised regret", "smaller", -0.08 if bands else None)
    charts = tuple(
        Chart(
            Axis(WORK, log=True),
            y,
            lines(anytime(results, where), bands),
            marks,
            title.capitalize(),
        )
        for where, title in WHERE.items()
    )
    return Figure(
        f"{_title(results)}: what is left to gain, over the budget",
        charts,
        f"Median over repeats{', with its 95 % bootstrap band (outer splits, then seeds)' * bands}."
        " 1 is the default configuration, 0 the best known on the same split, be it the default.",
    )


def lines(found: Sequence[Band], bands: bool) -> tuple[Series, ...]:
    """Return a line for every strategy, and behind all lines their bands."""
    drawn = tuple(Series(each.strategy, "line", each.work, each.middle) for each in found)
    if not bands:
        return drawn
    shades = tuple(
        Series(each.strategy, "band", each.work, each.middle, each.low, each.high) for each in found
    )
    return (*shades, *drawn)


def rank_over_budget(results: Results) -> Figure:
    """Draw the mean rank of every strategy over the budget.

    Raises
    ------
    ValueError
        No repeat has been ended by all strategies.
    """
    at = grid(results)
    budgets = tuple(at.tolist())
    charts = []
    for where, title in WHERE.items():
        drawn = tuple(
            Series(name, "line", budgets, tuple(means.tolist()))
            for name, means in ranks(results, where, at).items()
        )
        y = Axis("mean rank", "smaller")
        charts.append(Chart(Axis(WORK, log=True), y, drawn, (), title.capitalize()))
    return Figure(
        f"{_title(results)}: rank over the budget",
        tuple(charts),
        "Mean over repeats of the rank among strategies of the same split and seed; equals share.",
    )


def differences(forest: Forest) -> Figure:
    """Draw paired differences from the reference, the region of no difference shaded.

    Parameters
    ----------
    forest : Forest
        With at least one row.
    """
    series = Series(
        "",
        "points",
        tuple(row.name for row in forest.rows),
        tuple(row.difference for row in forest.rows),
        tuple(row.low for row in forest.rows),
        tuple(row.high for row in forest.rows),
        tuple(row.verdict for row in forest.rows),
    )
    zones = (Zone(-forest.rope, forest.rope, "no difference"),) if forest.rope > 0 else ()
    ends = [0.0, -forest.rope, forest.rope]
    ends += [end for row in forest.rows for end in (row.low, row.high)]
    room = (max(ends) - min(ends) or 1.0) * 0.05
    # Verdicts stand behind the intervals.
    right = max(ends) + room * (5 if any(row.verdict for row in forest.rows) else 1)
    title = f"{forest.metric} less that of {forest.reference}"
    axis = Axis(title, forest.better, min(ends) - room, right)
    chart = Chart(Axis(""), axis, (series,), (Rule(0.0, ""),), flip=True, zones=zones)
    against = f"against {forest.reference}, {WHERE[forest.where]}"
    return Figure(
        f"{forest.of}: {against}" if forest.of else against.capitalize(),
        (chart,),
        f"Mean difference over paired repeats, with {forest.interval}."
        + f" Shaded: within {forest.rope:.2g}, which counts as no difference." * bool(zones),
    )


def cv_against_held(results: Results) -> Figure:
    """Draw what cross-validation promised against what the held-out rows say, a point per run.

    Raises
    ------
    ValueError
        No run has ended.
    """
    found = finals(results)
    if not found:
        raise ValueError("no run has ended")
    asked = results.comparison
    ends = [value for each in found for value in (each.cv, each.held)]
    low, high = min(ends), max(ends)
    room = (high - low or abs(high) or 1.0) * 0.03
    same = (low - room, high + room)
    series = [Series("the same", "line", same, same, muted=True)]
    for strategy in asked.strategies:
        own = [each for each in found if each.strategy == strategy]
        if own:
            x, y = tuple(each.cv for each in own), tuple(each.held for each in own)
            series.append(Series(strategy, "points", x, y))
    better: Better = "greater" if asked.greater_is_better else "smaller"
    worse = "below" if asked.greater_is_better else "above"
    chart = Chart(
        Axis(f"cross-validation {asked.metric}", better, *same),
        Axis(f"{asked.metric} on held-out rows", better, *same),
        tuple(series),
    )
    return Figure(
        f"{_title(results)}: what was promised, and what came",
        (chart,),
        f"A point per run. The grey line is where both agree; points {worse} it promised too much.",
    )


def to_reach(results: Results) -> Figure:
    """Draw what each strategy needs to reach the reference's last cross-validation score.

    Raises
    ------
    ValueError
        No strategy reaches it in most repeats, or no repeat has been ended by all.
    """
    asked = results.comparison
    found = reach(results)
    if all(each.work is None for each in found):
        raise ValueError("no strategy reaches the reference's score in most repeats")
    bars = Series(
        "",
        "bars",
        tuple(each.strategy for each in found),
        tuple(each.work or 0.0 for each in found),
        texts=tuple(_reached(each) for each in found),
    )
    axis = Axis("median budget, in full trials", "smaller", 0.0, asked.work * 1.5)
    return Figure(
        f"{_title(results)}: budget to reach what {asked.reference} ends with",
        (Chart(Axis(""), axis, (bars,), flip=True),),
        f"Cross-validation, within a budget of {asked.work:g} full trials.",
    )


def _reached(each: Reach) -> str:
    share = f"{100 * each.share:.0f} % of repeats"
    if each.work is None:
        return "no repeat comes that far" if each.share == 0 else f"only {share} come that far"
    return f"{each.work:.1f}, in {share}"


def critical_differences(
    ranked: Mapping[str, float], cliques: Sequence[Sequence[str]], competitions: int
) -> Figure:
    """Draw mean ranks over competitions, and which strategies cannot be told apart.

    Parameters
    ----------
    ranked : mapping of str to float
        Mean rank by strategy; 1 is best.
    cliques : sequence of sequence of str
        Strategies among which no difference was found.
    competitions : int
        At least 6: with fewer nothing can be told apart.

    Returns
    -------
    Figure
        A row per strategy, best first, and below them a line over each clique.

    Raises
    ------
    ValueError
        There are fewer competitions.
    """
    if competitions < 6:
        raise ValueError(f"critical differences need 6 competitions, not {competitions}")
    names = tuple(sorted(ranked, key=lambda name: ranked[name]))
    means = tuple(ranked[name] for name in names)
    joined = [sorted(ranked[name] for name in clique) for clique in cliques if len(clique) > 1]
    rows = tuple(f"not told apart {number}" for number in range(1, len(joined) + 1))
    series = [Series("", "points", names, means, texts=tuple(f"{mean:.2f}" for mean in means))]
    if rows:
        low, high = tuple(each[0] for each in joined), tuple(each[-1] for each in joined)
        # Of equal ranks the line has no length: a point stands for it.
        point = tuple(a if a == b else float("nan") for a, b in zip(low, high, strict=True))
        series.append(Series("", "points", rows, point, low, high, muted=True))
    axis = Axis("mean rank", "smaller", 1.0, float(max(len(names), 2)))
    return Figure(
        f"Ranks over {competitions} competitions",
        (Chart(Axis(""), axis, tuple(series), flip=True),),
        "A line spans the ranks of strategies among which no difference was found (Wilcoxon "
        "signed-rank tests with Holm's correction).",
    )


def _title(results: Results) -> str:
    asked = results.comparison
    return f"{asked.slug}, {asked.solution}"
