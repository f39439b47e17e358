"""The rules of `engine/pricing.py`, by examples and by properties."""

import doctest
import unittest
from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.addons.service_settlement.engine import pricing
from odoo.addons.service_settlement.engine.pricing import (
    Book,
    Gap,
    JobFacts,
    PartUse,
    TariffLine,
    price_job,
    round_money,
)

CENT = Decimal("0.01")
REPAIR, INSTALLATION = 1, 2
FRIDGE, LARGE, ALL = 30, 20, 10
SPARES, PUMP, HOSE = 40, 501, 502
CITY, PROVINCE = 61, 60


def facts(**values):
    defaults = {
        "type_id": REPAIR,
        "categories": (FRIDGE, LARGE, ALL),
        "warranty_state": "out",
        "grade": "a",
    }
    return JobFacts(**{**defaults, **values})


def line(line_id, amount="80", **values):
    values.setdefault("kind", "labour")
    return TariffLine(id=line_id, amount=Decimal(amount), **values)


def winner(job, *lines):
    quote = price_job(job, lines, CENT)
    return [price.line.id for price in quote.lines]


class TestMatching(unittest.TestCase):
    def test_empty_conditions_match_every_job(self):
        self.assertEqual(winner(facts(), line(1)), [1])
        self.assertEqual(winner(JobFacts(), line(1)), [1])

    def test_each_condition_can_refuse(self):
        for condition in (
            {"type_id": INSTALLATION},
            {"category_id": 99},
            {"warranty_state": "in"},
            {"grade": "b"},
        ):
            with self.subTest(condition):
                quote = price_job(facts(), [line(1, **condition)], CENT)
                self.assertEqual(quote.lines, ())
                self.assertEqual(quote.gaps, (Gap("no_line", "labour"),))
                self.assertFalse(quote.is_complete)

    def test_category_holds_for_its_children(self):
        self.assertEqual(winner(facts(), line(1, category_id=ALL)), [1])
        self.assertEqual(
            winner(facts(categories=(ALL,)), line(1, category_id=FRIDGE)), []
        )

    def test_band_includes_its_start_and_not_its_end(self):
        near = line(1, kind="travel", distance_max=Decimal(20))
        far = line(2, kind="travel", distance_min=Decimal(20))
        self.assertEqual(winner(facts(distance=Decimal("19.9")), near, far), [1])
        self.assertEqual(winner(facts(distance=Decimal(20)), near, far), [2])

    def test_empty_tariff_is_a_gap(self):
        self.assertEqual(price_job(facts(), [], CENT).gaps, (Gap("no_line"),))


class TestWinner(unittest.TestCase):
    def test_type_beats_category(self):
        by_category = line(1, category_id=FRIDGE, warranty_state="out", grade="a")
        by_type = line(2, type_id=REPAIR)
        self.assertEqual(winner(facts(), by_category, by_type), [2])

    def test_nearest_category_wins(self):
        self.assertEqual(
            winner(facts(), line(1, category_id=ALL), line(2, category_id=LARGE)), [2]
        )

    def test_warranty_beats_grade(self):
        self.assertEqual(
            winner(facts(), line(1, grade="a"), line(2, warranty_state="out")), [2]
        )

    def test_narrower_band_wins(self):
        job = facts(distance=Decimal(5))
        wide = line(1, distance_max=Decimal(50))
        narrow = line(2, distance_max=Decimal(10))
        self.assertEqual(winner(job, line(3), wide, narrow), [2])

    def test_then_sequence_then_id(self):
        self.assertEqual(winner(facts(), line(1, sequence=20), line(2)), [2])
        self.assertEqual(winner(facts(), line(2), line(1)), [1])

    def test_one_winner_a_kind_in_fixed_order(self):
        quote = price_job(
            facts(parts_total=Decimal(100)),
            [
                line(4, "10", kind="other"),
                line(3, "15", kind="parts", method="percent_parts"),
                line(2, "25", kind="travel"),
                line(1, "80"),
                line(5, "70"),
            ],
            CENT,
        )
        self.assertEqual(
            [p.kind for p in quote.lines], ["labour", "travel", "parts", "other"]
        )
        self.assertEqual(quote.total, Decimal(130))
        self.assertTrue(quote.is_complete)


class TestUnknownFigures(unittest.TestCase):
    def test_unknown_distance_matches_only_lines_without_band(self):
        band = line(1, kind="travel", distance_max=Decimal(20))
        flat = line(2, "15", kind="travel")
        self.assertEqual(winner(facts(), band, flat), [2])

    def test_unknown_distance_leaves_a_gap_and_not_zero(self):
        band = line(2, kind="travel", distance_max=Decimal(20))
        quote = price_job(facts(), [line(1), band], CENT)
        self.assertEqual(quote.gaps, (Gap("distance_unknown", "travel", (2,)),))
        self.assertFalse(quote.is_complete)

    def test_unknown_hours_leave_a_gap(self):
        quote = price_job(facts(), [line(1, method="per_hour")], CENT)
        self.assertEqual(quote.gaps, (Gap("hours_unknown", "labour", (1,)),))

    def test_labour_is_never_left_out_in_silence(self):
        labour = line(1, type_id=INSTALLATION)
        travel = line(2, "30", kind="travel")
        quote = price_job(facts(), [labour, travel], CENT)
        self.assertEqual(quote.gaps, (Gap("no_line", "labour"),))
        self.assertFalse(quote.is_complete)
        nothing = line(3, "0", type_id=REPAIR)
        quote = price_job(facts(), [labour, travel, nothing], CENT)
        self.assertTrue(quote.is_complete)
        self.assertEqual(quote.total, 30)
        # a tariff may pay travel alone
        self.assertTrue(price_job(facts(), [travel], CENT).is_complete)

    def test_a_kind_that_is_not_owed_is_no_gap(self):
        other = line(2, kind="travel", type_id=INSTALLATION, distance_max=Decimal(9))
        self.assertTrue(price_job(facts(), [line(1), other], CENT).is_complete)

    def test_percent_without_parts_is_not_owed(self):
        percent = line(2, "15", kind="parts", method="percent_parts")
        quote = price_job(facts(), [line(1), percent], CENT)
        self.assertEqual([p.kind for p in quote.lines], ["labour"])
        self.assertTrue(quote.is_complete)


class TestAmounts(unittest.TestCase):
    def amount(self, tariff_line, rounding=CENT, **values):
        (price,) = price_job(facts(**values), [tariff_line], rounding).lines
        return price

    def test_fixed(self):
        price = self.amount(line(1, "80"))
        self.assertEqual((price.quantity, price.amount), (1, Decimal("80.00")))

    def test_per_km(self):
        per_km = line(1, "1.25", kind="travel", method="per_km")
        price = self.amount(per_km, distance=Decimal("33.3"))
        self.assertEqual(price.amount, Decimal("41.63"))

    def test_per_hour(self):
        price = self.amount(line(1, "60", method="per_hour"), hours=Decimal("1.75"))
        self.assertEqual(price.amount, Decimal("105.00"))

    def test_percent_of_parts(self):
        percent = line(1, "15", kind="parts", method="percent_parts")
        price = self.amount(percent, parts_total=Decimal("199.99"))
        self.assertEqual(price.amount, Decimal("30.00"))

    def test_minimum_and_maximum_replace_the_amount(self):
        per_km = line(1, "2", method="per_km", minimum=Decimal(30), maximum=Decimal(90))
        near = self.amount(per_km, distance=Decimal(3))
        self.assertEqual((near.amount, near.bound), (Decimal("30.00"), "minimum"))
        far = self.amount(per_km, distance=Decimal(300))
        self.assertEqual((far.amount, far.bound), (Decimal("90.00"), "maximum"))
        middle = self.amount(per_km, distance=Decimal(20))
        self.assertEqual((middle.amount, middle.bound), (Decimal("40.00"), None))

    def test_rounds_half_up_to_the_currency(self):
        price = self.amount(line(1, "0.125"))
        self.assertEqual(price.amount, Decimal("0.13"))
        yen = self.amount(line(1, "80.5"), rounding=Decimal(1))
        self.assertEqual(yen.amount, Decimal(81))
        self.assertEqual(round_money(Decimal("-1.005"), CENT), Decimal("-1.01"))


class TestConditions(unittest.TestCase):
    def test_fault_code_is_one_of_the_job(self):
        self.assertEqual(winner(facts(), line(1, code_id=71)), [])
        job = facts(codes=(70, 71))
        self.assertEqual(winner(job, line(1), line(2, code_id=71)), [2])

    def test_region_holds_for_what_lies_within(self):
        job = facts(areas=(CITY, PROVINCE))
        city, province = line(1, area_id=CITY), line(2, area_id=PROVINCE)
        self.assertEqual(winner(job, province, city, line(3)), [1])
        self.assertEqual(winner(facts(areas=(PROVINCE,)), province, city), [2])
        self.assertEqual(winner(facts(), province, city), [])


class TestOccasions(unittest.TestCase):
    def extras(self, job, *lines):
        quote = price_job(job, [line(9, "100"), *lines], CENT)
        return {price.line.id: price.amount for price in quote.lines[1:]}

    def test_extra_is_paid_beside_the_fee(self):
        night = line(1, "30", kind="other", occasion="night")
        self.assertEqual(self.extras(facts(), night), {})
        self.assertEqual(self.extras(facts(occasions=("night",)), night), {1: 30})

    def test_labour_on_an_occasion_is_not_the_fee(self):
        quote = price_job(
            facts(occasions=("night",)), [line(1, "30", occasion="night")], CENT
        )
        self.assertEqual(quote.total, 30)
        plain = line(2, "80", type_id=INSTALLATION)
        quote = price_job(facts(), [plain, line(1, "30", occasion="night")], CENT)
        self.assertEqual(quote.gaps, (Gap("no_line", "labour"),))

    def test_holiday_beats_weekend_beats_night(self):
        lines = [
            line(1, "10", kind="other", occasion="night"),
            line(2, "20", kind="other", occasion="weekend"),
            line(3, "30", kind="other", occasion="holiday"),
        ]
        everything = facts(occasions=("night", "weekend", "holiday"))
        self.assertEqual(self.extras(everything, *lines), {3: 30})
        self.assertEqual(self.extras(everything, *lines[:2]), {2: 20})
        # one of the times, and what is none of them
        urgent = line(4, "5", kind="other", occasion="urgent")
        job = facts(occasions=("night", "urgent"))
        self.assertEqual(self.extras(job, *lines, urgent), {1: 10, 4: 5})

    def test_percent_of_the_fee_counts_no_extras(self):
        half = line(1, "50", kind="other", method="percent_fee", occasion="night")
        urgent = line(2, "20", occasion="urgent")
        travel = line(3, "12", kind="travel")
        job = facts(occasions=("night", "urgent"))
        extras = self.extras(job, half, urgent, travel)
        self.assertEqual(extras, {1: 56, 2: 20, 3: 12})

    def test_each_technician_beside_the_first(self):
        crew = line(1, "25", kind="other", occasion="crew")
        self.assertEqual(self.extras(facts(), crew), {})
        self.assertEqual(self.extras(facts(crew=2), crew), {1: 50})

    def test_survey_score_within_its_bounds(self):
        good = line(1, "8", kind="bonus", occasion="survey", score_min=5)
        bad = line(2, "10", kind="penalty", occasion="survey", score_max=2)
        self.assertEqual(self.extras(facts(), good, bad), {})
        self.assertEqual(self.extras(facts(score=5), good, bad), {1: 8})
        self.assertEqual(self.extras(facts(score=2), good, bad), {2: -10})
        self.assertEqual(self.extras(facts(score=3), good, bad), {})

    def test_bonus_and_penalty_stand_beside_each_other(self):
        lines = [
            line(1, "10", kind="bonus", occasion="sla_met"),
            line(2, "5", kind="bonus", occasion="first_time_fix"),
            line(3, "20", kind="penalty", occasion="complaint", maximum=Decimal(15)),
        ]
        job = facts(occasions=("sla_met", "first_time_fix", "complaint"))
        self.assertEqual(self.extras(job, *lines), {1: 10, 2: 5, 3: -15})


class TestMaterials(unittest.TestCase):
    def paid(self, parts, *lines):
        quote = price_job(facts(parts=parts), [line(9, "0"), *lines], CENT)
        return {price.product_id: price.amount for price in quote.lines[1:]}

    def test_each_used_product_by_its_own_line(self):
        pump = PartUse(PUMP, Decimal(1), (SPARES, ALL))
        hose = PartUse(HOSE, Decimal("2.5"), (SPARES, ALL))
        general = line(1, "4", kind="material")
        by_category = line(2, "6", kind="material", category_id=SPARES)
        by_product = line(3, "20", kind="material", product_id=PUMP)
        self.assertEqual(
            self.paid((pump, hose), general, by_category, by_product),
            {PUMP: 20, HOSE: 15},
        )
        self.assertEqual(self.paid((hose,), by_product), {})
        self.assertEqual(self.paid((), general), {})


class TestNeeds(unittest.TestCase):
    def test_only_what_a_line_asks_for(self):
        self.assertEqual(Book([line(1)]).needs, frozenset())
        book = Book(
            [
                line(1, method="per_hour"),
                line(2, kind="bonus", occasion="survey"),
                line(3, kind="material", code_id=4, area_id=5),
                line(4, kind="parts", method="percent_parts"),
            ]
        )
        self.assertEqual(
            book.needs,
            {"hours", "survey", "material", "codes", "areas", "parts_total"},
        )


money = st.decimals(min_value=0, max_value=10_000, places=4)
kilometres = st.decimals(min_value=0, max_value=500, places=1)
maybe_km = st.none() | kilometres.filter(bool)
tariff_lines = st.builds(
    TariffLine,
    id=st.integers(1, 1000),
    kind=st.sampled_from(pricing.KINDS),
    amount=money,
    method=st.sampled_from(pricing.METHODS),
    sequence=st.integers(1, 50),
    type_id=st.sampled_from([None, REPAIR, INSTALLATION]),
    category_id=st.sampled_from([None, FRIDGE, LARGE, ALL]),
    warranty_state=st.sampled_from([None, "in", "out"]),
    grade=st.sampled_from([None, "a", "b"]),
    distance_min=kilometres,
    distance_max=maybe_km,
    minimum=st.none() | money,
    maximum=st.none() | money,
    area_id=st.sampled_from([None, CITY, PROVINCE]),
    code_id=st.sampled_from([None, 71, 72]),
    occasion=st.sampled_from([None, None, *pricing.OCCASIONS]),
    score_min=st.integers(0, 3),
    score_max=st.integers(0, 5),
    product_id=st.sampled_from([None, PUMP, HOSE]),
)
tariffs = st.lists(tariff_lines, max_size=12, unique_by=lambda item: item.id)
jobs = st.builds(
    JobFacts,
    type_id=st.sampled_from([REPAIR, INSTALLATION]),
    categories=st.sampled_from([(FRIDGE, LARGE, ALL), (LARGE, ALL), (ALL,), ()]),
    warranty_state=st.sampled_from(["none", "in", "partial", "out"]),
    grade=st.sampled_from(["a", "b", "c"]),
    distance=st.none() | kilometres,
    hours=st.none() | st.decimals(min_value=0, max_value=24, places=2),
    parts_total=st.decimals(min_value=0, max_value=5_000, places=2),
    areas=st.sampled_from([(), (CITY, PROVINCE), (PROVINCE,)]),
    codes=st.sampled_from([(), (71,), (71, 72)]),
    occasions=st.lists(st.sampled_from(pricing.OCCASIONS), unique=True).map(tuple),
    crew=st.integers(0, 2),
    score=st.none() | st.integers(1, 5),
    parts=st.lists(
        st.builds(
            PartUse,
            product_id=st.sampled_from([PUMP, HOSE]),
            quantity=st.decimals(min_value=0, max_value=20, places=2),
            categories=st.just((SPARES, ALL)),
        ),
        max_size=2,
        unique_by=lambda part: part.product_id,
    ).map(tuple),
)
roundings = st.sampled_from([CENT, Decimal(1), Decimal("0.05"), Decimal("0.001")])


class TestProperties(unittest.TestCase):
    @settings(deadline=None)
    @given(jobs, tariffs, roundings, st.randoms())
    def test_order_of_lines_does_not_matter(self, job, tariff, rounding, random):
        shuffled = list(tariff)
        random.shuffle(shuffled)
        once = price_job(job, tariff, rounding)
        again = price_job(job, shuffled, rounding)
        self.assertEqual(once.lines, again.lines)
        self.assertEqual(
            {(g.code, g.kind) for g in once.gaps},
            {(g.code, g.kind) for g in again.gaps},
        )

    @settings(deadline=None)
    @given(jobs, tariffs, roundings)
    def test_never_silently_nothing(self, job, tariff, rounding):
        quote = price_job(job, tariff, rounding)
        self.assertTrue(quote.lines or quote.gaps)

    @settings(deadline=None)
    @given(jobs, tariffs, roundings)
    def test_amounts_are_rounded_and_add_up(self, job, tariff, rounding):
        quote = price_job(job, tariff, rounding)
        for price in quote.lines:
            self.assertEqual(price.amount % rounding, 0)
            self.assertEqual(price.exact, price.price * price.quantity)
            sign = -1 if price.kind == "penalty" else 1
            self.assertGreaterEqual(sign * price.amount, 0)
            if price.bound is None:
                off = abs(sign * price.amount - price.exact)
                self.assertLessEqual(off, rounding / 2)
        self.assertEqual(quote.total, sum(price.amount for price in quote.lines))

    @settings(deadline=None)
    @given(jobs, tariffs, roundings)
    def test_bounds_hold(self, job, tariff, rounding):
        for price in price_job(job, tariff, rounding).lines:
            tariff_line = price.line
            if tariff_line.maximum:
                self.assertLessEqual(
                    abs(price.amount), round_money(tariff_line.maximum, rounding)
                )
            elif tariff_line.minimum:
                self.assertGreaterEqual(
                    abs(price.amount), round_money(tariff_line.minimum, rounding)
                )

    @settings(deadline=None)
    @given(jobs, tariffs, roundings, money)
    def test_a_higher_cap_never_pays_less(self, job, tariff, rounding, more):
        def raised(line):
            if not line.maximum:
                return line
            return replace(line, maximum=line.maximum + more)

        before = price_job(job, tariff, rounding)
        after = price_job(job, [raised(line) for line in tariff], rounding)
        for low, high in zip(before.lines, after.lines, strict=True):
            self.assertEqual(low.line.id, high.line.id)
            if low.line.method != "percent_fee":
                self.assertGreaterEqual(abs(high.amount), abs(low.amount))

    @settings(deadline=None)
    @given(st.lists(jobs, max_size=6), tariffs)
    def test_a_book_gives_each_job_what_it_gets_alone(self, many, tariff):
        book = Book(tariff)
        for job in many:
            self.assertEqual(
                price_job(job, book, CENT), price_job(job, list(tariff), CENT)
            )

    @settings(deadline=None)
    @given(jobs, tariffs)
    def test_one_time_of_day_at_most_is_paid(self, job, tariff):
        quote = price_job(job, tariff, CENT)
        slots = [price.line.slot for price in quote.lines]
        material = [slot for slot in slots if slot[0] == "material"]
        others = [slot for slot in slots if slot[0] != "material"]
        self.assertEqual(len(others), len(set(others)))
        self.assertLessEqual(len(material), len(job.parts))

    @settings(deadline=None)
    @given(jobs, tariffs, tariff_lines)
    def test_a_line_for_another_type_changes_nothing(self, job, tariff, extra):
        assume(extra.id not in {item.id for item in tariff})
        foreign = replace(extra, type_id=99)
        self.assertEqual(
            price_job(job, tariff, CENT).lines,
            price_job(job, [*tariff, foreign], CENT).lines,
        )


class TestDocumentation(unittest.TestCase):
    def test_examples_in_the_docstrings(self):
        self.assertEqual(doctest.testmod(pricing).failed, 0)
