"""Where one more visit fits between visits that stay as they are.

    slots = find(days, visit, minutes, count=3)

For an answer to a customer on the telephone nothing booked is moved: a visit fits into
a gap of somebody's day or it does not. This is no search: every gap is looked at once.
Times are minutes from any zero that is the same for all days.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Somebody who is proposed once is proposed again for another part of the day only
APART = 60.0


@dataclass(frozen=True, slots=True)
class Block:
    """Booked time; ``place`` is ``None`` for a break, held wherever one is."""

    start: float
    end: float
    place: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """A technician's day: leaves ``base`` after ``start``, is back by ``end``."""

    key: int
    start: float
    end: float
    base: int
    blocks: tuple[Block, ...] = ()
    # Added to the cost of whatever this technician does: wishes, fetching parts
    cost: float = 0.0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """Starts within one of ``windows``; ``due`` is the latest start in time."""

    place: int
    minutes: float
    windows: tuple[tuple[float, float], ...]
    due: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A start that is possible, what it costs and what it adds to the way."""

    key: int
    start: float
    end: float
    travel: float  # from the stop before
    detour: float  # added to the day's travel
    late: float
    cost: float
    codes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Prices:
    """What a minute costs: of detour, of lateness, of having the customer wait."""

    detour: float = 1.0
    late: float = 2.0
    wait: float = 0.02


def find(
    days: Sequence[Day],
    visit: Visit,
    minutes: Sequence[Sequence[float]] | Mapping,
    *,
    count: int = 3,
    now: float = 0.0,
    step: float = 15.0,
    prices: Prices | None = None,
) -> list[Gap]:
    """The cheapest starts, at most ``count``, by rising cost.

    :param minutes: travel between places
    :param step: starts are multiples of it, unless only another one fits
    """
    prices = prices or Prices()
    found = [
        gap
        for day in days
        for gap in _gaps_of_day(day, visit, minutes, now, step, prices)
    ]
    found.sort(key=lambda gap: (gap.cost, gap.start, gap.key))
    chosen: list[Gap] = []
    for gap in found:
        if any(
            other.key == gap.key and abs(other.start - gap.start) < APART
            for other in chosen
        ):
            continue
        chosen.append(gap)
        if len(chosen) == count:
            break
    return chosen


def _gaps_of_day(day, visit, minutes, now, step, prices):
    clock, place = max(day.start, now), day.base
    end = Block(day.end, day.end, day.base)
    blocks = sorted(day.blocks, key=lambda block: block.start)
    for number, block in enumerate((*blocks, end)):
        following = next(
            (b.place for b in blocks[number:] if b.place is not None), day.base
        )
        there = minutes[place][visit.place]
        # Behind a break one drives on after it
        back = 0.0 if block.place is None else minutes[visit.place][block.place]
        earliest = clock + there
        latest = block.start - back - visit.minutes
        detour = there + minutes[visit.place][following] - minutes[place][following]
        for low, high in visit.windows:
            start = _round_up(max(earliest, low), step)
            if start > min(latest, high):
                start = max(earliest, low)
            if start > min(latest, high):
                continue
            if block.place is None and not _reaches(
                blocks, number, visit, minutes, day
            ):
                continue
            late = max(0.0, start - visit.due) if visit.due is not None else 0.0
            cost = (
                prices.detour * detour
                + prices.late * late
                + prices.wait * (start - now)
                + day.cost
            )
            yield Gap(
                day.key,
                start,
                start + visit.minutes,
                there,
                detour,
                late,
                cost,
                day.codes,
            )
        clock = max(clock, block.end)
        place = place if block.place is None else block.place


def _reaches(blocks, number, visit, minutes, day) -> bool:
    """Whether the stop after the breaks from ``number`` on is reached in time."""
    clock = blocks[number].end
    for block in (*blocks[number + 1 :], Block(day.end, day.end, day.base)):
        if block.place is None:
            clock = block.end
            continue
        return clock + minutes[visit.place][block.place] <= block.start
    return True


def _round_up(moment: float, step: float) -> float:
    return math.ceil(moment / step - 1e-9) * step
