"""Two attacks on a board by somebody who knows nothing, played against each feedback policy.

The answers are coin flips, so every prediction is right for half of the rows that nobody looks at.
What a board says beyond that was learnt from the board itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from practice.board.feedback import Policy, better, release
from practice.board.ladder import Ladder, Rung, beats
from practice.progress import Progress, silent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ATTACKS", "Attack", "Play", "Track", "play", "policies"]

Attack = Literal["vote", "flips"]
ATTACKS: tuple[Attack, ...] = ("vote", "flips")

_VOTES = 10  # submissions between two votes that are tried out
_LABELS = ("0", "1")


@dataclass(frozen=True)
class Track:
    """How far an attack came under one policy, on average over the runs.

    Parameters
    ----------
    attack : {"vote", "flips"}
    policy : str
    submissions : tuple of int
        How many had been made,
    board : tuple of float
        and the best score that the board showed for them by then.
    public : float
        Accuracy of the attacker's last predictions on the public rows,
    private : float
        and on the private rows.
    """

    attack: Attack
    policy: str
    submissions: tuple[int, ...]
    board: tuple[float, ...]
    public: float
    private: float

    @property
    def reached(self) -> float:
        """What the board shows in the end."""
        return self.board[-1]


@dataclass(frozen=True)
class Play:
    """Both attacks under all policies.

    Parameters
    ----------
    public_rows, private_rows, submissions, runs : int
    truth : float
        What every prediction is worth.
    tracks : tuple of Track
    """

    public_rows: int
    private_rows: int
    submissions: int
    runs: int
    truth: float
    tracks: tuple[Track, ...]


def policies(rows: int) -> dict[str, Policy]:
    """Return the policies that are compared, by name.

    Parameters
    ----------
    rows : int
        Public rows; the naive Ladder rounds to one of them.

    Examples
    --------
    >>> list(policies(300))
    ['full', 'rounded:2', 'naive', 'ladder']
    """
    return {
        "full": Policy("full"),
        "rounded:2": Policy("rounded", 2),
        "naive": Policy("ladder", ladder=Ladder(step=1 / rows, z=1.0, floor=0.0)),
        "ladder": Policy("ladder"),
    }


def play(
    public_rows: int = 300,
    private_rows: int = 700,
    submissions: int = 400,
    runs: int = 20,
    seed: int = 0,
    progress: Progress = silent,
) -> Play:
    """Play both attacks under all policies.

    Parameters
    ----------
    public_rows, private_rows : int
        Rows of the made-up test.
    submissions : int
        Of each attacker.
    runs : int
        Tests that are made up; all policies meet the same ones.
    seed : int
    progress : Progress

    Returns
    -------
    Play

    Notes
    -----
    "vote" submits coin flips and takes the majority of those shown above .5; what the board would
    say to that is tried out after every tenth. "flips" changes two public rows of what it holds and
    keeps the change where the board shows a better score; where the board shows every score, only
    rounded, it keeps what shows as equal too. It knows which rows are public, as whoever edits one
    row at a time soon does.

    Examples
    --------
    >>> played = play(submissions=20, runs=1)
    >>> len(played.tracks), played.tracks[0].submissions
    (8, (1, 10, 20))
    """
    attacks: dict[Attack, _Player] = {"vote": _vote, "flips": _flips}
    compared = policies(public_rows)
    tracks = []
    done, total = 0, len(ATTACKS) * len(compared) * runs
    for attack in ATTACKS:
        for name, policy in compared.items():
            seen = []
            for run in range(runs):
                progress("attacks", done, total)
                test = _Test.draw(public_rows, private_rows, seed + run)
                seen.append(attacks[attack](_Desk(test, policy), submissions, seed + run))
                done += 1
            tracks.append(_mean(attack, name, seen))
    progress("attacks", total, total)
    return Play(public_rows, private_rows, submissions, runs, 0.5, tuple(tracks))


@dataclass(frozen=True)
class _Test:
    """Answers that are coin flips, the public rows first, and the plan of these."""

    answers: NDArray[np.int8]
    public_rows: int
    metric: Any
    plan: Any

    @classmethod
    def draw(cls, public_rows: int, private_rows: int, seed: int) -> _Test:
        import numpy as np

        from practice import metrics
        from practice.metrics.drawing import draw

        chance = np.random.default_rng([seed, 0])
        answers = chance.integers(0, 2, public_rows + private_rows).astype(np.int8)
        units, classes = np.arange(public_rows), answers[:public_rows].astype(np.int64)
        plan = draw(units, seed=seed, strata=classes, kind="classes")
        return cls(answers, public_rows, metrics.get("accuracy"), plan)

    def public(self, predictions: NDArray[Any]) -> float:
        """Score predictions for all rows on the public ones."""
        part = slice(0, self.public_rows)
        found: float = self.metric.score(self.answers[part], predictions[part], labels=_LABELS)
        return found

    def private(self, predictions: NDArray[Any]) -> float:
        """Score them on the others."""
        part = slice(self.public_rows, None)
        found: float = self.metric.score(self.answers[part], predictions[part], labels=_LABELS)
        return found

    def rung(self, predictions: NDArray[Any]) -> Rung:
        """Return what the Ladder compares."""
        part = slice(0, self.public_rows)
        pair = self.answers[part], predictions[part]
        made = self.metric.replicates(*pair, self.plan, labels=_LABELS)
        return Rung(self.public(predictions), made)


class _Desk:
    """Where one attacker submits, and what was said there."""

    def __init__(self, test: _Test, policy: Policy) -> None:
        self.test = test
        self.policy = policy
        self.files: list[NDArray[Any]] = []
        self.told: list[float] = []

    def ask(self, predictions: NDArray[Any]) -> float:
        """Return what would be said of predictions."""

        def wins(position: int) -> bool:
            new, best = self.test.rung(predictions), self.test.rung(self.files[position])
            rows = self.test.public_rows
            return beats(new, best, True, rows=rows, ladder=self.policy.ladder)

        found = release(self.policy, self.test.public(predictions), self.told, True, wins)
        assert found is not None
        return found

    def submit(self, predictions: NDArray[Any]) -> float:
        """Submit predictions; return what is said of them."""
        said = self.ask(predictions)
        self.files.append(predictions)
        self.told.append(said)
        return said


@dataclass(frozen=True)
class _Seen:
    """One run of an attack: the board after so many submissions, and the last predictions."""

    board: dict[int, float]
    public: float
    private: float


_Player = Callable[[_Desk, int, int], _Seen]


def _vote(desk: _Desk, submissions: int, seed: int) -> _Seen:
    import numpy as np

    chance = np.random.default_rng([seed, 1])
    rows = len(desk.test.answers)
    ballots = chance.uniform(-0.5, 0.5, rows)  # less than one vote: coins for what is undecided
    board, majority = {}, (ballots > 0).astype(np.int8)
    for made in range(1, submissions + 1):
        guess = chance.integers(0, 2, rows).astype(np.int8)
        if desk.submit(guess) > 0.5:
            ballots += 2 * guess - 1
        if made == 1 or made % _VOTES == 0:
            majority = (ballots > 0).astype(np.int8)
            board[made] = max(*desk.told, desk.ask(majority))
    return _Seen(board, desk.test.public(majority), desk.test.private(majority))


def _flips(desk: _Desk, submissions: int, seed: int) -> _Seen:
    import numpy as np

    chance = np.random.default_rng([seed, 2])
    held = chance.integers(0, 2, len(desk.test.answers)).astype(np.int8)
    shown = desk.submit(held)
    board = {1: shown}
    for made in range(2, submissions + 1):
        tried = held.copy()
        tried[chance.choice(desk.test.public_rows, 2, replace=False)] ^= 1
        said = desk.submit(tried)
        # A Ladder repeats the best for all that is no new best, so there equal says nothing.
        if better(said, shown, True) or (said == shown and desk.policy.kind != "ladder"):
            held, shown = tried, said
        if made % _VOTES == 0:
            board[made] = shown
    return _Seen(board, desk.test.public(held), desk.test.private(held))


def _mean(attack: Attack, policy: str, seen: Sequence[_Seen]) -> Track:
    runs = len(seen)
    submissions = tuple(seen[0].board)
    return Track(
        attack,
        policy,
        submissions,
        tuple(sum(each.board[made] for each in seen) / runs for made in submissions),
        sum(each.public for each in seen) / runs,
        sum(each.private for each in seen) / runs,
    )
