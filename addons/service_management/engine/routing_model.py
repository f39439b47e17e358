"""Who visits whom, when, and in which order: technician routing and scheduling.

Given technicians (``Resource``) and visits (``Job``) of a day, find a ``Plan`` with
the least cost: working time (travel, waiting, service), lateness, overtime,
preferences, and a penalty for each visit that is left out, which is never silent:
``left_out`` says why.

The model follows Pillac, Guéret, Medaglia (2012): skills are needed, tools and spare
parts are carried or fetched on one trip to a depot. Beyond it: levels of skills,
several windows of a visit, soft due times, breaks, overtime, longest days, crews,
visits that must come after others, fixed visits, preferred technicians, balanced days.

Times are minutes from any zero that the caller chooses, travel is minutes in a matrix
between places, money is whatever unit the weights have. No clock is read but the
process's CPU time, and with ``iterations`` not even that: the same problem, seed and
iterations give the same plan, compiled or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Key = int


@dataclass(frozen=True, slots=True)
class Resource:
    """A technician on a day.

    ``shift`` and ``breaks`` are (from, to) and (earliest start, latest start, minutes).
    A break is held wherever the technician is. ``max_minutes`` limits the jobs of the
    day together, without the way to them: ``shift`` bounds the whole day. Work may go
    on ``overtime_minutes`` behind the shift, at a cost. At ``depot_place`` tools and
    parts are fetched in ``depot_minutes``: everything, or what ``depot_tools`` and
    ``depot_parts`` name.
    """

    key: Key
    shift: tuple[float, float]
    start_place: int
    end_place: int
    breaks: tuple[tuple[float, float, float], ...] = ()
    skills: Mapping[int, float] = field(default_factory=dict)
    tools: frozenset[int] = frozenset()
    parts: Mapping[int, float] = field(default_factory=dict)
    max_minutes: float | None = None
    overtime_minutes: float = 0.0
    depot_place: int | None = None
    depot_minutes: float = 0.0
    depot_tools: frozenset[int] | None = None
    depot_parts: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A visit to be made.

    It starts within one of ``windows``; behind ``due`` it is late, at a cost.
    ``skills`` are the levels asked for. ``penalty`` is what leaving it out costs.
    ``allowed``: only these technicians; ``preferred``: what each costs more (or less,
    negative). ``crew``: so many technicians at the same time, who bring tools, parts
    and the skills in ``one_of`` together (see ``crew``). ``after``: jobs that must be
    done before it starts. ``locked``: (keys of the technicians, start), a fact.
    """

    key: Key
    place: int | None
    minutes: float
    windows: tuple[tuple[float, float], ...]
    due: float | None = None
    skills: Mapping[int, float] = field(default_factory=dict)
    tools: frozenset[int] = frozenset()
    parts: Mapping[int, float] = field(default_factory=dict)
    penalty: float = 1000.0
    allowed: frozenset[Key] | None = None
    preferred: Mapping[Key, float] = field(default_factory=dict)
    crew: int = 1
    after: tuple[Key, ...] = ()
    locked: tuple[tuple[Key, ...], float] | None = None
    one_of: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Weights:
    """What a minute costs: of work (travel, waiting and service), of travel on top, of
    overtime, of being late. ``balance`` times the square of the hours of a day, summed:
    two days of five hours rather than one of ten. ``fixed``: for each technician who
    goes out. ``change``: for a visit that another technician makes than before."""

    work: float = 1.0
    travel: float = 0.0
    overtime: float = 1.0
    late: float = 2.0
    balance: float = 0.0
    fixed: float = 0.0
    change: float = 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Technicians, visits, and minutes of travel between places (square matrix)."""

    resources: Sequence[Resource]
    jobs: Sequence[Job]
    minutes: Sequence[Sequence[float]]
    weights: Weights = Weights()


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a route. ``job`` is ``None`` at the depot and in a break. ``parts``:
    (part, quantity) that this one of a crew brings."""

    job: Key | None
    arrival: float
    start: float
    end: float
    travel: float = 0.0
    kind: str = "job"  # job, depot, break
    parts: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes by technician, without those who stay at home.

    ``left_out``: reason by job, see ``routing_tables.find_reason``. ``start`` and
    ``finish`` of each day by technician: leaving and being back.
    """

    routes: Mapping[Key, tuple[Stop, ...]]
    left_out: Mapping[Key, str]
    cost: float
    terms: Mapping[str, float]
    start: Mapping[Key, float] = field(default_factory=dict)
    finish: Mapping[Key, float] = field(default_factory=dict)
    seed: int = 0
    cpu_seconds: float = 0.0
    iterations: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a job fits into a plan, and what it adds to the cost."""

    resources: tuple[Key, ...]
    start: float
    end: float
    extra_cost: float
    travel: float
