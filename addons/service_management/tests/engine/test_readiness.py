"""Standing by: who could answer what may come, and whom it pays to keep at the depot.

Places lie on a line, a minute apart for each unit: the depot at 0.
"""

from dataclasses import replace
from random import Random
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.readiness import (
    BUSY,
    Ahead,
    Errand,
    Request,
    choose_standby,
    draw_requests,
    explain_standby,
    find_answers,
    get_risk,
    get_risks,
    may_answer,
    stand_by,
)
from odoo.addons.service_management.engine.routing import Job, Resource

# The depot, a place near it, a home, a place behind the home.
PLACES = (0, 10, 40, 60)
DEPOT, NEAR, HOME, FAR = range(4)
MINUTES = [[float(abs(a - b)) for b in PLACES] for a in PLACES]


def make_ahead(key=1, free=0.0, place=HOME, errands=(), stock=None, **facts):
    resource = Resource(
        key,
        (0.0, 240.0),
        HOME,
        HOME,
        skills={1: 1},
        tools=frozenset({7}),
        depot_place=DEPOT,
    )
    return Ahead(resource, free, MINUTES[place], stock or {}, errands, **facts)


def make_request(place, moment, high, low=0.0, **needs):
    job = Job(0, place, 10.0, ((low, high),), skills={1: 1}, **needs)
    return Request(job, place, moment)


def go(leave, place=FAR, way=20.0, latest=None, length=10.0):
    start = leave + way
    end = start if latest is None else latest
    return Errand(place, leave, start, start + length, end)


def answers(ahead, request):
    return may_answer(ahead, request, MINUTES)


class TestMayAnswer(TestCase):
    def test_in_time_and_a_minute_late(self):
        self.assertTrue(answers(make_ahead(), make_request(NEAR, 20.0, 50.0)))
        self.assertFalse(answers(make_ahead(), make_request(NEAR, 20.0, 49.0)))

    def test_who_is_not_free_yet(self):
        self.assertFalse(answers(make_ahead(free=21.0), make_request(NEAR, 20.0, 50.0)))

    def test_skill(self):
        request = make_request(NEAR, 20.0, 90.0)
        request.job.skills[2] = 1
        self.assertFalse(answers(make_ahead(), request))

    def test_parts_are_fetched_at_the_depot(self):
        # From home to the depot 40, from there to the place 10.
        need = {"parts": {3: 1}}
        self.assertTrue(answers(make_ahead(), make_request(NEAR, 0.0, 50.0, **need)))
        late = make_request(NEAR, 0.0, 49.0, **need)
        self.assertFalse(answers(make_ahead(), late))
        self.assertTrue(answers(make_ahead(stock={3: 1.0}), late))
        self.assertTrue(answers(make_ahead(fetched=True), late))

    def test_tools_too(self):
        late = make_request(NEAR, 0.0, 49.0, tools=frozenset({8}))
        self.assertFalse(answers(make_ahead(), late))
        carried = make_request(NEAR, 0.0, 49.0, tools=frozenset({7}))
        self.assertTrue(answers(make_ahead(), carried))

    def test_what_lies_ahead_stays_in_time(self):
        # Near at 30, done at 40, behind the home at 90.
        request = make_request(NEAR, 0.0, 35.0)
        self.assertTrue(answers(make_ahead(errands=(go(50.0, latest=90.0),)), request))
        self.assertFalse(answers(make_ahead(errands=(go(50.0, latest=89.0),)), request))

    def test_after_what_lies_ahead(self):
        # Behind the home from 20 to 30, near it at 80.
        ahead = make_ahead(errands=(go(0.0),))
        self.assertTrue(answers(ahead, make_request(NEAR, 25.0, 80.0)))
        self.assertFalse(answers(ahead, make_request(NEAR, 25.0, 79.0)))

    def test_turning_round_on_the_way(self):
        # Half of the way gone: ten back, thirty on.
        ahead = make_ahead(errands=(go(0.0, latest=200.0),))
        self.assertTrue(answers(ahead, make_request(NEAR, 10.0, 50.0)))
        self.assertFalse(answers(ahead, make_request(NEAR, 10.0, 49.0)))

    def test_back_home_before_the_shift_is_over(self):
        # Begun at 190, done at 200, home at 230; at 210 it would be 250.
        self.assertTrue(answers(make_ahead(), make_request(NEAR, 160.0, 240.0)))
        self.assertFalse(answers(make_ahead(), make_request(NEAR, 180.0, 240.0)))


class TestDrawRequests(TestCase):
    jobs = (
        Job(1, NEAR, 10.0, ((60.0, 180.0),), skills={1: 1}),
        Job(2, FAR, 20.0, ((80.0, 130.0),), skills={2: 1}),
    )

    def draw(self, now, seed=1):
        return draw_requests(self.jobs, now, MINUTES[DEPOT], 200, Random(seed))

    def test_before_the_window_and_in_reach_of_the_depot(self):
        requests = self.draw(20.0)
        self.assertEqual(200, len(requests))
        for request in requests:
            low, high = request.job.windows[0]
            self.assertLessEqual(request.moment, low)
            way = MINUTES[DEPOT][request.place]
            self.assertGreaterEqual(request.moment, 20.0)
            self.assertLessEqual(request.moment + way, high)

    def test_needs_of_one_at_the_place_of_another(self):
        pairs = {(request.job.key, request.place) for request in self.draw(0.0)}
        self.assertEqual({(1, NEAR), (1, FAR), (2, NEAR), (2, FAR)}, pairs)

    def test_none_when_all_windows_are_open(self):
        self.assertTrue(self.draw(75.0))
        self.assertEqual([], self.draw(120.0))

    def test_the_narrower_the_riskier(self):
        risks = {request.job.key: request.risk for request in self.draw(0.0)}
        self.assertGreater(risks[2], risks[1])

    def test_in_time_to_be_done_from_the_depot(self):
        for request in self.draw(0.0):
            high = request.job.windows[0][1]
            way = MINUTES[DEPOT][request.place]
            self.assertLessEqual(request.moment + way + request.job.minutes, high)

    def test_the_same_seed_draws_the_same(self):
        self.assertEqual(self.draw(0.0), self.draw(0.0))


class TestGetRisks(TestCase):
    request = replace(make_request(NEAR, 60.0, 80.0), risk=0.25)

    def test_the_narrower_the_riskier(self):
        risks = [get_risk(0.0, high, 20.0) for high in (0.0, 20.0, 60.0)]
        self.assertEqual(risks[:2], [1.0, 0.5])
        self.assertLess(risks[2], risks[1])

    def test_whoever_can_answer_lowers_it(self):
        near = make_ahead(2, free=60.0, place=NEAR, fetched=True)
        for people, share in ([], 1.0), ([near], BUSY), ([make_ahead()], 1.0):
            found = find_answers(people, [self.request], MINUTES)
            risks = get_risks([self.request], found)
            self.assertAlmostEqual(risks[0], 0.25 * share)


class TestChooseStandby(TestCase):
    # Twenty minutes' notice: from the depot, not from home.
    requests = tuple(make_request(NEAR, moment, moment + 20.0) for moment in (60.0, 90))

    def choose(self, people, worth):
        found = find_answers(people, self.requests, MINUTES)
        return choose_standby(people, self.requests, found, MINUTES, 0.0, worth)

    def test_who_stands_by_covers_what_comes(self):
        chosen = self.choose([make_ahead()], worth=200.0)
        self.assertEqual([1], list(chosen))
        self.assertGreaterEqual(chosen[1], 90.0)

    def test_nobody_where_it_is_not_worth_the_work(self):
        # Out for the first of them until 60 and back: 100 minutes.
        self.assertEqual({}, self.choose([make_ahead()], worth=70.0))
        self.assertEqual({}, self.choose([make_ahead()], worth=0.0))

    def test_one_is_enough(self):
        people = [make_ahead(key) for key in (1, 2, 3)]
        self.assertEqual(1, len(self.choose(people, worth=200.0)))

    def test_two_where_one_may_be_taken(self):
        people = [make_ahead(key) for key in (1, 2, 3)]
        self.assertEqual(2, len(self.choose(people, worth=800.0)))

    def test_who_is_out_costs_less(self):
        out = make_ahead(2, place=NEAR, is_out=True)
        self.assertEqual([2], list(self.choose([make_ahead(), out], worth=200.0)))

    def test_in_time_for_what_lies_ahead(self):
        # Begun at 100: he leaves the depot at 40, before anything comes.
        busy = make_ahead(errands=(go(80.0, latest=100.0, length=120.0),))
        self.assertEqual({}, self.choose([busy], worth=800.0))

    def test_home_before_the_shift_is_over(self):
        chosen = self.choose([make_ahead()], worth=1e6)
        self.assertLessEqual(chosen[1] + MINUTES[DEPOT][HOME], 240.0)

    def test_what_they_are_chosen_for_is_told(self):
        people = [make_ahead(key) for key in (1, 2, 3)]
        found = find_answers(people, self.requests, MINUTES)
        chosen = choose_standby(people, self.requests, found, MINUTES, 0.0, 800.0)
        told = explain_standby(people, self.requests, found, MINUTES, chosen)
        self.assertEqual(list(told), list(chosen))
        first, second = told.values()
        # There at 40, back at home 40 after it ends; the second finds nothing left
        self.assertEqual((first.start, first.cost), (40.0, first.until + 40.0))
        self.assertEqual((first.answers, first.seconds), ({0, 1}, frozenset()))
        self.assertEqual((second.answers, second.seconds), (frozenset(), {0, 1}))

    def test_who_stands_by_already_is_counted(self):
        ahead = make_ahead()
        standing = stand_by(ahead, MINUTES, 120.0)
        self.assertFalse(find_answers([ahead], self.requests, MINUTES)[1])
        self.assertEqual({0, 1}, find_answers([standing], self.requests, MINUTES)[1])
        # Nobody gets there before it is over
        self.assertEqual(ahead, stand_by(ahead, MINUTES, 30.0))


def moments(most):
    return st.integers(0, most).map(float)


@st.composite
def windows(draw):
    low = draw(moments(200))
    return low, low + draw(moments(60))


@st.composite
def requests_to_come(draw):
    low, high = draw(windows())
    place = draw(st.sampled_from([NEAR, FAR]))
    needs = {"parts": {3: 1.0}} if draw(st.booleans()) else {}
    request = make_request(place, min(draw(moments(200)), high), high, low, **needs)
    return replace(request, risk=draw(st.sampled_from([0.2, 1.0])))


@st.composite
def people_ahead(draw, key=1):
    errands = ()
    if draw(st.booleans()):
        errands = (go(draw(moments(120)), latest=200.0),)
    return make_ahead(
        key,
        place=draw(st.sampled_from([DEPOT, NEAR, HOME])),
        errands=errands,
        stock={3: 1.0} if draw(st.booleans()) else {},
        is_out=draw(st.booleans()),
    )


crews = st.tuples(people_ahead(1), people_ahead(2), people_ahead(3))


class TestProperties(TestCase):
    @given(people_ahead(), requests_to_come(), moments(30))
    def test_more_time_never_makes_it_harder(self, ahead, request, more):
        low, high = request.job.windows[0]
        wider = replace(request.job, windows=((low, high + more),))
        if answers(ahead, request):
            self.assertTrue(answers(ahead, replace(request, job=wider)))

    @given(people_ahead(), requests_to_come())
    def test_whoever_was_at_the_depot_answers_no_fewer(self, ahead, request):
        if answers(ahead, request):
            self.assertTrue(answers(replace(ahead, fetched=True), request))

    @given(people_ahead(), requests_to_come())
    def test_without_the_skill_nobody_answers(self, ahead, request):
        job = replace(request.job, skills={2: 1.0})
        self.assertFalse(answers(ahead, replace(request, job=job)))

    @given(requests_to_come(), st.booleans())
    def test_at_home_with_nothing_ahead_it_is_the_way_alone(self, request, fetched):
        ahead = make_ahead(fetched=fetched)
        low, high = request.job.windows[0]
        way = MINUTES[HOME][request.place]
        if request.job.parts and not fetched:
            way = MINUTES[HOME][DEPOT] + MINUTES[DEPOT][request.place]
        begin = max(request.moment + way, low)
        back = begin + 10.0 + MINUTES[request.place][HOME]
        self.assertEqual(begin <= high and back <= 240.0, answers(ahead, request))

    @given(
        crews, st.lists(requests_to_come(), max_size=6), st.sampled_from([0, 50, 1e6])
    )
    def test_who_is_chosen_covers_more_and_is_home_in_time(self, people, asked, worth):
        found = find_answers(people, asked, MINUTES)
        chosen = choose_standby(people, asked, found, MINUTES, 0.0, worth)
        self.assertEqual(
            chosen, choose_standby(people, asked, found, MINUTES, 0.0, worth)
        )
        self.assertLessEqual(set(chosen), {1, 2, 3})
        for until in chosen.values():
            self.assertGreater(until, 0.0)
            self.assertLessEqual(until + MINUTES[DEPOT][HOME], 240.0)
        # Nobody who can answer everything already, and at no price nobody
        self.assertFalse([key for key in chosen if len(found[key]) == len(asked)])
        if not worth:
            self.assertEqual({}, chosen)
