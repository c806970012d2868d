"""Two submissions side by side: what made them, where they agree, which is better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from practice import board, scoring
from practice.analysis.predictions import Agreement, Apart, Predictions, agreements, apart
from practice.board.joint import join
from practice.board.luck import difference
from practice.build.vault import load_info
from practice.errors import MetricError, NotFoundError, RefusedError, UsageError
from practice.harness.judging import Case, open_case
from practice.harness.luck import looks_at
from practice.harness.provenance import has_commits
from practice.harness.rounds import metric_spec, metric_text, rules
from practice.settings import Settings
from practice.store import Attempt, Season, Store, blobs, open_store

if TYPE_CHECKING:
    from practice.build.plan_info import Part

__all__ = ["Changed", "Diff", "Gap", "Side", "SliceRow", "diff"]

MOST = 10  # rows on which two part


@dataclass(frozen=True)
class Side:
    """One of the two; scores as they are told."""

    id: int
    entrant: str
    kind: Literal["person", "reference"]
    status: Literal["scored", "refused", "failed"]
    file: str
    submitted_at: datetime
    public_score: float | None
    private_score: float | None  # None before the reveal


@dataclass(frozen=True)
class Changed:
    """Something that was said of both and differs; None where nothing was said of it."""

    name: str  # "message", "tags", "git_commit", "git_dirty", or "params." and a key
    a: Any
    b: Any


@dataclass(frozen=True)
class Gap:
    """By how much A is better than B; negative where it is worse.

    Parameters
    ----------
    part : {"public", "private"}
    difference : float
        In the unit of the score, turned so that more is better for A.
    low, high : float or None
        The ends of the 95 % interval of this pair; None where the policy does not tell what it
        follows from, or the metric cannot be resampled.
    real : bool
        True where luck alone does not explain it.
    """

    part: Literal["public", "private"]
    difference: float
    low: float | None
    high: float | None
    real: bool


@dataclass(frozen=True)
class SliceRow:
    """The scores of both on the private rows that have one value in one column."""

    column: str
    value: str
    rows: int
    a: float | None
    b: float | None
    difference: float | None  # turned so that more is better for A


@dataclass(frozen=True)
class Diff:
    """What tells two submissions apart.

    Parameters
    ----------
    competition : str
    season : int
    metric : str
        With its parameters.
    greater_is_better, revealed : bool
    feedback : str
    a, b : Side
    changed : tuple of Changed
        Only what differs.
    git : str or None
        The command that shows how the code changed, where a repository here has both commits.
    identical : bool
        The files are the same, byte for byte.
    agreements : tuple of Agreement
        A row per column; empty where one of the two files cannot be read as predictions.
    public, private : Gap or None
    slices : tuple of SliceRow
        After the reveal, for the columns of ``[metric] slices``; the largest first.
    rows : tuple of Apart
        Where they part.
    notes : tuple of str
        What else there is to know, a sentence each.
    """

    competition: str
    season: int
    metric: str
    greater_is_better: bool
    revealed: bool
    feedback: str
    a: Side
    b: Side
    changed: tuple[Changed, ...]
    git: str | None
    identical: bool
    agreements: tuple[Agreement, ...]
    public: Gap | None
    private: Gap | None
    slices: tuple[SliceRow, ...]
    rows: tuple[Apart, ...]
    notes: tuple[str, ...]


def diff(
    settings: Settings,
    one: int,
    other: int,
    *,
    entrant: str,
    folder: Path | None = None,
    most: int | None = MOST,
) -> Diff:
    """Compare two submissions of a season.

    Before the reveal nothing in it follows from an answer but what was told of public scores.

    Parameters
    ----------
    settings : Settings
    one, other : int
        The submissions A and B.
    entrant : str
        Who asks: before the reveal only submissions of their own and reference entries.
    folder : Path, optional
        Where git is asked for the commits; default: the present one.
    most : int or None
        How many rows on which they part; None: all.

    Returns
    -------
    Diff

    Raises
    ------
    NotFoundError
        There is no such submission.
    RefusedError
        They are of different seasons, or of somebody else before the reveal.
    UsageError
        They are one and the same.
    """
    if one == other:
        raise UsageError(f"{one} is compared with itself", "practice diff A B")
    with open_store(settings) as store:
        season, a, b = _pair(store, one, other, entrant)
        revealed = season.revealed_at is not None
        public = _gap(store, season, settings, "public", a, b)
        private = _gap(store, season, settings, "private", a, b) if revealed else None
        notes = _notes(store, season, a, b)
    case = open_case(season, settings)
    read = _both(case, settings, a, b)
    if read is None:
        notes = (*notes, "One of the two files cannot be read as predictions any more.")
    commits = [each.git_commit for each in (a, b) if each.git_commit is not None]
    known = len(set(commits)) == 2 and has_commits(folder or Path.cwd(), commits)
    return Diff(
        competition=season.slug,
        season=season.number,
        metric=metric_text(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        revealed=revealed,
        feedback=rules(season).feedback,
        a=_side(a, revealed=revealed),
        b=_side(b, revealed=revealed),
        changed=_changed(a, b),
        git=f"git diff {commits[0]} {commits[1]}" if known else None,
        identical=a.blob == b.blob,
        agreements=() if read is None else agreements(case.layout, *read),
        public=public,
        private=private,
        slices=_slices(case, *read) if read is not None and revealed else (),
        rows=()
        if read is None
        else apart(case.layout, case.answers, *read, revealed=revealed, most=most),
        notes=notes,
    )


def _pair(store: Store, one: int, other: int, entrant: str) -> tuple[Season, Attempt, Attempt]:
    """Return two submissions that may be compared, and their season."""
    found = []
    for number in (one, other):
        each = store.attempt(number)
        if each is None:
            raise NotFoundError(f"there is no submission {number}", "practice submissions")
        found.append(each)
    (season, a), (second, b) = found
    for of, attempt in found:
        if of.revealed_at is None and attempt.kind == "person" and attempt.entrant != entrant:
            raise RefusedError(
                f"submission {attempt.id} is not of {entrant!r}: before the reveal your own and "
                "reference entries can be compared",
                f"practice submissions {of.slug}",
            )
    if season.slug != second.slug:
        raise RefusedError(
            f"submission {one} is of {season.slug!r} and {other} of {second.slug!r}",
            "compare two of one competition",
        )
    if season.id != second.id:
        raise RefusedError(
            f"submission {one} is of season {season.number} of {season.slug!r} and {other} of "
            f"season {second.number}",
            "compare two of one season: each has rules and a metric of its own",
        )
    return season, a, b


def _side(attempt: Attempt, *, revealed: bool) -> Side:
    return Side(
        id=attempt.id,
        entrant=attempt.entrant,
        kind=attempt.kind,
        status=attempt.status,
        file=attempt.file,
        submitted_at=attempt.submitted_at,
        public_score=attempt.released,
        private_score=attempt.private if revealed else None,
    )


def _changed(a: Attempt, b: Attempt) -> tuple[Changed, ...]:
    """Return what was said of both and differs, parameters key by key."""
    found = [
        Changed("message", a.message or None, b.message or None),
        *(
            Changed(f"params.{key}", a.params.get(key), b.params.get(key))
            for key in sorted(a.params.keys() | b.params.keys())
        ),
        Changed("tags", sorted(a.tags) or None, sorted(b.tags) or None),
        Changed("git_commit", a.git_commit, b.git_commit),
        Changed("git_dirty", a.git_dirty, b.git_dirty),
    ]
    return tuple(each for each in found if each.a != each.b)


def _gap(
    store: Store, season: Season, settings: Settings, part: Part, a: Attempt, b: Attempt
) -> Gap | None:
    """Return the difference of two scores as far as the policy tells it."""
    told = [each.released if part == "public" else each.private for each in (a, b)]
    if told[0] is None or told[1] is None:
        return None
    full = part == "private" or board.parse(rules(season).feedback).full
    sign = 1.0 if season.greater_is_better else -1.0
    if not full:
        return Gap(part, sign * board.gap(told[0], told[1]), None, None, real=False)
    info = load_info(settings.vault / season.build)
    looks = looks_at(store, season, info, settings, part, [(a, told[0]), (b, told[1])])
    joint = join(
        looks.values,
        looks.replicates,
        looks.drawn,
        greater_is_better=looks.scale.greater_is_better,
        bounded=looks.scale.bounded,
    )
    found = difference(joint, 0, 1, chosen=True)
    return Gap(part, found.value, found.low, found.high, real=found.real)


def _notes(store: Store, season: Season, a: Attempt, b: Attempt) -> tuple[str, ...]:
    notes = []
    versions = store.scored_by(season.id)
    if a.id in versions and b.id in versions and versions[a.id] != versions[b.id]:
        notes.append(
            f"They were scored by different scorers: practice rescore {season.slug} first."
        )
    gone = [each.id for each in (a, b) if each.withdrawn_at is not None]
    return (*notes, *(f"Submission {id} is withdrawn." for id in gone))


def _both(
    case: Case, settings: Settings, a: Attempt, b: Attempt
) -> tuple[Predictions, Predictions] | None:
    """Read both files; None where one of them is refused or gone."""
    read = []
    for each in (a, b):
        path = blobs.path(settings.blobs, each.blob)
        try:
            read.append(scoring.read(path, case.layout, case.answers, name=each.file))
        except (scoring.SubmissionRefusedError, NotFoundError):
            return None
    return read[0], read[1]


def _slices(case: Case, one: Predictions, other: Predictions) -> tuple[SliceRow, ...]:
    """Score both on the private rows of each value of each slice column, the largest first."""
    made: list[SliceRow] = []
    if case.own is not None:
        return ()
    for column in case.spec.slices:
        values = case.answers.extras.get(column)
        if values is None:  # named after the build was made
            continue
        found: dict[str, int] = {}
        for value in values[~case.answers.public].tolist():
            found[value] = found.get(value, 0) + 1
        for value, rows in sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0]))):
            here = ~case.answers.public & (values == value)
            a, b = _score(case, one, here), _score(case, other, here)
            gap = None
            if a is not None and b is not None:
                gap = board.gap(a, b) if case.greater_is_better else board.gap(b, a)
            made.append(SliceRow(column, str(value), rows, a, b, gap))
    return tuple(made)


def _score(case: Case, predictions: Predictions, rows: Any) -> float | None:
    """Score some rows; None where they have no score, such as AUC of one class."""
    try:
        return scoring.score(case.answers, predictions, case.metric, rows, case.used)
    except MetricError:
        return None
