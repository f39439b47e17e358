import time
import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.visit_gaps import Block, Day, Visit, find

# Places on a line, ten minutes apart
LINE = [[abs(a - b) * 10.0 for b in range(6)] for a in range(6)]
WHOLE = ((0.0, 1440.0),)


@st.composite
def day(draw, key=0):
    """A day whose booked visits can be made, one after the other."""
    clock, place, blocks = 480.0, 0, []
    for __ in range(draw(st.integers(0, 4))):
        is_break = draw(st.booleans())
        target = place if is_break else draw(st.integers(0, 5))
        start = clock + LINE[place][target] + draw(st.integers(0, 90))
        end = start + draw(st.integers(10, 60))
        blocks.append(Block(start, end, None if is_break else target))
        clock, place = end, target
    return Day(key, 480.0, clock + LINE[place][0] + 120, 0, tuple(blocks))


class TestVisitGaps(unittest.TestCase):
    def test_the_way_decides_between_two_who_are_free(self):
        days = [Day(1, 480, 1020, 0), Day(2, 480, 1020, 4)]
        best = find(days, Visit(5, 60, WHOLE), LINE, count=1)[0]
        self.assertEqual((best.key, best.travel, best.detour), (2, 10, 20))
        self.assertEqual(best.start, 495)

    def test_a_visit_on_the_way_costs_nothing(self):
        busy = Day(1, 480, 1020, 0, (Block(700, 760, 4),))
        best = find([busy], Visit(2, 60, WHOLE), LINE, count=1)[0]
        self.assertEqual(best.detour, 0)

    def test_nothing_begins_in_the_past_or_too_late(self):
        visit = Visit(1, 60, ((0.0, 600.0),))
        self.assertEqual(find([Day(1, 480, 1020, 0)], visit, LINE, now=595), [])
        late = find([Day(1, 480, 1020, 0)], Visit(1, 60, WHOLE, due=500), LINE, now=600)
        self.assertEqual(late[0].late, late[0].start - 500)

    def test_one_technician_is_not_proposed_for_the_same_hour_twice(self):
        visit = Visit(1, 60, ((0, 600), (610, 700), (720, 900)))
        starts = [gap.start for gap in find([Day(1, 480, 1020, 0)], visit, LINE)]
        self.assertTrue(
            all(b - a >= 60 for a, b in zip(starts, starts[1:], strict=False))
        )

    def test_a_crew_meets_when_all_of_it_can(self):
        days = [
            Day(1, 480, 1020, 0, (Block(480, 600, 0),), team="a"),
            Day(2, 480, 1020, 4, (Block(700, 1020, 4),), team="a"),
            Day(3, 480, 1020, 0, team="b"),
        ]
        best = find(days, Visit(2, 60, WHOLE, crew=2), LINE, count=1)[0]
        # One is there at 10:20 at the soonest, the other at the latest
        self.assertEqual((set(best.people), best.start), ({1, 2}, 620))
        self.assertEqual((best.travel, best.detour), (20, 80))
        self.assertEqual(find(days[1:], Visit(2, 60, WHOLE, crew=2), LINE), [])
        self.assertEqual(find(days, Visit(2, 60, WHOLE, crew=3), LINE), [])

    def test_the_cheaper_partner_comes_along(self):
        days = [Day(1, 480, 1020, 1), Day(2, 480, 1020, 5), Day(3, 480, 1020, 2)]
        best = find(days, Visit(1, 60, WHOLE, crew=2), LINE, count=1)[0]
        self.assertEqual(set(best.people), {1, 3})
        # Who has what the visit needs comes along, however far
        lift = {("tool", 1): 1.0}
        days[1] = Day(2, 480, 1020, 5, brings=lift)
        wanted = Visit(1, 60, WHOLE, crew=2, needs=lift)
        best = find(days, wanted, LINE, count=1)[0]
        self.assertEqual(best.people, (2, 1))
        days[1] = Day(2, 480, 1020, 5)
        self.assertEqual(find(days, wanted, LINE), [])

    def test_the_way_by_the_depot_takes_its_time(self):
        lift = {("tool", 1): 1.0}
        wanted = Visit(2, 60, WHOLE, needs=lift)

        def look(*blocks, base=2, end=1020, visit=wanted):
            person = Day(
                1,
                480,
                end,
                base,
                blocks,
                fetches=frozenset(lift),
                depot=5,
                depot_minutes=10,
            )
            return find([person], visit, LINE, count=1)

        # There 30, at the depot 10, back 30
        best = look()[0]
        self.assertEqual((best.start, best.detour, best.fetcher), (555, 60, 1))
        # The gap is long enough for the visit, and too short for the depot
        gap = Visit(2, 60, ((480, 540),), needs=lift)
        self.assertFalse(look(visit=gap))
        self.assertFalse(look(Block(600, 1020, 2)))
        self.assertTrue(look(Block(600, 1020, 2), visit=Visit(2, 60, WHOLE)))
        # Fetched before another visit, the gap needs only hold this one
        best = look(Block(600, 660, 5), Block(760, 1020, 2))[0]
        self.assertEqual(best.fetcher, 1)
        self.assertGreaterEqual(best.start, 690)
        # At the depot before a break: behind it one only drives on
        best = look(
            Block(530, 600, None), visit=Visit(2, 60, ((600, 640),), needs=lift)
        )
        self.assertEqual(best[0].start, 630)

    @given(day(), st.integers(0, 5), st.integers(0, 5), st.integers(10, 90))
    def test_whoever_fetches_something_has_the_time_for_it(
        self, plan, place, depot, minutes
    ):
        need = {("part", 1): 2.0}
        plan = Day(
            plan.key,
            plan.start,
            plan.end,
            plan.base,
            plan.blocks,
            brings={("part", 1): 1.0},
            fetches=frozenset(need),
            depot=depot,
            depot_minutes=10,
        )
        visit = Visit(place, minutes, WHOLE, needs=need)
        for gap in find([plan], visit, LINE, count=9):
            self.assertEqual(gap.fetcher, plan.key)
            target = Block(gap.start, gap.end, place)
            stops = sorted((*plan.blocks, target), key=lambda block: block.start)
            before = stops.index(target) + 1
            self.assertTrue(
                any(
                    self._holds(plan, [*stops[:n], depot, *stops[n:]])
                    for n in range(before)
                )
            )

    def _holds(self, plan, stops):
        """Whether the day can be driven like this; a number is the depot."""
        clock, here = plan.start, plan.base
        for stop in stops:
            if isinstance(stop, int):
                clock += LINE[here][stop] + 10
                here = stop
                continue
            if stop.place is not None:
                clock += LINE[here][stop.place]
                here = stop.place
            if clock > stop.start + 1e-6:
                return False
            clock = stop.end
        return clock + LINE[here][plan.base] <= plan.end + 1e-6

    @given(st.lists(day(), min_size=2, max_size=4), st.integers(10, 120))
    def test_each_of_a_crew_could_come_alone_at_that_time(self, plans, minutes):
        plans = [
            Day(key, plan.start, plan.end, plan.base, plan.blocks)
            for key, plan in enumerate(plans)
        ]
        for gap in find(plans, Visit(2, minutes, WHOLE, crew=2), LINE, count=9):
            self.assertEqual(len(set(gap.people)), 2)
            at_that_time = Visit(2, minutes, ((gap.start, gap.start),))
            for key in gap.people:
                self.assertTrue(find([plans[key]], at_that_time, LINE, count=1))

    @given(day(), st.integers(0, 5), st.integers(10, 120))
    def test_what_is_found_fits_between_what_is_booked(self, plan, place, minutes):
        for gap in find([plan], Visit(place, minutes, WHOLE), LINE, count=9):
            blocks = sorted(
                (*plan.blocks, Block(gap.start, gap.end, place)),
                key=lambda block: block.start,
            )
            clock, here, way = plan.start, plan.base, 0.0
            for block in blocks:
                if block.place is not None:
                    self.assertLessEqual(
                        clock + LINE[here][block.place], block.start + 1e-6
                    )
                    way += LINE[here][block.place]
                    here = block.place
                self.assertGreaterEqual(block.start, clock - 1e-6)
                clock = block.end
            self.assertLessEqual(clock + LINE[here][plan.base], plan.end + 1e-6)

    def test_three_of_three_hundred_take_no_time(self):
        days = [
            Day(
                n,
                480,
                1020,
                n % 6,
                tuple(Block(500 + 70 * k, 550 + 70 * k, (n + k) % 6) for k in range(6)),
            )
            for n in range(1500)
        ]
        begun = time.process_time()
        find(days, Visit(3, 30, WHOLE), LINE)
        self.assertLess(time.process_time() - begun, 1.0)
