"""What the advice on final submissions is worth, on made-up boards with known truth.

    python benchmarks/advice.py [--boards 4000]

Twenty submissions in five families: those of a family predict nearly alike. Two are chosen; the
regret is by how much the best private score of all twenty stands above the better one of the two,
in standard errors of the public difference between two families. Private rows are twice as many.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.board.advice import Evidence, Rows, advise

FAMILIES, EACH = 5, 4
COUNT = FAMILIES * EACH
ROWS = Rows(public=1000, private=2000, training=5000)
REPLICATES = 1000


@dataclass(frozen=True)
class World:
    """How skills and luck are spread; ``skill`` is in errors of a paired difference."""

    name: str
    skill: float
    within: float  # share of a family's differences that its members have among themselves
    inside: float  # correlation of luck inside a family
    stray: float = 0.0  # further error of cross-validation, in its own standard errors


WORLDS = (
    World("all equal", 0.0, 0.0, 0.9),
    World("close", 0.5, 0.3, 0.9),
    World("apart", 2.0, 0.3, 0.9),
    World("near copies", 0.5, 0.02, 0.998),
    World("cross-validation misleads", 0.5, 0.3, 0.9, stray=4.0),
)
CHOICES = ("two best public", "two best cv", "advice, public", "advice, both", "two best skills")


def board(world: World, bits: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    """Return skills, public, cross-validated and private scores, and replicates of the noise."""
    family = np.repeat(np.arange(FAMILIES), EACH)
    alike = np.where(family[:, None] == family[None, :], world.inside, 0.5)
    np.fill_diagonal(alike, 1.0)
    root = np.linalg.cholesky(alike)

    def luck(size: float) -> NDArray[np.float64]:
        return size * (root @ bits.normal(size=COUNT))

    skill = world.skill * bits.normal(size=FAMILIES)[family]
    skill = skill + world.skill * world.within * bits.normal(size=COUNT)
    error = (ROWS.public / ROWS.training) ** 0.5
    public, private = skill + luck(1.0), skill + luck((ROWS.public / ROWS.private) ** 0.5)
    crossed = 0.3 + skill + luck(error) + world.stray * error * bits.normal(size=COUNT)
    return skill, public, crossed, private, root @ bits.normal(size=(COUNT, REPLICATES))


def regrets(world: World, bits: np.random.Generator) -> NDArray[np.float64]:
    """Return what each way to choose regrets on one board."""
    skill, public, crossed, private, drawn = board(world, bits)
    noise, same, none = np.cov(drawn, bias=True), np.eye(COUNT), np.full(COUNT, np.nan)
    errors = np.full(COUNT, (ROWS.public / ROWS.training) ** 0.5)
    alone = advise(Evidence(public, True, noise, none, none, same, ROWS))
    both = advise(Evidence(public, True, noise, crossed, errors, same, ROWS))
    chosen = [np.argsort(-values)[:2] for values in (public, crossed)]
    chosen += [np.array(alone.picks), np.array(both.picks), np.argsort(-skill)[:2]]
    return np.array([private.max() - private[picks].max() for picks in chosen])


def measure(world: World, boards: int, seed: int = 20260101) -> NDArray[np.float64]:
    """Return the mean regret of each way, in the order of :data:`CHOICES`."""
    bits = np.random.default_rng(seed)
    found: NDArray[np.float64] = np.mean([regrets(world, bits) for _ in range(boards)], axis=0)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boards", type=int, default=4000)
    boards = parser.parse_args().boards
    print("| boards | " + " | ".join(CHOICES) + " |")
    print("|---" + "|---:" * len(CHOICES) + "|")
    for world in WORLDS:
        cells = " | ".join(f"{each:.3f}" for each in measure(world, boards))
        print(f"| {world.name} | {cells} |")


if __name__ == "__main__":
    main()
