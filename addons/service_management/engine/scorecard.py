"""How good a service point or a technician was in a period, from 0 to 100.

The formula, measure by measure:

1. **Shrinkage.** A figure is a sum ``amount`` over ``count`` cases (orders met in time
   over orders with a promise, say). Few cases say little, so the rate is drawn towards
   the whole network's: ``(amount + strength * prior) / (count + strength)``. With
   ``strength`` 10, ten own cases weigh as much as the network does.
2. **Scale.** The rate earns 0 points at ``floor`` and 100 at ``target``, linearly
   between and cut off beyond. ``floor`` above ``target``: less is better.
3. **Sum.** The score is the mean of the measures' points by weight. A measure without a
   single case is left out with its weight; it neither helps nor harms.
4. **Judgement.** A grade is proposed from ``Band`` s, best first; below ``minimum``
   orders nobody is judged, whatever the score.

Shrinking proportions to the overall mean is the empirical Bayes estimate for binomial
data with a beta prior whose parameters sum to ``strength`` (Efron and Morris, 1975).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, how much it counts, and between which rates it is scaled."""

    code: str
    weight: float
    target: float
    floor: float
    strength: float = 10.0

    def __post_init__(self):
        if self.weight < 0 or self.strength < 0:
            raise ValueError("weight and strength cannot be negative")
        if self.target == self.floor:
            raise ValueError("target and floor must differ")


@dataclass(frozen=True, slots=True)
class Figure:
    """``amount`` summed over ``count`` cases."""

    amount: float
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a card: own rate, rate after shrinkage, points, share of score."""

    code: str
    rate: float
    shrunk: float
    prior: float
    points: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Card:
    """Score from 0 to 100 (none without a case), proposed grade (none if unjudged)."""

    score: float | None
    grade: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """From ``minimum`` points on the grade is ``grade``."""

    grade: str
    minimum: float


BANDS = (Band("a", 85.0), Band("b", 70.0), Band("c", 55.0), Band("d", 0.0))


def shrink(amount: float, count: float, prior: float, strength: float) -> float:
    """The rate ``amount / count`` drawn towards ``prior``; the prior without cases.

    >>> shrink(0, 2, 0.8, 10)
    0.6666666666666666
    """
    if not count + strength:
        return prior
    return (amount + strength * prior) / (count + strength)


def scale(rate: float, target: float, floor: float) -> float:
    """Points of a rate, 0 at ``floor`` to 100 at ``target``.

    >>> scale(0.85, target=0.95, floor=0.75)
    50.0
    """
    return round(min(max((rate - floor) / (target - floor), 0.0), 1.0) * 100.0, 6)


def grade(score: float, bands: Sequence[Band] = BANDS) -> str:
    """The best grade whose minimum is reached, the last one otherwise."""
    ordered = sorted(bands, key=lambda band: -band.minimum)
    for band in ordered:
        if score >= band.minimum:
            return band.grade
    return ordered[-1].grade


def judge(
    figures: Mapping[str, Figure],
    measures: Sequence[Measure],
    priors: Mapping[str, float],
    orders: int,
    minimum: int = 10,
    bands: Sequence[Band] = BANDS,
) -> Card:
    """The card of one point or technician.

    :param figures: by code of the measure; missing or without cases is left out
    :param priors: rate of the whole network by code; the own rate where it is missing
    :param orders: finished in the period; fewer than ``minimum`` are not judged
    """
    used = [
        (measure, figures[measure.code])
        for measure in measures
        if measure.weight and figures.get(measure.code, Figure(0, 0)).count > 0
    ]
    total = sum(measure.weight for measure, __ in used)
    lines = []
    for measure, figure in used:
        rate = figure.amount / figure.count
        prior = priors.get(measure.code, rate)
        shrunk = shrink(figure.amount, figure.count, prior, measure.strength)
        points = scale(shrunk, measure.target, measure.floor)
        lines.append(
            Line(
                measure.code,
                rate,
                shrunk,
                prior,
                points,
                points * measure.weight / total,
            )
        )
    if not lines:
        return Card(None, None, ())
    score = min(max(sum(line.contribution for line in lines), 0.0), 100.0)
    judged = orders >= minimum
    return Card(score, grade(score, bands) if judged else None, tuple(lines))
