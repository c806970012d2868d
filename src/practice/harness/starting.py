"""``start`` and ``retry``: from a definition to a workspace and an open season."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from practice import __version__, build, catalog, custom, references, scoring, sources
from practice.build.vault import VaultInfo, is_complete, load_info
from practice.definition import Competition
from practice.errors import RefusedError
from practice.harness import clock, receipts
from practice.harness.accepting import Offer, accept
from practice.harness.judging import Case, Contest, judge, open_case
from practice.harness.records import Started
from practice.harness.resampling import fill_replicates
from practice.harness.rounds import current, metric_spec, metric_to_json, rules_to_json
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import Season, Store, blobs, open_store

if TYPE_CHECKING:
    from practice.references import ReferenceEntry

__all__ = ["one_at_a_time", "present_build", "retry", "start"]


@contextmanager
def one_at_a_time(settings: Settings, slug: str) -> Iterator[None]:
    """Hold the lock of ``start``, ``retry`` and ``rescore`` for a competition.

    Parameters
    ----------
    settings : Settings
    slug : str
    """
    from filelock import FileLock

    folder = settings.home / "locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / f"start-{slug}.lock"):
        yield


def start(
    settings: Settings, slug: str, directory: Path | None = None, progress: Progress = silent
) -> Started:
    """Download, build and open a competition, and write its workspace.

    Parameters
    ----------
    settings : Settings
    slug : str
    directory : Path, optional
        The workspace; default ``./<slug>``.
    progress : Progress, optional

    Returns
    -------
    Started
        ``already`` is True where season and workspace were there; nothing is changed then.

    Raises
    ------
    NotFoundError, DefinitionError, SourceError, BuildError, StoreError
    RefusedError
        The file with the metric changed while a season runs by it.
    """
    competition = catalog.load(slug, settings)
    target = (directory or Path(slug)).absolute()
    with open_store(settings) as store, one_at_a_time(settings, slug):
        season = store.season(slug)
        info = _build(competition, season, settings, progress)
        opened = season is None
        if season is None:
            season = _open(store, competition, info, settings, progress)
        else:
            _keep_metric(competition, season, settings)
            _place(store, season, settings, progress)
            fill_replicates(store, season, settings, progress)
        written = build.write_workspace(info, competition, target, settings)
        return _started(store, season, info, target, already=not (opened or written))


def retry(settings: Settings, slug: str, progress: Progress = silent) -> Started:
    """Open the next season of a revealed competition, with an empty board.

    Raises
    ------
    NotFoundError
        It was never started here.
    RefusedError
        The present season is not revealed yet.
    """
    competition = catalog.load(slug, settings)
    with open_store(settings) as store, one_at_a_time(settings, slug):
        last = current(store, slug)
        if last.revealed_at is None:
            raise RefusedError(
                f"season {last.number} of {slug!r} is still running", f"practice reveal {slug}"
            )
        info = _build(competition, None, settings, progress)
        known = {
            attempt.entrant
            for season in store.seasons(slug)
            if season.build == info.build
            for attempt in store.attempts(season.id)
            if attempt.kind == "person"
        }
        season = _open(store, competition, info, settings, progress)
        return _started(store, season, info, None, already=False, contaminated=sorted(known))


def present_build(settings: Settings, slug: str, progress: Progress = silent) -> VaultInfo:
    """Return the build of the running season, else the definition's, made where it is missing.

    Raises
    ------
    NotFoundError, DefinitionError, SourceError, BuildError, StoreError
    """
    competition = catalog.load(slug, settings)
    with open_store(settings) as store:
        return _build(competition, store.season(slug), settings, progress)


def _build(
    competition: Competition, season: Season | None, settings: Settings, progress: Progress
) -> VaultInfo:
    """Return the build of a running season, else that of the definition, made where missing."""
    if season is not None and is_complete(settings, season.build):
        return load_info(settings.vault / season.build)
    files = sources.fetch(competition, settings, progress)
    info = build.make(competition, files, settings, progress)
    if season is not None and info.build != season.build:
        raise RefusedError(
            f"season {season.number} of {season.slug!r} stands on build {season.build}, which is "
            f"gone, and its definition now gives {info.build}",
            f"practice reveal {season.slug}, then practice retry {season.slug}",
        )
    return info


def _open(
    store: Store,
    competition: Competition,
    info: VaultInfo,
    settings: Settings,
    progress: Progress,
) -> Season:
    """Open a season and put the reference entries on its board, all in one transaction."""
    vault = settings.vault / info.build
    if competition.metric.file is not None:
        custom.keep(competition.metric, competition.folder, vault)
    answers = scoring.load_answers(vault)
    spec, columns = competition.metric, competition.submission
    case = Case(answers, spec, columns, vault, scoring.SCORER_VERSION)
    if case.own is None:
        scoring.check_scorable(answers, case.metric, competition.submission, case.used)
    entries = references.entries(competition.slug, settings, info.build)
    offers = _offers(entries, case, settings, progress)
    files = receipts.of_files(vault)  # before the transaction: large ones take their time
    moment = clock.now()
    with store.write() as tx:
        tx.add_build(info.build, info.slug, info.data_hash, {"rows": info.rows})
        season = tx.open_season(
            slug=competition.slug,
            build=info.build,
            title=competition.title,
            metric=metric_to_json(competition.metric),
            greater_is_better=case.greater_is_better,
            rules=rules_to_json(competition),
            at=moment,
            deadline=competition.rules.deadline,
        )
        said = {
            "build": info.build,
            "receipt": receipts.opened(tx, season),
            "files": files,
            "practice": __version__,
        }
        tx.append("season", moment, season.id, None, said)
        for offer in offers:
            accept(tx, season, offer, moment)
    return season


def _keep_metric(competition: Competition, season: Season, settings: Settings) -> None:
    """Refuse a metric file that changed during a season; put its copy back where that is gone."""
    spec = metric_spec(season)
    if spec.file is None or season.revealed_at is not None:
        return
    if competition.metric.sha256 != spec.sha256:
        raise RefusedError(
            f"{spec.file} changed since the season was opened; season {season.number} of "
            f"{season.slug!r} goes on by the file as it was",
            f"practice rescore {season.slug} scores everything by the new one",
        )
    custom.keep(competition.metric, competition.folder, settings.vault / season.build)


def _place(store: Store, season: Season, settings: Settings, progress: Progress) -> None:
    """Put reference entries on a running board that are not there yet."""
    if season.revealed_at is not None:
        return
    there = {(a.entrant, a.blob) for a in store.attempts(season.id) if a.kind == "reference"}
    entries = [
        entry
        for entry in references.entries(season.slug, settings, season.build)
        if (entry.entrant, entry.sha256) not in there
    ]
    if not entries:
        return
    offers = _offers(entries, open_case(season, settings), settings, progress)
    moment = clock.now()
    with store.write() as tx:
        for offer in offers:
            accept(tx, season, offer, moment)


def _offers(
    entries: Sequence[ReferenceEntry], case: Case, settings: Settings, progress: Progress
) -> list[Offer]:
    """Store and score reference entries: their scores come from their stored predictions."""
    offers = []
    for done, entry in enumerate(entries):
        progress("reference entries", done, len(entries))
        blob = blobs.put(settings.blobs, entry.file)
        offers.append(
            Offer(
                entrant=entry.entrant,
                kind="reference",
                blob=blob,
                file=entry.file.name,
                verdict=judge(case, blobs.path(settings.blobs, blob), entry.file.name),
                contest=Contest(case, settings.blobs),
                message=entry.message,
                params=entry.params,
                references=receipts.placed(settings.references, entry.file),
            )
        )
    progress("reference entries", len(entries), len(entries))
    return offers


def _started(
    store: Store,
    season: Season,
    info: VaultInfo,
    workspace: Path | None,
    *,
    already: bool,
    contaminated: Sequence[str] = (),
) -> Started:
    on_board = {a.entrant for a in store.attempts(season.id) if a.kind == "reference"}
    files = (
        tuple(sorted(each for each in workspace.rglob("*") if each.is_file())) if workspace else ()
    )
    return Started(
        competition=season.slug,
        title=season.title,
        workspace=workspace,
        build=season.build,
        season=season.number,
        already=already,
        references=len(on_board),
        train_rows=info.train_rows,
        test_rows=info.rows,
        public_rows=info.public_rows,
        files=files,
        contaminated=tuple(contaminated),
    )
