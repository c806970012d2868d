"""Everything that can be written, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from practice.errors import NotFoundError, RefusedError
from practice.store import chain, schema
from practice.store.reading import Reads
from practice.store.records import (
    Attempt,
    Entrant,
    Event,
    Kind,
    NewAttempt,
    NewScore,
    OutOfFold,
    Replicates,
    Season,
    Status,
)

__all__ = ["Transaction"]

_SCORE_KEY = ("submission", "split", "metric", "scorer_version")


class Transaction(Reads):
    """What :meth:`Store.write` gives: reads and writes that nobody else's writes come between.

    Nothing is durable before the ``with`` block ends, and everything is after it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        yield self._connection

    def add_build(self, id: str, slug: str, data_hash: str, info: dict[str, Any]) -> None:
        """Write down a build and its competition, unless they are there.

        Parameters
        ----------
        id, slug, data_hash : str
        info : dict
            What else is known of it.
        """
        competition, build = schema.competition, schema.build
        run = self._connection.execute
        if run(select(competition).where(competition.c.slug == slug)).first() is None:
            run(insert(competition).values(slug=slug))
        if run(select(build.c.id).where(build.c.id == id)).first() is None:
            run(insert(build).values(id=id, slug=slug, data_hash=data_hash, info=info))

    def open_season(
        self,
        slug: str,
        build: str,
        title: str,
        metric: dict[str, Any],
        greater_is_better: bool,
        rules: dict[str, Any],
        at: datetime,
        deadline: datetime | None,
    ) -> Season:
        """Open the next season of a competition.

        Parameters
        ----------
        slug, build : str
            As given to :meth:`add_build`.
        title : str
        metric, rules : dict
            What JSON can say; they come back as they are.
        greater_is_better : bool
        at : datetime
            Aware.
        deadline : datetime or None
            Aware.

        Returns
        -------
        Season
            Its number is one more than there were seasons of this competition.
        """
        row = {
            "slug": slug,
            "build": build,
            "number": len(self.seasons(slug)) + 1,
            "metric": metric,
            "greater_is_better": greater_is_better,
            "rules": rules,
            "title": title,
            "opened_at": at,
            "deadline": deadline,
        }
        self._connection.execute(insert(schema.season).values(row))
        season = self.season(slug)
        assert season is not None
        return season

    def entrant(self, name: str, kind: Kind) -> Entrant:
        """Return an entrant, made where missing.

        Parameters
        ----------
        name : str
            A colon is for references alone.
        kind : {"person", "reference"}

        Raises
        ------
        RefusedError
            The name is reserved.
        """
        table = schema.entrant
        query = select(table.c.id, table.c.name, table.c.kind).where(table.c.name == name)
        row = self._connection.execute(query).first()
        if (kind == "person" and ":" in name) or (row is not None and row.kind != kind):
            raise RefusedError(f"the name {name!r} is reserved", "choose another: --as NAME")
        if row is None:
            self._connection.execute(insert(table).values(name=name, kind=kind))
            row = self._connection.execute(query).one()
        return Entrant(*row)

    def add_attempt(self, new: NewAttempt) -> Attempt:
        """Write down a submission and its scores.

        Raises
        ------
        NotFoundError
            The entrant is not known.
        """
        table = schema.submission
        row = {
            column.name: getattr(new, column.name)
            for column in table.c
            if column.name not in ("id", "entrant", "withdrawn_at")
        }
        query = insert(table).values(**row, entrant=self._entrant_id(new.entrant))
        key = self._connection.execute(query).inserted_primary_key
        assert key is not None
        version = max((score.scorer_version for score in new.scores), default=0)
        secondary = [
            NewScore("secondary", metric, value, version) for metric, value in new.secondary.items()
        ]
        self.add_scores(key[0], (*new.scores, *secondary), new.submitted_at)
        if new.out_of_fold is not None:
            query = insert(schema.out_of_fold).values(submission=key[0], **vars(new.out_of_fold))
            self._connection.execute(query)
        return self._found(key[0])[1]

    def add_scores(self, id: int, scores: Sequence[NewScore], at: datetime) -> None:
        """Write down scores of a stored submission; those of an earlier scorer stay beside them.

        Parameters
        ----------
        id : int
            The submission.
        scores : sequence of NewScore
        at : datetime
            When they were computed, aware.
        """
        rows = [
            {
                "submission": id,
                "split": score.split,
                "metric": score.metric,
                "scorer_version": score.scorer_version,
                "value": score.value,
                "at": at,
            }
            for score in scores
        ]
        if rows:
            self._connection.execute(insert(schema.score), rows)
        replicated = [
            {key: row[key] for key in _SCORE_KEY} | vars(score.replicates)
            for row, score in zip(rows, scores, strict=True)
            if score.replicates is not None
        ]
        if replicated:
            self._connection.execute(insert(schema.replicates), replicated)

    def add_replicates(self, id: int, split: str, found: Replicates) -> None:
        """Write down the replicates of a score that was stored without, unless it has some.

        Parameters
        ----------
        id : int
            The submission.
        split : {"public", "private"}
        found : Replicates
            Of the newest score.

        Raises
        ------
        NotFoundError
            There is no such score.
        """
        score, table = schema.score, schema.replicates
        key = self._connection.execute(
            select(*(score.c[name] for name in _SCORE_KEY))
            .where(score.c.submission == id, score.c.split == split)
            .order_by(score.c.scorer_version.desc())
            .limit(1)
        ).first()
        if key is None:
            raise NotFoundError(f"submission {id} has no {split} score")
        row = key._asdict()
        there = select(table.c.plan).where(*(table.c[name] == row[name] for name in _SCORE_KEY))
        if self._connection.execute(there).first() is None:
            self._connection.execute(insert(table).values(**row, **vars(found)))

    def select(self, season: int, entrant: str, ids: tuple[int, ...], at: datetime) -> None:
        """Choose the final submissions of an entrant, in place of those chosen before.

        Parameters
        ----------
        season : int
        entrant : str
        ids : tuple of int
            Submissions of this entrant in this season; empty: none is chosen.
        at : datetime
            Aware.

        Raises
        ------
        NotFoundError
            One of them is not such a submission.
        """
        table = schema.selection
        who = self._entrant_id(entrant)
        for id in ids:
            of_season, attempt = self._found(id)
            if (of_season.id, attempt.entrant) != (season, entrant):
                raise NotFoundError(f"{entrant!r} has no submission {id} in this season")
        self._connection.execute(
            delete(table).where(table.c.season == season, table.c.entrant == who)
        )
        for id in sorted(set(ids)):
            self._connection.execute(
                insert(table).values(season=season, entrant=who, submission=id, at=at)
            )

    def rejudge(self, id: int, status: Status, error: str | None, released: float | None) -> None:
        """Replace what became of a submission and what is told of it; its scores stay.

        Parameters
        ----------
        id : int
        status : {"scored", "failed"}
        error : str or None
        released : float or None

        Raises
        ------
        NotFoundError
        """
        self._found(id)
        table = schema.submission
        values = {"status": status, "error": error, "released": released}
        self._connection.execute(update(table).where(table.c.id == id).values(**values))

    def rejudge_out_of_fold(self, id: int, found: OutOfFold | None) -> None:
        """Replace the scores of out-of-fold predictions; None: they have none any more.

        Parameters
        ----------
        id : int
            The submission.
        found : OutOfFold or None
        """
        table = schema.out_of_fold
        if found is None:
            self._connection.execute(delete(table).where(table.c.submission == id))
        else:
            query = update(table).where(table.c.submission == id)
            self._connection.execute(query.values(value=found.value, folds=found.folds))

    def change_metric(self, season: int, metric: dict[str, Any], greater_is_better: bool) -> None:
        """Replace the metric of a season.

        Parameters
        ----------
        season : int
        metric : dict
            What JSON can say; it comes back as it is.
        greater_is_better : bool
        """
        table = schema.season
        values = {"metric": metric, "greater_is_better": greater_is_better}
        self._connection.execute(update(table).where(table.c.id == season).values(**values))

    def reveal(self, season: int, at: datetime) -> None:
        """End a season; one that has ended keeps its time."""
        table = schema.season
        self._connection.execute(
            update(table)
            .where(table.c.id == season, table.c.revealed_at.is_(None))
            .values(revealed_at=at)
        )

    def withdraw(self, id: int, at: datetime) -> None:
        """Mark a submission as withdrawn; one that is keeps its time.

        Raises
        ------
        NotFoundError
        """
        if self._found(id)[1].withdrawn_at is None:
            table = schema.submission
            self._connection.execute(update(table).where(table.c.id == id).values(withdrawn_at=at))

    def note(self, id: int, text: str) -> None:
        """Write a note beside a submission, in place of the one before.

        Raises
        ------
        NotFoundError
        """
        self._found(id)
        table = schema.submission
        self._connection.execute(update(table).where(table.c.id == id).values(note=text))

    def append(
        self,
        kind: str,
        at: datetime,
        season: int | None,
        entrant: str | None,
        payload: dict[str, Any],
    ) -> Event:
        """Add an event to the chain.

        Parameters
        ----------
        kind : str
            What happened: ``"submission"``, ``"reveal"``, ...
        at : datetime
            Aware.
        season : int or None
        entrant : str or None
            A name.
        payload : dict
            What JSON can say, without NaN and infinity.

        Returns
        -------
        Event
        """
        table = schema.event
        row = self._connection.execute(select(table).order_by(table.c.seq.desc()).limit(1)).first()
        last = None if row is None else Event(**row._mapping)
        event = chain.link(last, kind, at, season, entrant, payload)
        self._connection.execute(insert(table).values(vars(event)))
        return event

    def _found(self, id: int) -> tuple[Season, Attempt]:
        found = self.attempt(id)
        if found is None:
            raise NotFoundError(f"there is no submission {id}", "practice submissions")
        return found

    def _entrant_id(self, name: str) -> int:
        table = schema.entrant
        row = self._connection.execute(select(table.c.id).where(table.c.name == name)).first()
        if row is None:
            raise NotFoundError(f"nobody of the name {name!r} has entered")
        return int(row.id)
