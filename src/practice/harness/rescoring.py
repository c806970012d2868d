"""``rescore``: score stored submissions anew after the scorer or the metric changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from practice import catalog, custom, scoring
from practice.definition import Competition
from practice.errors import RefusedError
from practice.harness import clock, receipts
from practice.harness.accepting import told
from practice.harness.judging import Case, Contest, Verdict, judge
from practice.harness.out_of_fold import scored_anew
from practice.harness.rescored import Rescored, rows_of
from practice.harness.rounds import (
    current,
    metric_changes,
    metric_spec,
    metric_text,
    metric_to_json,
    scorer_version,
    standings,
    submission_spec,
)
from practice.harness.starting import one_at_a_time
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import (
    Attempt,
    NewScore,
    OutOfFold,
    Replicates,
    Season,
    Store,
    Transaction,
    blobs,
    open_store,
)

__all__ = ["rescore"]


def rescore(settings: Settings, slug: str, progress: Progress = silent) -> Rescored:
    """Score the stored submissions of a season by the present scorer and the present metric.

    Nothing is trained, and earlier scores stay stored beside the new ones. Everything is scored
    first and then written in one transaction: the board shows all of it or nothing, and a run that
    was interrupted can be repeated. What was told of public scores is told anew, submission by
    submission, as the feedback policy would have told it.

    Parameters
    ----------
    settings : Settings
    slug : str
    progress : Progress, optional

    Returns
    -------
    Rescored

    Raises
    ------
    NotFoundError
        It was never started here.
    RefusedError
        A stored file is gone or damaged, none can be scored, or the scores are of a newer version
        of the package; nothing was changed.
    DefinitionError, BuildError, StoreError
    """
    competition = catalog.load(slug, settings)
    with open_store(settings) as store, one_at_a_time(settings, slug):
        old = current(store, slug)
        new = _renewed(old, competition)
        if not _due(store, old, new):
            return _unchanged(store, old)
        case = _case(new, competition, settings)
        new = replace(new, greater_is_better=case.greater_is_better)
        verdicts: dict[int, Verdict] = {}
        while True:
            _judge(case, settings, _due(store, old, new), verdicts, progress)
            beside = scored_anew(old, case, settings, store.out_of_fold(old.id))
            with store.write() as tx:
                late = [each.id for each in _due(tx, old, new) if each.id not in verdicts]
                if late or tx.out_of_fold(old.id).keys() != beside.keys():
                    continue  # submitted meanwhile
                old = current(tx, slug)  # perhaps revealed meanwhile
                new = replace(new, revealed_at=old.revealed_at)
                return _written(tx, old, new, Contest(case, settings.blobs), verdicts, beside)


def _renewed(season: Season, competition: Competition) -> Season:
    """Return the season by the metric that the definition names now."""
    if _as_stored(metric_spec(season)) == _as_stored(competition.metric):
        return season
    made = metric_to_json(competition.metric, metric_changes(season) + 1)
    return replace(season, metric=made)


def _as_stored(spec: Any) -> Any:
    return json.loads(json.dumps(metric_to_json(spec), default=str))


def _case(season: Season, competition: Competition, settings: Settings) -> Case:
    vault = settings.vault / season.build
    if competition.metric.file is not None:
        custom.keep(competition.metric, competition.folder, vault)
    answers = scoring.load_answers(vault)
    columns = submission_spec(season)
    case = Case(answers, competition.metric, columns, vault, scorer_version(season))
    if case.own is None:
        scoring.check_scorable(answers, case.metric, columns, case.used)
    return case


def _due(store: Store | Transaction, old: Season, new: Season) -> list[Attempt]:
    """Return what must be scored anew; empty where every score is of this scorer and metric.

    What failed is tried again with the others. What was refused stays so: it broke the rules or
    the form of its time, and cost nothing.
    """
    versions, target = store.scored_by(old.id), scorer_version(new)
    if any(version > target for version in versions.values()):
        newest = max(versions.values()) - metric_changes(old)
        raise RefusedError(
            f"{old.slug!r} is scored by scorer {newest}; this version has {scoring.SCORER_VERSION}",
            "upgrade practice: pip install --upgrade practice",
        )
    stale = [version for version in versions.values() if version < target]
    if not stale and new.metric == old.metric:
        return []
    return [
        each
        for each in store.attempts(old.id)
        if each.status == "failed" or versions.get(each.id, target) < target
    ]


def _judge(
    case: Case,
    settings: Settings,
    due: Sequence[Attempt],
    verdicts: dict[int, Verdict],
    progress: Progress,
) -> None:
    """Score the files that are due and not scored yet."""
    todo = [each for each in due if each.id not in verdicts]
    lost = [each.id for each in todo if not _intact(settings, each.blob)]
    if lost:
        named = ", ".join(str(id) for id in lost[:3]) + (" ..." if len(lost) > 3 else "")
        raise RefusedError(
            f"the stored file of {len(lost)} of {len(todo)} submissions is gone or damaged "
            f"({named}): nothing was changed",
            "practice restore FILE brings back a backup",
        )
    for done, each in enumerate(todo):
        progress("scoring", done, len(todo))
        verdicts[each.id] = judge(case, blobs.path(settings.blobs, each.blob), each.file)
    progress("scoring", len(todo), len(todo))
    failed = [verdicts[each.id] for each in due if verdicts[each.id].status != "scored"]
    if any(each.status == "scored" for each in due) and len(failed) == len(due):
        raise RefusedError(
            f"{metric_text(case.spec)} scores none of the {len(due)} submissions "
            f"({failed[0].error}): nothing was changed",
            "change [metric] in competition.toml",
        )


def _intact(settings: Settings, blob: str) -> bool:
    try:
        with blobs.path(settings.blobs, blob).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == blob
    except OSError:
        return False


def _written(
    tx: Transaction,
    old: Season,
    new: Season,
    contest: Contest,
    verdicts: Mapping[int, Verdict],
    beside: Mapping[int, OutOfFold | None],
) -> Rescored:
    """Write everything inside a transaction, and say what it changed."""
    selections = tx.selections(old.id)
    attempts, versions = tx.attempts(old.id), tx.scored_by(old.id)
    before = standings(old, attempts, selections)
    anew = _told_anew(tx, new, attempts, contest, verdicts)
    _write(tx, old, new, attempts, anew, verdicts, beside, contest.case.vault)
    after = standings(new, tx.attempts(old.id), selections)
    pairs = [(each, anew[each.id].status) for each in attempts if each.id in anew]
    scorers = {version - metric_changes(old) for version in versions.values()}
    return Rescored(
        competition=old.slug,
        season=old.number,
        done=True,
        revealed=old.revealed_at is not None,
        old_metric=metric_text(metric_spec(old)),
        metric=metric_text(contest.case.spec),
        metric_changed=new.metric != old.metric,
        greater_is_better=new.greater_is_better,
        old_scorers=tuple(sorted(scorers)),
        scorer=scoring.SCORER_VERSION,
        submissions=len(verdicts),
        now_failed=tuple(a.id for a, now in pairs if a.status == "scored" and now == "failed"),
        now_scored=tuple(a.id for a, now in pairs if a.status == "failed" and now == "scored"),
        rows=rows_of(before, after, revealed=old.revealed_at is not None),
    )


def _told_anew(
    tx: Transaction,
    season: Season,
    attempts: Sequence[Attempt],
    contest: Contest,
    verdicts: Mapping[int, Verdict],
) -> dict[int, Attempt]:
    """Return what becomes of each submission, in the order in which they came.

    What the Ladder tells of one depends on what it told its entrant before.
    """
    stored = tx.replicates(season.id, "public")
    earlier: dict[str, list[Attempt]] = {}
    anew: dict[int, Attempt] = {}

    def held(id: int) -> Replicates | None:
        score = verdicts[id].public if id in verdicts else None
        return stored.get(id) if score is None else score.replicates

    for attempt in attempts:
        own = earlier.setdefault(attempt.entrant, [])
        verdict = verdicts.get(attempt.id)
        made = attempt
        if verdict is not None and verdict.status != "scored":
            made = replace(
                attempt, status="failed", error=verdict.error, released=None, public=None
            )
        elif verdict is not None or attempt.status == "scored":
            score = verdict.public if verdict is not None else _kept(attempt, held(attempt.id))
            assert score is not None
            said = told(season, own, score, contest, held, late=attempt.late)
            made = replace(attempt, status="scored", error=None, released=said, public=score.value)
        own.append(made)
        anew[attempt.id] = made
    return anew


def _kept(attempt: Attempt, replicates: Replicates | None) -> NewScore:
    """Return a score that is of this scorer already."""
    return NewScore("public", "", attempt.public, 0, replicates or Replicates("", b""))


def _write(
    tx: Transaction,
    old: Season,
    new: Season,
    attempts: Sequence[Attempt],
    anew: Mapping[int, Attempt],
    verdicts: Mapping[int, Verdict],
    beside: Mapping[int, OutOfFold | None],
    vault: Path,
) -> None:
    """Write scores, what is told of them, the metric, and the event; old scores stay."""
    version, changed, moment = scorer_version(new), new.metric != old.metric, clock.now()
    if changed:
        tx.change_metric(old.id, new.metric, new.greater_is_better)
    for id, verdict in verdicts.items():
        if verdict.status == "scored":
            secondary = [
                NewScore("secondary", name, value, version)
                for name, value in verdict.secondary.items()
            ]
            tx.add_scores(id, (*verdict.scores, *secondary), moment)
    was = []
    for each in attempts:
        now = anew[each.id]
        if (each.status, each.error, each.released) != (now.status, now.error, now.released):
            tx.rejudge(each.id, now.status, now.error, now.released)
            was.append([each.id, each.status, each.error, each.released])
    folds = {id: each for id, each in tx.out_of_fold(old.id).items() if beside[id] != each}
    for id in folds:
        tx.rejudge_out_of_fold(id, beside[id])
    replaced = {"metric": old.metric, "greater_is_better": old.greater_is_better}
    payload = {
        "scorer_version": version,
        "scorer": scoring.SCORER_VERSION,
        "metric": new.metric,
        "greater_is_better": new.greater_is_better,
        "submissions": len(verdicts),
        "replaced": replaced if changed else None,
        "was": was,  # of what was told or became otherwise: id, status, error, released
        "out_of_fold": [[id, each.blob, each.value, each.folds] for id, each in folds.items()],
        "receipt": receipts.rescored(tx, old.id, list(verdicts), list(folds), vault),
    }
    receipts.keep_files(tx, old, vault, moment)
    tx.append("rescore", moment, old.id, None, payload)


def _unchanged(store: Store, season: Season) -> Rescored:
    """Say that there was nothing to do."""
    table = standings(season, store.attempts(season.id), store.selections(season.id))
    revealed = season.revealed_at is not None
    metric = metric_text(metric_spec(season))
    return Rescored(
        competition=season.slug,
        season=season.number,
        done=False,
        revealed=revealed,
        old_metric=metric,
        metric=metric,
        metric_changed=False,
        greater_is_better=season.greater_is_better,
        old_scorers=(scoring.SCORER_VERSION,),
        scorer=scoring.SCORER_VERSION,
        submissions=0,
        now_failed=(),
        now_scored=(),
        rows=rows_of(table, table, revealed=revealed),
    )
