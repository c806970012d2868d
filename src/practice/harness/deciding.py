"""``select``, ``withdraw``, ``note`` and ``reveal``."""

from __future__ import annotations

from collections.abc import Sequence

from practice import board
from practice.build.vault import load_key
from practice.errors import NotFoundError, RefusedError, UsageError
from practice.harness import clock, receipts
from practice.harness.records import Move, Noted, Revealed, Selected
from practice.harness.rounds import current, rules
from practice.harness.views import board_of, submission_row
from practice.settings import Settings
from practice.store import Attempt, Season, Store, Transaction, open_store

__all__ = ["note", "reveal", "select", "withdraw"]


def _own(tx: Store | Transaction, number: int, entrant: str) -> tuple[Season, Attempt]:
    """Return a submission of an entrant, or say that it is not theirs."""
    found = tx.attempt(number)
    if found is None or found[1].entrant != entrant:
        raise NotFoundError(f"{entrant!r} has no submission {number}", "practice submissions")
    return found


def _running(season: Season, verb: str) -> None:
    if season.revealed_at is not None:
        raise RefusedError(
            f"season {season.number} of {season.slug!r} is revealed: too late to {verb}",
            f"practice retry {season.slug}",
        )


def withdraw(settings: Settings, number: int, *, entrant: str) -> Noted:
    """Take a submission off the board; it stays stored and its attempt stays used.

    Raises
    ------
    NotFoundError
        No such submission of this entrant.
    RefusedError
        The season is revealed.
    """
    with open_store(settings) as store, store.write() as tx:
        season, attempt = _own(tx, number, entrant)
        _running(season, "withdraw")
        if attempt.withdrawn_at is None:
            moment = clock.now()
            tx.withdraw(number, moment)
            receipt = receipts.withdrawn(tx, number)
            chosen = tx.selections(season.id).get(entrant, ())
            if number in chosen:
                tx.select(season.id, entrant, tuple(c for c in chosen if c != number), moment)
                receipt |= receipts.chosen(tx, season.id, entrant, chosen)
            said = {"submission": number, "receipt": receipt}
            tx.append("withdrawal", moment, season.id, entrant, said)
        return Noted(number, season.slug, entrant, True, attempt.note)


def note(settings: Settings, number: int, text: str, *, entrant: str) -> Noted:
    """Write a note beside a submission of one's own, replacing the one before.

    Raises
    ------
    NotFoundError
        No such submission of this entrant.
    """
    with open_store(settings) as store, store.write() as tx:
        season, attempt = _own(tx, number, entrant)
        tx.note(number, text)
        said = {"submission": number, "receipt": receipts.noted(tx, number)}
        tx.append("note", clock.now(), season.id, entrant, said)
        return Noted(number, season.slug, entrant, attempt.withdrawn_at is not None, text)


def select(
    settings: Settings, numbers: Sequence[int], *, entrant: str, slug: str | None = None
) -> Selected:
    """Name the final submissions of an entrant, or show which count at present.

    Parameters
    ----------
    settings : Settings
    numbers : sequence of int
        Submissions; empty: change nothing.
    entrant : str
    slug : str, optional
        Needed where ``numbers`` is empty.

    Raises
    ------
    NotFoundError
        No such submission of this entrant.
    RefusedError
        More than the rules allow, not scored, withdrawn, of another season, or revealed.
    """
    with open_store(settings) as store, store.write() as tx:
        if not numbers and slug is None:
            raise UsageError("no competition is named", "practice select ID...")
        season = _own(tx, numbers[0], entrant)[0] if numbers else current(tx, str(slug))
        allowed = rules(season).final_selections
        if numbers:
            unique = tuple(dict.fromkeys(numbers))
            _check_choice(tx, season, unique, entrant, allowed)
            moment = clock.now()
            before = tx.selections(season.id).get(entrant, ())
            tx.select(season.id, entrant, unique, moment)
            receipt = receipts.chosen(tx, season.id, entrant, before)
            said = {"submissions": list(unique), "receipt": receipt}
            tx.append("selection", moment, season.id, entrant, said)
        own = tx.attempts(season.id, entrant)
        chosen = tx.selections(season.id).get(entrant, ())
        final = board.finals(own, chosen, allowed, season.greater_is_better)
        picked = {row.id for row in final}
        beside = tx.out_of_fold(season.id)
        shown = tuple(
            submission_row(season, each, True, beside.get(each.id))
            for each in own
            if each.id in picked
        )
        return Selected(season.slug, entrant, bool(chosen), shown, allowed)


def _check_choice(
    tx: Transaction, season: Season, numbers: tuple[int, ...], entrant: str, allowed: int
) -> None:
    _running(season, "select")
    if len(numbers) > allowed:
        raise RefusedError(
            f"{len(numbers)} submissions named, {season.slug!r} allows {allowed}",
            f"practice select {' '.join(str(n) for n in numbers[:allowed])}",
        )
    for number in numbers:
        other, attempt = _own(tx, number, entrant)
        if other.id != season.id:
            raise RefusedError(
                f"submission {number} belongs to season {other.number} of {other.slug!r}",
                f"practice submissions {season.slug}",
            )
        if attempt.status != "scored" or attempt.withdrawn_at is not None:
            state = "withdrawn" if attempt.status == "scored" else attempt.status
            raise RefusedError(
                f"submission {number} is {state} and cannot be final",
                f"practice submissions {season.slug}",
            )


def reveal(settings: Settings, slug: str) -> Revealed:
    """End a season: compute the private board from the final submissions and show it.

    Parameters
    ----------
    settings : Settings
    slug : str

    Returns
    -------
    Revealed
        ``already`` is True where the season was revealed before.
    """
    with open_store(settings) as store, store.write() as tx:
        season = current(tx, slug)
        already = season.revealed_at is not None
        if not already:
            moment = clock.now()
            tx.reveal(season.id, moment)
            key = load_key(settings.vault / season.build).hex()
            said = {"key": key, "receipt": receipts.revealed(tx, season.id)}
            tx.append("reveal", moment, season.id, None, said)
            season = current(tx, slug)
        table = board_of(tx, season, settings)
    moves = tuple(
        Move(
            entry.entrant,
            entry.kind,
            entry.public_rank,
            entry.rank,
            entry.public_rank - entry.rank
            if entry.public_rank is not None and entry.rank is not None
            else None,
        )
        for entry in table.entries
    )
    return Revealed(table, moves, already)
