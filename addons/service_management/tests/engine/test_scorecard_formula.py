import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.scorecard import (
    Band,
    Figure,
    Measure,
    grade,
    judge,
    scale,
    shrink,
)

shares = st.floats(0, 1)
SLA = Measure("sla", 3, target=0.95, floor=0.75)
REPEAT = Measure("repeat", 1, target=0.02, floor=0.12)


@st.composite
def figures(draw):
    count = draw(st.integers(0, 500))
    return Figure(draw(st.integers(0, count)), count)


@st.composite
def measures(draw, code):
    floor = draw(shares)
    target = draw(shares.filter(lambda value: abs(value - floor) > 1e-3))
    weight = draw(st.floats(0.1, 10))
    return Measure(code, weight, target, floor, draw(st.floats(0, 50)))


class TestScorecard(unittest.TestCase):
    def test_by_hand(self):
        card = judge(
            {"sla": Figure(85, 90), "repeat": Figure(2, 40)},
            (SLA, REPEAT),
            {"sla": 0.85, "repeat": 0.05},
            orders=100,
        )
        sla, repeat = card.lines
        self.assertAlmostEqual(sla.shrunk, (85 + 8.5) / 100)
        self.assertAlmostEqual(sla.points, 92.5)
        self.assertAlmostEqual(repeat.shrunk, 2.5 / 50)
        self.assertAlmostEqual(repeat.points, 70)
        self.assertAlmostEqual(card.score, (3 * 92.5 + 70) / 4)
        self.assertEqual(card.grade, "a")

    def test_a_point_with_two_orders_is_not_judged(self):
        card = judge({"sla": Figure(0, 2)}, (SLA,), {"sla": 0.9}, orders=2)
        self.assertIsNone(card.grade)
        self.assertAlmostEqual(card.lines[0].shrunk, 0.75)

    def test_nothing_measured_is_no_score(self):
        card = judge({"sla": Figure(0, 0)}, (SLA,), {}, orders=40)
        self.assertEqual((card.score, card.grade, card.lines), (None, None, ()))

    def test_nonsense_is_refused(self):
        with self.assertRaises(ValueError):
            Measure("sla", 1, 0.5, 0.5)
        with self.assertRaises(ValueError):
            Measure("sla", -1, 0.5, 0.6)

    def test_below_every_band_is_the_last(self):
        self.assertEqual(grade(3, (Band("a", 80), Band("b", 40))), "b")

    @given(figures(), shares, st.floats(0.01, 100))
    def test_shrunk_lies_between_own_and_prior(self, figure, prior, strength):
        shrunk = shrink(figure.amount, figure.count, prior, strength)
        own = figure.amount / figure.count if figure.count else prior
        self.assertLessEqual(min(own, prior) - 1e-9, shrunk)
        self.assertLessEqual(shrunk, max(own, prior) + 1e-9)

    @given(st.integers(1, 200), shares)
    def test_more_cases_of_the_same_rate_lie_closer_to_it(self, count, prior):
        few = abs(shrink(count * 0.5, count, prior, 10) - 0.5)
        many = abs(shrink(count * 1.0, count * 2, prior, 10) - 0.5)
        self.assertLessEqual(many, few + 1e-12)

    @given(shares, shares, measures("x"))
    def test_points_grow_towards_the_target(self, one, other, measure):
        near, far = sorted((one, other), key=lambda rate: abs(rate - measure.target))
        better = measure.target > measure.floor
        if (near <= measure.target) == (far <= measure.target) or better:
            low, high = sorted((one, other), reverse=not better)
            self.assertLessEqual(
                scale(low, measure.target, measure.floor),
                scale(high, measure.target, measure.floor),
            )

    @given(figures(), figures(), measures("a"), measures("b"), shares, shares)
    def test_score_is_a_mean_and_knows_no_order(self, one, two, first, second, p, q):
        facts, priors = {"a": one, "b": two}, {"a": p, "b": q}
        card = judge(facts, (first, second), priors, orders=50)
        turned = judge(facts, (second, first), priors, orders=50)
        if card.score is None:
            self.assertFalse(one.count or two.count)
            return
        self.assertAlmostEqual(card.score, turned.score, places=6)
        points = [line.points for line in card.lines]
        self.assertLessEqual(min(points) - 1e-6, card.score)
        self.assertLessEqual(card.score, max(points) + 1e-6)
        self.assertTrue(0 <= card.score <= 100)
        self.assertAlmostEqual(
            sum(line.contribution for line in card.lines), card.score, places=5
        )

    @given(figures(), measures("a"), shares, st.integers(0, 9))
    def test_too_few_orders_get_no_grade_whatever_the_figures(
        self, figure, measure, prior, orders
    ):
        card = judge({"a": figure}, (measure,), {"a": prior}, orders)
        self.assertIsNone(card.grade)
