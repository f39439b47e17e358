from datetime import datetime, timedelta
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine.sla_clock import (
    RESPONSES,
    Fact,
    Rules,
    Signal,
    Target,
    Term,
    Wanted,
    choose_targets,
    read_log,
    run,
)
from odoo.addons.service_management.engine.working_time import (
    ALWAYS,
    Calendar,
    weekly,
)

from .test_working_time import OFFICE, STARTS, Minutes, calendars

# A Monday, 09:00 in Shanghai
MONDAY = datetime(2026, 3, 2, 1, 0)
HOUR = timedelta(hours=1)
CALENDAR = Calendar("Asia/Shanghai", weekly(dict.fromkeys(range(5), OFFICE)))
FOUR_HOURS = Term(4 * 3600, 3 * 3600, CALENDAR)
FOUR_HOURS_ALWAYS = Term(4 * 3600, 3 * 3600, ALWAYS)


def after(hours: float) -> datetime:
    return MONDAY + hours * HOUR


def clock_of(*signals, term=FOUR_HOURS_ALWAYS):
    return run([Signal("start", MONDAY), *signals], term)


class TestClock(TestCase):
    def test_l1_closed_from_a_pause_ends_as_met(self):
        """4 h promised, 1 h used, 29 h on hold, closed straight from there."""
        clock = clock_of(
            Signal("pause", after(1), "customer"), Signal("stop", after(30))
        )
        self.assertEqual((clock.state, clock.elapsed, clock.late), ("met", 3600, 0))
        self.assertEqual(clock.stopped_at, after(30))

    def test_l1_closed_late_from_a_pause_ends_as_missed(self):
        clock = clock_of(Signal("pause", after(6)), Signal("stop", after(30)))
        self.assertEqual((clock.state, clock.late), ("missed", 2 * 3600))

    def test_l2_a_new_target_keeps_elapsed_time_and_pauses(self):
        pauses = [Signal("pause", after(1)), Signal("resume", after(11))]
        shorter = Term(2 * 3600, 3600, ALWAYS)
        clock = clock_of(*pauses, Signal("retarget", after(11.5), term=shorter))
        self.assertEqual(clock.elapsed, 1.5 * 3600)
        self.assertEqual(clock.due_at, after(12))
        self.assertEqual(clock.episode, 2)
        longer = Term(8 * 3600, 7 * 3600, ALWAYS)
        clock = clock_of(*pauses, Signal("retarget", after(11.5), term=longer))
        self.assertEqual(clock.due_at, after(18))

    def test_l2_a_shorter_target_may_have_been_due_already(self):
        shorter = Term(3600, 1800, ALWAYS)
        clock = clock_of(
            Signal("pause", after(0.5)),
            Signal("resume", after(10)),
            Signal("retarget", after(12), term=shorter),
        )
        self.assertEqual(clock.due_at, after(10.5))

    def test_a_new_calendar_counts_from_its_day_on(self):
        clock = clock_of(
            Signal("retarget", after(10), term=Term(12 * 3600, 1, CALENDAR)),
            Signal("stop", after(24)),
            term=Term(12 * 3600, 1, ALWAYS),
        )
        # Ten hours around the clock; in Shanghai it is 19:00 and closed
        self.assertEqual((clock.state, clock.elapsed), ("met", 10 * 3600))

    def test_a_pause_for_two_reasons_ends_with_both(self):
        two = [Signal("pause", after(1), "a"), Signal("pause", after(2), "b")]
        one_left = clock_of(*two, Signal("resume", after(3), "a"))
        self.assertEqual((one_left.state, one_left.keys), ("paused", ("b",)))
        self.assertIsNone(one_left.due_at)
        none_left = clock_of(
            *two, Signal("resume", after(3), "a"), Signal("resume", after(4), "b")
        )
        self.assertEqual(none_left.due_at, after(7))
        released = clock_of(*two, Signal("resume", after(3)))
        self.assertEqual(released.due_at, after(6))

    def test_reopened_goes_on_or_begins_again(self):
        late = [Signal("stop", after(5)), Signal("reopen", after(50))]
        clock = clock_of(*late)
        self.assertEqual((clock.state, clock.elapsed), ("running", 5 * 3600))
        self.assertEqual((clock.due_at, clock.episode), (after(4), 2))
        again = clock_of(
            late[0], Signal("reopen", after(50), "restart"), Signal("stop", after(51))
        )
        # A promise that was broken stays broken
        self.assertEqual((again.state, again.late, again.misses), ("missed", 3600, 1))
        self.assertEqual(again.elapsed, 3600)

    def test_update_interval_begins_anew_with_each_update(self):
        clock = clock_of(Signal("renew", after(3)), Signal("renew", after(6)))
        self.assertEqual((clock.due_at, clock.episode), (after(10), 3))
        late = clock_of(
            Signal("renew", after(5)),
            Signal("renew", after(6)),
            Signal("stop", after(7)),
        )
        self.assertEqual((late.state, late.late, late.misses), ("missed", 3600, 1))

    def test_due_at_closing_time_is_broken_when_it_opens_again(self):
        term = Term(8 * 3600, 3600, CALENDAR)
        clock = clock_of(term=term)
        closing, opening = after(9), after(24)
        self.assertEqual((clock.due_at, clock.broken_at), (closing, opening))
        self.assertEqual(clock_of(Signal("stop", opening), term=term).state, "met")
        clock = clock_of(Signal("stop", opening + HOUR / 60), term=term)
        self.assertEqual((clock.state, clock.late), ("missed", 60))

    def test_a_calendar_that_is_never_open_is_never_due(self):
        clock = clock_of(term=Term(3600, 60, Calendar("UTC", weekly({}))))
        self.assertEqual((clock.state, clock.due_at), ("running", None))


class TestReadLog(TestCase):
    def read_clock(self, metric, *facts, rules=None):
        return run(read_log(metric, MONDAY, facts, rules or Rules()), FOUR_HOURS_ALWAYS)

    def test_a_resolution_may_count_until_the_request_is_closed(self):
        facts = [Fact("done", after(2)), Fact("reopened", after(3))]
        facts += [Fact("done", after(3)), Fact("closed", after(5))]
        rules = Rules(until_closed=True)
        clock = self.read_clock("resolution", *facts, rules=rules)
        self.assertEqual((clock.state, clock.stopped_at), ("missed", after(5)))
        self.assertEqual(clock.elapsed, 5 * 3600)
        answer = self.read_clock("first_response", *facts, rules=rules)
        self.assertEqual(answer.stopped_at, after(3))

    def test_an_automatic_message_is_no_first_response(self):
        clock = self.read_clock("first_response", Fact("message", after(0.1)))
        self.assertEqual(clock.state, "running")
        clock = self.read_clock(
            "first_response", Fact("message", after(1), is_answer=True)
        )
        self.assertEqual((clock.state, clock.elapsed), ("met", 3600))

    def test_what_is_a_response_can_be_chosen(self):
        for kind in RESPONSES:
            fact = Fact(kind, after(1), is_answer=True)
            self.assertEqual(self.read_clock("first_response", fact).state, "met")
            rules = Rules(RESPONSES - {kind})
            clock = self.read_clock("first_response", fact, rules=rules)
            self.assertEqual(clock.state, "running")

    def test_each_metric_has_its_end(self):
        ends = {
            "acceptance": ("accepted", "work_started", "on_site"),
            "arrival": ("on_site",),
            "resolution": (),
            "update": (),
        }
        kinds = ("accepted", "work_started", "on_site", "scheduled")
        for metric, stops in ends.items():
            for kind in (*kinds, "done", "closed", "cancelled"):
                clock = self.read_clock(metric, Fact(kind, after(1)))
                ended = kind in stops or kind not in kinds
                self.assertEqual(clock.state == "met", ended, (metric, kind))

    def test_taken_back_from_the_point_it_waits_for_acceptance_again(self):
        clock = self.read_clock(
            "acceptance", Fact("accepted", after(1)), Fact("withdrawn", after(5))
        )
        self.assertEqual((clock.state, clock.due_at), ("running", after(8)))
        self.assertEqual(
            self.read_clock("acceptance", Fact("withdrawn", after(1))).due_at, after(4)
        )

    def test_pauses_name_the_metrics_that_they_stop(self):
        pause = Fact("clock_paused", after(1), metrics=("arrival",), key="parts")
        self.assertEqual(self.read_clock("arrival", pause).state, "paused")
        self.assertEqual(self.read_clock("resolution", pause).state, "running")

    def test_a_first_answer_is_owed_once(self):
        answer = Fact("message", after(1), is_answer=True)
        ended = [Fact("done", after(2)), Fact("reopened", after(9))]
        self.assertEqual(self.read_clock("first_response", answer, *ended).state, "met")
        self.assertEqual(self.read_clock("first_response", *ended).state, "running")
        self.assertEqual(self.read_clock("resolution", answer, *ended).state, "running")

    def test_reopening_ends_what_was_waited_for(self):
        clock = self.read_clock(
            "resolution",
            Fact("done", after(1)),
            Fact("clock_paused", after(2), key="x"),
            Fact("reopened", after(3)),
        )
        self.assertEqual(clock.state, "running")

    def test_nothing_counts_before_the_request(self):
        clock = self.read_clock("resolution", Fact("clock_paused", after(-5)))
        self.assertEqual((clock.state, clock.elapsed), ("paused", 0))


class TestTargets(TestCase):
    def choose(self, *targets, **order):
        values = {
            "type_id": 1,
            "grade": "vip",
            "priority": "2",
            "categories": (10, 30),
        }
        found = choose_targets(targets, Wanted(**(values | order)))
        return found["resolution"].key if found else None

    def test_the_most_specific_wins(self):
        general = Target(1, "resolution")
        by_type = Target(2, "resolution", types=frozenset({1}))
        by_grade = Target(3, "resolution", grade="vip")
        both = Target(4, "resolution", types=frozenset({1}), priority="2")
        self.assertEqual(self.choose(general), 1)
        self.assertEqual(self.choose(general, by_type), 2)
        self.assertEqual(self.choose(by_type, by_grade), 3)
        self.assertEqual(self.choose(by_grade, both, general), 4)
        self.assertEqual(self.choose(by_grade, both, general, priority="1"), 3)
        self.assertEqual(self.choose(by_grade, by_type, grade="", type_id=2), None)

    def test_the_nearer_category_wins(self):
        machines = Target(1, "resolution", category=10)
        washers = Target(2, "resolution", category=30)
        self.assertEqual(self.choose(machines, washers), 2)
        self.assertEqual(self.choose(machines, washers, categories=(10,)), 1)
        self.assertIsNone(self.choose(machines, washers, categories=()))

    def test_equal_lines_go_by_their_order(self):
        first = Target(9, "resolution", sequence=1)
        second = Target(2, "resolution", sequence=5)
        self.assertEqual(self.choose(second, first), 9)


# --- Against a simulator that counts minutes one by one ------------------------

DAYS = 6
HISTORIES = 25
KINDS = ["pause", "resume", "stop", "reopen", "renew", "retarget"]


class Simulator:
    """Lives through a history minute by minute and counts on its fingers."""

    def __init__(self, minutes, target):
        self.minutes, self.target = minutes, target
        self.state, self.held, self.worked = "idle", set(), []
        self.late = self.misses = 0

    def apply(self, kind, key, term):
        if kind == "stop":
            self.held = set()
            if self.state in ("running", "paused"):
                self.state = self.judge()
        elif kind == "retarget":
            self.minutes, self.target = term
            if self.state in ("met", "missed"):
                self.state = self.judge()
        elif kind == "renew" and self.state in ("running", "paused"):
            self.close()
        elif kind == "reopen" and self.state in ("met", "missed"):
            if key == "restart":
                self.close()
            self.state = "paused" if self.held else "running"
        else:
            self.hold(kind, key)

    def hold(self, kind, key):
        if kind == "start":
            self.state = "running"
        elif kind == "pause":
            self.held.add(key)
            if self.state == "running":
                self.state = "paused"
        elif kind == "resume":
            self.held = self.held - {key} if key in self.held else set()
            if self.state == "paused" and not self.held:
                self.state = "running"

    def judge(self):
        late = self.misses or len(self.worked) > self.target
        return "missed" if late else "met"

    def close(self):
        if len(self.worked) > self.target:
            self.misses += 1
            self.late += len(self.worked) - self.target
        self.worked = []

    def live(self, first, last):
        if self.state == "running":
            is_open = self.minutes.open
            self.worked += [minute for minute in range(first, last) if is_open[minute]]


def upto(last: int):
    """Minutes from one on; every other one a quarter of an hour, as windows are: much
    that goes wrong goes wrong where a window ends."""
    return st.one_of(
        st.integers(1, last), st.integers(1, last // 15).map(lambda part: part * 15)
    )


histories = st.lists(
    st.tuples(
        upto((DAYS - 2) * 1440),
        st.sampled_from(KINDS),
        st.sampled_from(["a", "b", "restart"]),
        st.integers(0, 1),
        upto(1500),
    ),
    max_size=9,
)


class TestSimulator(TestCase):
    """2,500 random histories over random calendars: no difference."""

    @settings(max_examples=100, deadline=None)
    @given(data=st.data())
    def test_agrees_with_a_minute_by_minute_simulator(self, data):
        around = data.draw(st.sampled_from(STARTS))
        pair = [data.draw(calendars(around, DAYS)) for __ in range(2)]
        minutes = [Minutes(calendar, around, DAYS * 1440) for calendar in pair]
        for __ in range(HISTORIES):
            history = sorted(data.draw(histories), key=lambda item: item[0])
            start = data.draw(upto(1440))
            history = [item for item in history if item[0] >= start]
            target = data.draw(upto(1500))
            self.check(around, pair, minutes, start, history, target)

    def check(self, around, pair, minutes, start, history, target):
        def at(minute):
            return around + timedelta(minutes=minute)

        signals = [Signal("start", at(start))]
        simulator = Simulator(minutes[0], target)
        simulator.apply("start", "", None)
        now = start
        for minute, kind, key, index, amount in history:
            simulator.live(now, minute)
            now = minute
            term = None
            if kind == "retarget":
                term = Term(amount * 60, amount * 30, pair[index])
            signals.append(Signal(kind, at(minute), key, term))
            simulator.apply(kind, key, (minutes[index], amount))
        clock = run(signals, Term(target * 60, target * 30, pair[0]))

        self.assertEqual(clock.state, simulator.state)
        elapsed = clock.elapsed
        if clock.running_since:
            calendar = pair[minutes.index(simulator.minutes)]
            elapsed += calendar.elapsed(clock.running_since, at(now))
        self.assertEqual(elapsed, 60 * len(simulator.worked))
        self.assertEqual(clock.misses, simulator.misses)
        if clock.stopped_at:
            late = simulator.late + max(len(simulator.worked) - simulator.target, 0)
            self.assertEqual(clock.late, 60 * late)
            self.assertEqual(clock.state == "missed", late > 0)
        simulator.live(now, DAYS * 1440)
        worked, target = simulator.worked, simulator.target
        if len(worked) >= target:
            self.assertEqual(clock.due_at, at(worked[target - 1] + 1))
        elif clock.state != "running":
            self.assertIsNone(clock.due_at)
        if len(worked) > target:
            self.assertEqual(clock.broken_at, at(worked[target]))
