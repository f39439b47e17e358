"""Service-level clocks: what a history of an order means for one promise.

A clock is a pure function of signals, in the order in which they happened, and of the
term that was promised. It measures working time of the term's calendar:

- ``start`` lets it run; ``stop`` ends it as met, or as missed if more working time has
  passed than promised; ``reopen`` lets a stopped clock go on from where it stood.
- ``pause`` and ``resume`` carry a key. A clock stands while any key is held; ``resume``
  with a key that is not held, or with none, releases all of them.
- ``renew`` begins the next interval of a repeated promise (an update every N hours).
- ``retarget`` changes the term. Elapsed time and pauses stay; what has passed was
  measured with the old calendar, what comes is measured with the new one.

A clock is due at the first moment by which the promised time has passed, and broken
from the first moment at which more than that has passed. The two differ only where the
promise ends as the service closes: due at 18:00, broken when it opens again.

``read_log`` says which events of an order are which signals, ``choose_target`` which of
a policy's targets is meant for an order. Nothing here knows a database.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .working_time import AlwaysOpen, Calendar

METRICS = ("first_response", "acceptance", "arrival", "resolution", "update")

# Events that end what an order was asked for, whatever clock still runs
ENDS = frozenset({"done", "closed", "cancelled"})
# Events that end one clock before that
STOPS = {
    "acceptance": frozenset({"accepted", "work_started", "on_site"}),
    "arrival": frozenset({"on_site"}),
}
# After these an order looks for somebody again: it is no longer accepted
GIVES_BACK = frozenset({"withdrawn"})
# What may count as a first response
RESPONSES = frozenset({"message", "call", "scheduled"})
# The events that any clock listens to
KINDS = frozenset(
    {
        "registered",
        "reopened",
        "clock_paused",
        "clock_resumed",
        "clock_retargeted",
        *ENDS,
        *GIVES_BACK,
        *RESPONSES,
        *STOPS["acceptance"],
    }
)


@dataclass(frozen=True, slots=True)
class Term:
    """What is promised: ``seconds`` of the calendar, with a warning after ``warn``."""

    seconds: int
    warn: int
    calendar: Calendar | AlwaysOpen


@dataclass(frozen=True, slots=True)
class Signal:
    kind: str  # start, pause, resume, stop, reopen, renew, retarget
    at: datetime
    key: str = ""
    term: Term | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """An event of an order, as far as clocks care.

    ``is_answer``: a person of the service wrote or called; an automatic message never.
    """

    kind: str
    at: datetime
    metrics: Collection[str] | None = None
    key: str = ""
    is_answer: bool = False
    terms: dict | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a policy may choose."""

    responses: frozenset = RESPONSES
    restart_on_reopen: bool = False
    # A resolution counts until the request is closed, not until the work is done
    until_closed: bool = False


@dataclass(slots=True)
class Clock:
    """Where a clock stands. Amounts in seconds; ``state``: idle, running, paused, met
    or missed. ``late`` is final when the clock has stopped."""

    state: str = "idle"
    elapsed: int = 0
    late: int = 0
    episode: int = 1
    misses: int = 0
    started_at: datetime | None = None
    running_since: datetime | None = None
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    broken_at: datetime | None = None
    keys: tuple = ()


@dataclass(slots=True)
class _Run:
    """The working of ``run``: a clock, and the stretches it has run in this episode."""

    term: Term
    clock: Clock = field(default_factory=Clock)
    held: list = field(default_factory=list)
    stretches: list = field(default_factory=list)  # (since, until, calendar, seconds)

    def halt(self, at):
        """The clock stops counting: what has passed is added up."""
        clock = self.clock
        if clock.running_since is not None:
            calendar = self.term.calendar
            seconds = calendar.elapsed(clock.running_since, at)
            self.stretches.append((clock.running_since, at, calendar, seconds))
            clock.elapsed += seconds
            clock.running_since = None

    def go(self, at):
        clock = self.clock
        clock.stopped_at = None
        if self.held:
            clock.state, clock.paused_at = "paused", clock.paused_at or at
        else:
            clock.state, clock.paused_at, clock.running_since = "running", None, at

    def settle(self):
        """Close the interval: count what was late, begin again at zero."""
        clock = self.clock
        late = clock.elapsed - self.term.seconds
        if late > 0:
            clock.misses += 1
            clock.late += late
        clock.elapsed = 0
        self.stretches = []

    # Signals

    def start(self, signal):
        if self.clock.state == "idle":
            self.clock.started_at = signal.at
            self.go(signal.at)

    def pause(self, signal):
        if signal.key not in self.held:
            self.held.append(signal.key)
        if self.clock.state == "running":
            self.halt(signal.at)
            self.clock.state, self.clock.paused_at = "paused", signal.at

    def resume(self, signal):
        if signal.key in self.held:
            self.held.remove(signal.key)
        else:
            self.held.clear()
        if self.clock.state == "paused" and not self.held:
            self.go(signal.at)

    def stop(self, signal):
        clock = self.clock
        self.held.clear()
        if clock.state not in ("running", "paused"):
            return
        self.halt(signal.at)
        clock.stopped_at, clock.paused_at = signal.at, None
        clock.state = self.judge()

    def judge(self):
        clock = self.clock
        late = clock.elapsed > self.term.seconds
        return "missed" if clock.misses or late else "met"

    def reopen(self, signal):
        if self.clock.state not in ("met", "missed"):
            return
        self.clock.episode += 1
        if signal.key == "restart":
            self.settle()
        self.go(signal.at)

    def renew(self, signal):
        clock = self.clock
        if clock.state not in ("running", "paused"):
            return
        was_running = clock.state == "running"
        self.halt(signal.at)
        self.settle()
        clock.episode += 1
        if was_running:
            self.go(signal.at)

    def retarget(self, signal):
        clock = self.clock
        was_running = clock.running_since is not None
        self.halt(signal.at)
        self.term = signal.term
        if clock.state != "idle":
            clock.episode += 1
        if was_running:
            clock.running_since = signal.at
        elif clock.state in ("met", "missed"):
            clock.state = self.judge()

    # Results

    def reach(self, seconds, strictly=False):
        """When ``seconds`` had, or will have, passed; ``strictly``: more than that."""
        before = 0
        for since, __, calendar, amount in self.stretches:
            left = seconds - before
            if amount > left or (amount == left and not strictly and left > 0):
                return _add(calendar, since, left, strictly)
            before += amount
        if self.clock.running_since is None:
            return None
        return _add(
            self.term.calendar, self.clock.running_since, seconds - before, strictly
        )

    def finish(self) -> Clock:
        clock, term = self.clock, self.term
        clock.keys = tuple(self.held)
        if clock.state != "idle":
            clock.warn_at = self.reach(term.warn)
            clock.due_at = self.reach(term.seconds)
            clock.broken_at = self.reach(term.seconds, strictly=True)
        if clock.state in ("met", "missed"):
            clock.late += max(clock.elapsed - term.seconds, 0)
        return clock


def _add(calendar, since, seconds, strictly):
    moment = calendar.add(since, max(seconds, 0))
    if strictly and moment is not None:
        moment = calendar.add(moment, 0)
    return moment


def run(signals: Iterable[Signal], term: Term) -> Clock:
    """The clock after ``signals`` (in order), promised ``term`` at first."""
    state = _Run(term)
    for signal in signals:
        getattr(state, signal.kind)(signal)
    return state.finish()


def read_log(
    metric: str, start: datetime, facts: Sequence[Fact], rules: Rules
) -> list[Signal]:
    """The signals that ``facts`` (in order) are for the clock of ``metric``.

    :param start: when the request came; nothing counts before it
    """
    signals = [Signal("start", start)]
    is_answered = False
    for fact in facts:
        at = max(fact.at, start)
        if fact.kind in ("clock_paused", "clock_resumed"):
            if fact.metrics is None or metric in fact.metrics:
                kind = "pause" if fact.kind == "clock_paused" else "resume"
                signals.append(Signal(kind, at, fact.key))
        elif fact.kind == "clock_retargeted":
            if fact.terms and metric in fact.terms:
                signals.append(Signal("retarget", at, term=fact.terms[metric]))
        elif fact.kind == "reopened":
            # Nothing is asked for any more: whatever was waited for is over
            signals.append(Signal("resume", at))
            if not is_answered:
                restart = "restart" if rules.restart_on_reopen else ""
                signals.append(Signal("reopen", at, restart))
        elif kind := _get_end(metric, fact, rules):
            # Whoever was answered once is not owed a first answer again
            is_answered |= metric == "first_response" and fact.kind not in ENDS
            signals.append(Signal(kind, at))
    return signals


def _get_end(metric: str, fact: Fact, rules: Rules) -> str:
    """Whether a fact stops a clock, lets it go on or begins the next interval."""
    if fact.kind == "done" and metric == "resolution" and rules.until_closed:
        return ""
    if fact.kind in ENDS or fact.kind in STOPS.get(metric, ()):
        return "stop"
    if metric == "first_response" and _is_response(fact, rules.responses):
        return "stop"
    if metric == "update" and _is_response(fact, RESPONSES):
        return "renew"
    if metric == "acceptance" and fact.kind in GIVES_BACK:
        return "reopen"
    return ""


def _is_response(fact: Fact, responses: Collection[str]) -> bool:
    return fact.kind in responses and (fact.is_answer or fact.kind == "scheduled")


@dataclass(frozen=True, slots=True)
class Target:
    """One line of a policy; an empty condition holds for every order.

    :param category: the id of a product category; holds for those below it too
    """

    key: int
    metric: str
    seconds: int = 0
    warn: int = 0
    is_always: bool = False
    sequence: int = 10
    types: frozenset = frozenset()
    grade: str = ""
    priority: str = ""
    category: int = 0

    @property
    def conditions(self) -> tuple[str, ...]:
        stated = {
            "grade": self.grade,
            "category": self.category,
            "type": self.types,
            "priority": self.priority,
        }
        return tuple(name for name, value in stated.items() if value)

    def rank(self, order: "Wanted") -> tuple:
        """Less is better: more conditions win; then grade before category, type and
        priority; then the deeper category; then the order of the lines."""
        return (
            -len(self.conditions),
            not self.grade,
            not self.category,
            not self.types,
            not self.priority,
            -order.categories.index(self.category) if self.category else 0,
            self.sequence,
            self.key,
        )

    def fits(self, order: "Wanted") -> bool:
        return (
            (not self.types or order.type_id in self.types)
            and (not self.grade or order.grade == self.grade)
            and (not self.priority or order.priority == self.priority)
            and (not self.category or self.category in order.categories)
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What targets ask about an order; ``categories`` from the top of the tree down."""

    type_id: int = 0
    grade: str = ""
    priority: str = ""
    categories: tuple[int, ...] = ()


def choose_targets(targets: Iterable[Target], order: Wanted) -> dict[str, Target]:
    """The most specific target of each metric for an order."""
    chosen: dict[str, Target] = {}
    fitting = [target for target in targets if target.fits(order)]
    for target in sorted(fitting, key=lambda target: target.rank(order)):
        chosen.setdefault(target.metric, target)
    return chosen
