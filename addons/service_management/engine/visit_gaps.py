"""Where one more visit fits between visits that stay as they are.

    slots = find(days, visit, minutes, count=3)

For an answer to a customer on the telephone nothing booked is moved: a visit fits into
a gap of somebody's day or it does not. This is no search: every gap is looked at once.
A crew meets at the site: it begins when the last of it can, and whose gap holds that
moment at the least cost comes along. Times are minutes from any zero that is the same
for all days.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
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
    # Only people of one team make a crew, and one of it has what the visit needs
    team: Hashable = None
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """Starts within one of ``windows``; ``due`` is the latest start in time. So many
    people (``crew``) have to be there all the time."""

    place: int
    minutes: float
    windows: tuple[tuple[float, float], ...]
    due: float | None = None
    crew: int = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """One gap of somebody's day: starts between ``low`` and ``high`` fit into it."""

    day: Day
    low: float
    high: float
    travel: float
    detour: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A start that is possible, what it costs and what it adds to the way."""

    key: int
    start: float
    end: float
    travel: float  # from the stop before; of a crew the longest
    detour: float  # added to the days' travel
    late: float
    cost: float
    codes: tuple[str, ...] = field(default=())
    # Who comes along, where the visit needs a crew
    others: tuple[int, ...] = ()

    @property
    def people(self) -> tuple[int, ...]:
        return (self.key, *self.others)


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
    teams: dict = defaultdict(list)
    for day in days:
        openings = list(_find_openings(day, visit, minutes, now))
        if openings:
            teams[day.team if visit.crew > 1 else day.key].append(openings)
    found = [
        gap for team in teams.values() for gap in _meet(team, visit, now, step, prices)
    ]
    found.sort(key=lambda gap: (gap.cost, gap.start, gap.people))
    chosen: list[Gap] = []
    for gap in found:
        people = set(gap.people)
        if any(
            abs(other.start - gap.start) < APART and people.intersection(other.people)
            for other in chosen
        ):
            continue
        chosen.append(gap)
        if len(chosen) == count:
            break
    return chosen


def _meet(team, visit, now, step, prices):
    """The best crew for each moment at which somebody of the team can begin.

    :param team: the openings of each of its people
    """
    for own in team:
        for opening in own:
            for start in (_round_up(opening.low, step), opening.low):
                if start > opening.high:
                    continue
                crew = [opening] if visit.crew == 1 else _find_crew(team, start, visit)
                if crew:
                    yield _make_gap(crew, start, visit, now, prices)
                    break


def _find_crew(team, start, visit) -> list[Opening]:
    """The cheapest who can begin at that moment, the one who leads first; or nobody."""
    free = [
        min(holding, key=_get_price)
        for holding in (
            [one for one in openings if one.low <= start <= one.high]
            for openings in team
        )
        if holding
    ]
    free.sort(key=lambda one: (_get_price(one), one.day.key))
    lead = next((one for one in free if one.day.leads), None)
    if lead is None or len(free) < visit.crew:
        return []
    return [lead, *(one for one in free if one is not lead)][: visit.crew]


def _get_price(opening) -> float:
    return opening.detour + opening.day.cost


def _make_gap(crew, start, visit, now, prices) -> Gap:
    late = max(0.0, start - visit.due) if visit.due is not None else 0.0
    detour = sum(opening.detour for opening in crew)
    return Gap(
        crew[0].day.key,
        start,
        start + visit.minutes,
        max(opening.travel for opening in crew),
        detour,
        late,
        prices.detour * detour
        + prices.late * late
        + prices.wait * (start - now)
        + sum(opening.day.cost for opening in crew),
        tuple(dict.fromkeys(code for one in crew for code in one.day.codes)),
        tuple(opening.day.key for opening in crew[1:]),
    )


def _find_openings(day, visit, minutes, now):
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
            first, last = max(earliest, low), min(latest, high)
            if first > last:
                continue
            if block.place is None and not _reaches(
                blocks, number, visit, minutes, day
            ):
                continue
            yield Opening(day, first, last, there, detour)
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
