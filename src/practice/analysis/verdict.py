"""Whether to go by cross-validation, in one sentence."""

from __future__ import annotations

from typing import Literal

from practice.analysis.agreement import Agreement

__all__ = ["BLIND", "ENOUGH", "NEAR", "Verdict", "judge"]

Verdict = Literal["trust", "check", "undecided", "too few", "nothing"]

ENOUGH = 8  # submissions; of fewer the agreement is known to no better than a coin's
NEAR = 3.0  # standard errors; what is worse than one's best by more, any score puts below
BLIND: tuple[Verdict, str] = (
    "nothing",
    "Nothing to compare: feedback blind tells no score before the reveal.",
)

_Z = 1.96
_MOST = 2 / 3  # of the pairs that the board tells apart


def judge(known: int, near: Agreement, apart: Agreement | None) -> tuple[Verdict, str]:
    """Judge cross-validation by the submissions that are close to the best.

    Parameters
    ----------
    known : int
        Submissions of which both scores are known.
    near : Agreement
        Of those that are within :data:`NEAR` standard errors of the best.
    apart : Agreement or None
        Of their pairs that differ on the board by more than luck; None where that is unknown.

    Returns
    -------
    verdict : {"trust", "check", "undecided", "too few", "nothing"}
    sentence : str

    Notes
    -----
    Pairs that the board tells apart are what cross-validation is held to: from two thirds of them
    it is trusted, up to one third it is to be checked. Where there are none, or no noise is known,
    the order of all pairs counts, if it is not one that chance gives (Kendall's tau, two-sided at
    5 %).

    Examples
    --------
    >>> judge(9, Agreement(9, 36, 30), Agreement(9, 12, 12))[1]
    'Trust your cross-validation: it orders 12 of the 12 pairs that the board tells apart as ...'
    >>> judge(3, Agreement(3, 3, 3), None)[0]
    'too few'
    """
    if known < ENOUGH:
        what = "with out-of-fold predictions and a score of their own"
        of = "submission" if known == 1 else "submissions"
        return "too few", f"Too few: {known} {of} {what}; {ENOUGH} are wanted."
    if near.entries < ENOUGH:
        where = f"within {NEAR:g} standard errors of your best score"
        return (
            "too few",
            f"Too few: {near.entries} of {known} submissions are {where}; {ENOUGH} are wanted.",
        )
    if apart is None:
        return _by_order(near)
    if not apart.pairs:
        return _untold(near)
    of = f"{apart.alike} of the {apart.pairs} pairs that the board tells apart"
    if apart.alike >= _MOST * apart.pairs:
        return "trust", f"Trust your cross-validation: it orders {of} as the board does."
    if apart.alike <= (1 - _MOST) * apart.pairs:
        return (
            "check",
            f"Check your cross-validation: it orders only {of} as the board does. Look for a "
            "leak, or for folds that are not made like the split.",
        )
    return "undecided", f"Undecided: your cross-validation orders {of} as the board does."


def _untold(near: Agreement) -> tuple[Verdict, str]:
    """Judge where the board tells no pair apart: only whether there is a common trend."""
    if abs(near.z) > _Z:
        verdict, sentence = _by_order(near)
        return verdict, f"{sentence[:-1]}, though the board alone tells none of them apart."
    return (
        "trust",
        "Trust your cross-validation: the board tells none of these submissions apart, and how "
        "it orders them is luck.",
    )


def _by_order(near: Agreement) -> tuple[Verdict, str]:
    """Judge by the order of all pairs, against what chance would order."""
    share = 0.0 if near.share is None else near.share
    of = f"{100 * share:.0f} % of {near.pairs} pairs"
    if near.z > _Z:
        return "trust", f"Trust your cross-validation: it orders {of} as the board does."
    if near.z < -_Z:
        return "check", f"Check your cross-validation: it orders only {of} as the board does."
    return "undecided", f"Undecided: your cross-validation orders {of} alike, as chance might."
