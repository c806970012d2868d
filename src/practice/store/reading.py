"""What can be asked of the store, inside a transaction and outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from practice.errors import RefusedError
from practice.store import schema
from practice.store.records import Attempt, Entrant, Event, OutOfFold, Replicates, Season
from practice.store.stored import Cell, rows_as_stored

__all__ = ["Reads"]

_VERSION = schema.score.c.scorer_version
_LARGEST = 2**63 - 1  # a larger id is in no database, and SQLite cannot even be asked

# The fields of an attempt that its row holds, id first; the last three come from its scores.
_STORED = tuple(each.name for each in fields(Attempt))[:-3]


class Reads(ABC):
    """Questions to the store; each answer is of one moment."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]:
        """Open a connection to ask through."""

    def seasons(self, slug: str | None = None) -> tuple[Season, ...]:
        """Return all seasons, or those of one competition, oldest first.

        Parameters
        ----------
        slug : str, optional

        Returns
        -------
        tuple of Season
        """
        query = select(schema.season).order_by(schema.season.c.id)
        if slug is not None:
            query = query.where(schema.season.c.slug == slug)
        with self._reading() as connection:
            return tuple(_season(row) for row in connection.execute(query))

    def season(self, slug: str) -> Season | None:
        """Return the newest season of a competition; None: it was never started here."""
        table = schema.season
        query = select(table).where(table.c.slug == slug).order_by(table.c.id.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _season(row)

    def attempts(self, season: int, entrant: str | None = None) -> tuple[Attempt, ...]:
        """Return the submissions of a season, or those of one entrant, by id.

        Parameters
        ----------
        season : int
        entrant : str, optional

        Returns
        -------
        tuple of Attempt
        """
        conditions = [schema.submission.c.season == season]
        if entrant is not None:
            conditions.append(schema.entrant.c.name == entrant)
        with self._reading() as connection:
            return _attempts(connection, conditions)

    def attempt(self, id: int) -> tuple[Season, Attempt] | None:
        """Return a submission and its season; None: there is none of that id."""
        if not 0 < id <= _LARGEST:
            return None
        with self._reading() as connection:
            found = _attempts(connection, [schema.submission.c.id == id])
            if not found:
                return None
            query = select(schema.season).where(schema.season.c.id == found[0].season)
            return _season(connection.execute(query).one()), found[0]

    def attempts_since(self, season: int, entrant: str, since: datetime) -> int:
        """Count what a daily limit counts: scored submissions that were not late.

        Parameters
        ----------
        season : int
        entrant : str
        since : datetime
            Aware; a submission of this very moment counts.

        Returns
        -------
        int
            Withdrawn ones are counted, too.
        """
        table = schema.submission
        query = (
            select(func.count())
            .select_from(table)
            .join(schema.entrant, table.c.entrant == schema.entrant.c.id)
            .where(
                table.c.season == season,
                schema.entrant.c.name == entrant,
                table.c.status == "scored",
                table.c.late.is_(False),
                table.c.submitted_at >= since,
            )
        )
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def selections(self, season: int) -> dict[str, tuple[int, ...]]:
        """Return the final submissions that were chosen, by entrant, in order of id."""
        table = schema.selection
        query = (
            select(schema.entrant.c.name, table.c.submission)
            .join_from(table, schema.entrant, table.c.entrant == schema.entrant.c.id)
            .where(table.c.season == season)
            .order_by(table.c.submission)
        )
        chosen: dict[str, tuple[int, ...]] = {}
        with self._reading() as connection:
            for name, submission in connection.execute(query):
                chosen[name] = (*chosen.get(name, ()), submission)
        return chosen

    def replicates(
        self, season: int, split: str, submission: int | None = None
    ) -> dict[int, Replicates]:
        """Return the replicates of the scores of a season, by submission.

        Parameters
        ----------
        season : int
        split : {"public", "private"}
        submission : int, optional
            Of this one alone.

        Returns
        -------
        dict of int to Replicates
            Those of the newest version of the scorer that each submission was scored by; a score
            older than replicates has none.

        Raises
        ------
        RefusedError
            Private ones are asked for, and the season is not revealed.
        """
        table = schema.replicates
        query = _replicates(season, split, submission, table.c.plan, table.c.data)
        with self._reading() as connection:
            if split == "private":
                _refuse_before_reveal(connection, season)
            return {
                id_: Replicates(plan, bytes(data)) for id_, plan, data in connection.execute(query)
            }

    def plans(self, season: int, split: str) -> dict[int, str]:
        """Return under which plan the newest scores of a season have replicates, by submission."""
        query = _replicates(season, split, None, schema.replicates.c.plan)
        with self._reading() as connection:
            return {row.submission: row.plan for row in connection.execute(query)}

    def scored_by(self, season: int) -> dict[int, int]:
        """Return the newest version of the scorer of each scored submission of a season."""
        submission = schema.submission
        query = (
            select(schema.score.c.submission, func.max(_VERSION).label("version"))
            .join_from(schema.score, submission, schema.score.c.submission == submission.c.id)
            .where(submission.c.season == season, submission.c.status == "scored")
            .group_by(schema.score.c.submission)
        )
        with self._reading() as connection:
            return {row.submission: row.version for row in connection.execute(query)}

    def out_of_fold(self, season: int) -> dict[int, OutOfFold]:
        """Return the out-of-fold predictions of a season, by submission."""
        table, submission = schema.out_of_fold, schema.submission
        query = (
            select(table)
            .join(submission, table.c.submission == submission.c.id)
            .where(submission.c.season == season)
        )
        with self._reading() as connection:
            return {id_: OutOfFold(*rest) for id_, *rest in connection.execute(query)}

    def entrants(self) -> tuple[Entrant, ...]:
        """Return everybody who ever entered, in that order."""
        table = schema.entrant
        query = select(table.c.id, table.c.name, table.c.kind).order_by(table.c.id)
        with self._reading() as connection:
            return tuple(Entrant(*row) for row in connection.execute(query))

    def stored(self, table: str, **equal: Any) -> tuple[dict[str, Cell], ...]:
        """Return rows as the database keeps them, in order of their keys.

        Parameters
        ----------
        table : str
        **equal : object
            What columns must hold.

        Returns
        -------
        tuple of dict
            A cell by column, nothing parsed; private scores are among them.
        """
        with self._reading() as connection:
            return rows_as_stored(connection, table, equal)

    def events(
        self, season: int | None = None, kinds: Sequence[str] | None = None
    ) -> tuple[Event, ...]:
        """Return all events, or those of one season or of some kinds, in order.

        Parameters
        ----------
        season : int, optional
        kinds : sequence of str, optional

        Returns
        -------
        tuple of Event
            All of them are a chain that :func:`practice.store.verify_chain` checks.
        """
        query = select(schema.event).order_by(schema.event.c.seq)
        if season is not None:
            query = query.where(schema.event.c.season == season)
        if kinds is not None:
            query = query.where(schema.event.c.kind.in_(kinds))
        with self._reading() as connection:
            return tuple(Event(**row) for row in connection.execute(query).mappings())


def _replicates(
    season: int, split: str, submission: int | None, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Ask for the replicates of the newest score of each submission of a season."""
    table, score = schema.replicates, schema.score
    newest = (
        select(score.c.submission, func.max(score.c.scorer_version).label("version"))
        .join_from(score, schema.submission, score.c.submission == schema.submission.c.id)
        .where(schema.submission.c.season == season, score.c.split == split)
        .group_by(score.c.submission)
    )
    if submission is not None:
        newest = newest.where(score.c.submission == submission)
    of = newest.subquery()
    same = (table.c.submission == of.c.submission) & (table.c.scorer_version == of.c.version)
    return select(table.c.submission, *columns).join(of, same).where(table.c.split == split)


def _refuse_before_reveal(connection: Connection, season: int) -> None:
    table = schema.season
    query = select(table.c.slug, table.c.revealed_at).where(table.c.id == season)
    row = connection.execute(query).first()
    if row is not None and row.revealed_at is None:
        raise RefusedError(
            f"the season of {row.slug!r} is not revealed: nothing of its private rows is shown",
            f"practice reveal {row.slug}",
        )


def _season(row: Row[Any]) -> Season:
    return Season(**row._mapping)


def _attempts(connection: Connection, conditions: list[ColumnElement[bool]]) -> tuple[Attempt, ...]:
    submission, entrant, score = schema.submission, schema.entrant, schema.score
    columns = {**submission.c, "entrant": entrant.c.name, "kind": entrant.c.kind}
    to_entrant = submission.c.entrant == entrant.c.id
    query = (
        select(*(columns[name] for name in _STORED))
        .join_from(submission, entrant, to_entrant)
        .where(*conditions)
        .order_by(submission.c.id)
    )
    rows: Sequence[Sequence[Any]] = connection.execute(query).all()
    query_scores = (
        select(score.c.submission, score.c.split, score.c.metric, score.c.value, _VERSION)
        .join_from(score, submission, score.c.submission == submission.c.id)
        .join(entrant, to_entrant)
        .where(*conditions)
        .where(submission.c.status == "scored")  # another one may have scores of an older scorer
        .order_by(score.c.scorer_version, score.c.metric)  # the newest comes last and stays
    )
    single: dict[tuple[int, str], float | None] = {}
    secondary: dict[int, dict[str, float | None]] = defaultdict(dict)
    newest: dict[int, int] = {}
    for id_, split, metric, value, version in connection.execute(query_scores):
        if split != "secondary":
            single[id_, split] = value
            continue
        if newest.get(id_) != version:  # of an older scorer, perhaps of metrics that are no more
            secondary[id_].clear()
            newest[id_] = version
        secondary[id_][metric] = value
    attempts: list[Attempt] = []
    for row in rows:
        public, private = single.get((row[0], "public")), single.get((row[0], "private"))
        values = (*row, public, private, secondary.get(row[0], {}))
        attempts.append(Attempt(*values))
    return tuple(attempts)
