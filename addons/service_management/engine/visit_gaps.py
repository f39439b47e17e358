"""Where one more visit fits between visits that stay as they are.

    slots = find(days, visit, minutes, count=3)

For an answer to a customer on the telephone nothing booked is moved: a visit fits into
a gap of somebody's day or it does not. This is no search: every gap is looked at once.
A crew meets at the site: it begins when the last of it can, and whose gap holds that
moment at the least cost comes along, so that together they have what is needed
(``crew``). Whoever fetches something has time for the way by the depot, in front of the
visit or earlier on the day. Times are minutes from any zero that is the same for all
days.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from . import crew as crews

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
    # Only people of one team make a crew
    team: Hashable = None
    # What the visit asks for: brought, or fetched at the depot
    brings: crews.Amounts = field(default_factory=dict)
    fetches: frozenset[crews.Need] = frozenset()
    depot: int | None = None
    depot_minutes: float = 0.0
    # Added to the cost where something is fetched
    fetch_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """Starts within one of ``windows``; ``due`` is the latest start in time. So many
    people (``crew``) have to be there all the time, and bring the ``needs`` together.
    """

    place: int
    minutes: float
    windows: tuple[tuple[float, float], ...]
    due: float | None = None
    crew: int = 1
    needs: crews.Amounts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """One gap of somebody's day: starts between ``low`` and ``high`` fit into it, with
    a stop at the depot before where ``is_fetching``."""

    day: Day
    low: float
    high: float
    travel: float
    detour: float
    is_fetching: bool = False

    @property
    def price(self) -> float:
        extra = self.day.fetch_cost if self.is_fetching else 0.0
        return self.detour + self.day.cost + extra


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
    # Who of them stops at the depot before
    fetcher: int | None = None

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
        if visit.needs and day.fetches and day.depot is not None:
            openings += _find_fetching(day, visit, minutes, now)
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
                crew = _find_crew([own] if visit.crew == 1 else team, start, visit)
                if crew:
                    yield _make_gap(crew, start, visit, now, prices)
                    break


def _find_crew(team, start, visit) -> list[Opening]:
    """The cheapest who can begin at that moment and have together what is needed; or
    nobody."""
    ways: dict = {}
    members = []
    for openings in team:
        best: dict[bool, Opening] = {}
        for one in openings:
            kind = one.is_fetching
            if one.low <= start <= one.high and (
                kind not in best or one.price < best[kind].price
            ):
                best[kind] = one
        if not best:
            continue
        day = openings[0].day
        ways[day.key] = best
        members.append(
            crews.Member(
                day.key,
                best[False].price if False in best else crews.NEVER,
                day.brings,
                day.fetches,
                best[True].price if True in best else crews.NEVER,
            )
        )
    crew = crews.choose(members, visit.crew, visit.needs)
    if crew is None:
        return []
    people = [ways[one.key][one is crew.fetcher] for one in crew.members]
    # Who is asked first is who has, or fetches, most of what is needed
    order = sorted(
        range(len(people)), key=lambda n: (-len(crew.shares[n]), people[n].price, n)
    )
    return [people[n] for n in order]


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
        + sum(opening.price - opening.detour for opening in crew),
        tuple(dict.fromkeys(code for one in crew for code in one.day.codes)),
        tuple(opening.day.key for opening in crew[1:]),
        next((one.day.key for one in crew if one.is_fetching), None),
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
                blocks, number, visit.place, minutes, day
            ):
                continue
            yield Opening(day, first, last, there, detour)
        clock = max(clock, block.end)
        place = place if block.place is None else block.place


def _find_fetching(day, visit, minutes, now):
    """As ``_find_openings`` with a stop at the depot: right before the visit, or in a
    gap before, which costs no time of this one."""
    clock, place = max(day.start, now), day.base
    blocks = sorted(day.blocks, key=lambda block: block.start)
    earlier = None  # what a stop before the last visit adds to the way
    was_there = False  # at the depot before a break, and still
    on = minutes[day.depot][visit.place]
    for number, block in enumerate((*blocks, Block(day.end, day.end, day.base))):
        following = next(
            (b.place for b in blocks[number:] if b.place is not None), day.base
        )
        plain = minutes[place][following]
        to_depot = minutes[place][day.depot]
        ready = clock if was_there else clock + to_depot + day.depot_minutes
        detour = minutes[visit.place][following] - plain
        ways = [(ready + on, to_depot + on, detour + to_depot + on)]
        if earlier is not None:
            there = minutes[place][visit.place]
            ways.append((clock + there, there, detour + there + earlier))
        back = 0.0 if block.place is None else minutes[visit.place][block.place]
        latest = block.start - back - visit.minutes
        reaches = block.place is not None or _reaches(
            blocks, number, visit.place, minutes, day
        )
        for earliest, travel, added in ways if reaches else ():
            for low, high in visit.windows:
                first, last = max(earliest, low), min(latest, high)
                if first <= last:
                    yield Opening(day, first, last, travel, added, True)
        clock = max(clock, block.end)
        if block.place is None:
            was_there = was_there or (
                ready <= block.start
                and _reaches(blocks, number, day.depot, minutes, day)
            )
            continue
        if ready + minutes[day.depot][block.place] <= block.start:
            added = to_depot + minutes[day.depot][block.place] - plain
            earlier = added if earlier is None else min(earlier, added)
        place, was_there = block.place, False


def _reaches(blocks, number, place, minutes, day) -> bool:
    """Whether the stop after the breaks from ``number`` on is reached in time from
    ``place``."""
    clock = blocks[number].end
    for block in (*blocks[number + 1 :], Block(day.end, day.end, day.base)):
        if block.place is None:
            clock = block.end
            continue
        return clock + minutes[place][block.place] <= block.start
    return True


def _round_up(moment: float, step: float) -> float:
    return math.ceil(moment / step - 1e-9) * step
