"""Who can make a visit together: the one rule for all who send somebody.

A visit asks *each* of its crew for some skills, and the crew *together* for the rest:
skills of which it is enough that one has them, tools that one carries, and parts, which
add up. What nobody brings one of the crew fetches on a trip to the depot, if the depot
has all of it. Somebody alone is a crew of one.

Planning of days (``routing``), gaps for one more visit (``visit_gaps``), bookings by
hand and the choice of service points ask here; only the checker of plans
(``routing_check``) counts for itself.

A *need* is ``(kind, id)`` with kind ``skill``, ``tool`` or ``part``; needs and what is
brought are amounts by need: 1 of a skill or a tool, quantities of parts.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

Need = tuple[str, int]
Amounts = Mapping[Need, float]

EPS = 1e-6
NEVER = math.inf
# The cheapest so many beyond the size of the crew are tried with each other first
SPARE = 4
# More crews than this are never tried
MOST = 5000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visit asks of its crew; a routing ``Job`` says the same in these words.

    ``skills`` are the levels asked for; ``one_of`` are those of them that it is enough
    if one of the crew has.
    """

    crew: int = 1
    skills: Mapping[int, float] = field(default_factory=dict)
    one_of: frozenset[int] = frozenset()
    tools: frozenset[int] = frozenset()
    parts: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who could come along: at ``cost``, or at ``fetch_cost`` by way of the
    depot, which is no less and has the needs in ``fetches``."""

    key: Hashable
    cost: float = 0.0
    brings: Amounts = field(default_factory=dict)
    fetches: Collection[Need] = frozenset()
    fetch_cost: float = NEVER


@dataclass(frozen=True, slots=True)
class Crew:
    """Who goes, who of them fetches what is missing (or ``None``), and what each one
    has to bring of the tools, parts and skills that are asked for."""

    members: tuple[Member, ...]
    fetcher: Member | None
    cost: float
    shares: tuple[Amounts, ...]


def list_needs(asked) -> dict[Need, float]:
    """What the crew is asked for together."""
    parts = {part: quantity for part, quantity in asked.parts.items() if quantity > 0}
    return list_amounts(asked.one_of & asked.skills.keys(), asked.tools, parts)


def has_own_skills(resource, asked) -> bool:
    """Whether somebody has what is asked of each of the crew."""
    return all(
        resource.skills.get(skill, -1.0) >= level
        for skill, level in asked.skills.items()
        if skill not in asked.one_of
    )


def list_brought(resource, asked) -> dict[Need, float]:
    """What somebody brings of what the crew is asked for."""
    return list_amounts(
        (
            skill
            for skill in asked.one_of & asked.skills.keys()
            if resource.skills.get(skill, -1.0) >= asked.skills[skill]
        ),
        asked.tools & resource.tools,
        {
            part: resource.parts[part]
            for part in asked.parts
            if resource.parts.get(part, 0.0) > 0
        },
    )


def list_amounts(skills, tools, parts) -> dict[Need, float]:
    """Skills, tools and quantities of parts as amounts by need."""
    return (
        {("skill", skill): 1.0 for skill in skills}
        | {("tool", tool): 1.0 for tool in tools}
        | {("part", part): quantity for part, quantity in parts.items()}
    )


def list_fetched(resource, asked) -> frozenset[Need]:
    """What somebody finds at the depot of what the crew is asked for."""
    if resource.depot_place is None:
        return frozenset()
    tools, parts = resource.depot_tools, resource.depot_parts
    return frozenset(
        [("tool", tool) for tool in asked.tools if tools is None or tool in tools]
        + [("part", part) for part in asked.parts if parts is None or part in parts]
    )


def make_member(resource, asked, cost=0.0, fetch_cost=0.0) -> Member:
    return Member(
        resource.key,
        cost,
        list_brought(resource, asked),
        list_fetched(resource, asked),
        fetch_cost,
    )


def find_missing(needs: Amounts, brought: Iterable[Amounts]) -> dict[Need, float]:
    """What is missing when these people bring what they have."""
    missing = dict(needs)
    for amounts in brought:
        for need, amount in amounts.items():
            if need in missing:
                missing[need] -= amount
    return {need: amount for need, amount in missing.items() if amount > EPS}


def find_unmet(needs: Amounts, members: Sequence[Member]) -> dict[Need, float]:
    """What neither these people bring nor one of them can fetch; empty: they can make
    the visit."""
    unmet = find_missing(needs, (member.brings for member in members))
    for member in members if unmet else ():
        missing = _find_to_fetch(needs, members, member)
        rest = {need: n for need, n in missing.items() if need not in member.fetches}
        if len(rest) < len(unmet):
            unmet = rest
    return unmet


def choose(members: Iterable[Member], size: int, needs: Amounts) -> Crew | None:
    """The cheapest crew of ``size`` that brings or fetches what is asked for."""
    free = sorted(
        (member for member in members if min(member.cost, member.fetch_cost) < NEVER),
        key=lambda member: (member.cost, member.fetch_cost, str(member.key)),
    )
    if len(free) < size:
        return None
    best = _make_crew(tuple(free[:size]), needs, NEVER, may_fetch=False)
    if best:
        return best  # no crew can cost less
    likely = _pick_likely(free, size, needs)
    best = _try_all(likely, size, needs)
    if best is None and len(likely) < len(free) and math.comb(len(free), size) <= MOST:
        best = _try_all(free, size, needs)
    return best


def _pick_likely(free, size, needs) -> list[Member]:
    """The cheapest, and for each need the cheapest and the best supplied who bring it,
    the cheapest who fetches it."""
    chosen = {id(member) for member in free[: size + SPARE]}
    for need in needs:
        bringing = [member for member in free if member.brings.get(need, 0.0) > 0]
        chosen |= {id(member) for member in bringing[:2]}
        bringing.sort(key=lambda member: -member.brings[need])
        chosen |= {id(member) for member in bringing[:size]}
    fetching = [member for member in free if member.fetch_cost < NEVER]
    fetching.sort(key=lambda member: member.fetch_cost - min(member.cost, 1e9))
    chosen |= {id(member) for member in fetching[:2]}
    return [member for member in free if id(member) in chosen]


def _try_all(free, size, needs) -> Crew | None:
    best, cost = None, NEVER
    for number, people in enumerate(combinations(free, size)):
        if number >= MOST:
            break
        crew = _make_crew(people, needs, cost)
        if crew:
            best, cost = crew, crew.cost
    return best


def _make_crew(people, needs, below, may_fetch=True) -> Crew | None:
    """The crew of these people, if it has everything and costs less than ``below``."""
    cost = sum(member.cost for member in people)
    if cost < below and not find_missing(needs, (one.brings for one in people)):
        return Crew(people, None, cost, _share(needs, people, None))
    best = None
    for member in people if may_fetch else ():
        others = sum(other.cost for other in people if other is not member)
        price = others + member.fetch_cost
        if price >= below:
            continue
        if _find_to_fetch(needs, people, member).keys() <= set(member.fetches):
            best = Crew(people, member, price, _share(needs, people, member))
            below = price
    return best


def _find_to_fetch(needs, people, fetcher) -> dict[Need, float]:
    """What is missing when the fetcher takes all of his or her parts at the depot."""
    return find_missing(
        needs,
        (
            {need: n for need, n in one.brings.items() if need[0] != "part"}
            if one is fetcher
            else one.brings
            for one in people
        ),
    )


def _share(needs, people, fetcher) -> tuple[Amounts, ...]:
    """What each brings: as much as is still needed, the fetcher the rest."""
    rest = dict(needs)
    shares: dict[int, dict[Need, float]] = {}
    for one in sorted(people, key=lambda member: member is fetcher):
        share = (
            {need: amount for need, amount in rest.items() if amount > EPS}
            if one is fetcher
            else {
                need: min(amount, rest[need])
                for need, amount in one.brings.items()
                if rest.get(need, 0.0) > EPS
            }
        )
        shares[id(one)] = share
        for need, amount in share.items():
            rest[need] -= amount
    return tuple(shares[id(one)] for one in people)
