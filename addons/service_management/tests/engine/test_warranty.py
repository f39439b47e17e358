from datetime import date, timedelta
from unittest import TestCase

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine import warranty
from odoo.addons.service_management.engine.warranty import (
    Component,
    Dates,
    Exclusion,
    Fault,
    Line,
    Term,
    decide,
    freeze,
)

START = date(2026, 3, 1)
COMPRESSOR = Component(1, sections=frozenset({11}), categories=frozenset({21}))
BATTERY = Component(2, sections=frozenset({12}))
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 1, 1))


def term(kind="parts", start=START, months=12, **values):
    return Term(kind, start, warranty.get_end(start, months), **values)


def code(terms, fault, kind="parts"):
    return decide(terms, fault)[kind].code


class TestTerms(TestCase):
    def test_twelve_months_end_the_day_before_the_anniversary(self):
        made = freeze(Line("labour", 12), Dates(install=START))
        self.assertEqual((made.start, made.end), (START, date(2027, 2, 28)))

    def test_l11_without_a_start_nothing_is_promised(self):
        self.assertIsNone(freeze(Line("labour", 12), Dates()))

    def test_leap_day_start(self):
        made = freeze(Line("parts", 12), Dates(sale=date(2024, 2, 29)))
        self.assertEqual(made.end, date(2025, 2, 27))

    def test_use_is_installation_else_delivery_else_sale(self):
        one, two, three = (START + timedelta(days=number) for number in range(3))
        line = Line("labour", 12)
        for dates, expected in (
            (Dates(install=three, delivery=two, sale=one), three),
            (Dates(delivery=two, sale=one), two),
            (Dates(sale=one), one),
        ):
            self.assertEqual(warranty.get_start(line, dates), expected)

    def test_a_basis_waits_for_its_own_date(self):
        line = Line("labour", 12, "delivery")
        self.assertIsNone(warranty.get_start(line, Dates(install=START, sale=START)))

    def test_months_in_stock_are_capped(self):
        line = Line("labour", 12, "sale", cap=6)
        made = date(2025, 1, 1)
        self.assertEqual(
            warranty.get_start(line, Dates(sale=date(2026, 1, 1), manufacture=made)),
            date(2025, 7, 1),
        )
        self.assertEqual(
            warranty.get_start(line, Dates(sale=date(2025, 2, 1), manufacture=made)),
            date(2025, 2, 1),
        )

    def test_what_was_never_sold_begins_when_the_cap_is_reached(self):
        line = Line("labour", 12, "sale", cap=6)
        dates = Dates(manufacture=date(2025, 1, 1))
        self.assertIsNone(warranty.get_start(line, dates, date(2025, 6, 30)))
        self.assertEqual(
            warranty.get_start(line, dates, date(2025, 7, 1)), date(2025, 7, 1)
        )

    def test_an_extension_follows_the_last_term_of_its_kind(self):
        terms = [term("labour"), term("parts", months=24)]
        added = warranty.extend(Line("labour", 12), terms, START)
        self.assertEqual(
            (added.start, added.end), (date(2027, 3, 1), date(2028, 2, 29))
        )

    def test_an_extension_sold_late_begins_when_it_is_sold(self):
        late = date(2030, 1, 1)
        self.assertEqual(
            warranty.extend(Line("labour", 12), [term("labour")], late).start, late
        )

    @given(start=days, day=days, months=st.integers(1, 120))
    def test_covered_exactly_between_first_and_last_day(self, start, day, months):
        made = freeze(Line("labour", months), Dates(sale=start))
        decision = decide([made], day)["labour"]
        self.assertEqual(decision.covered, made.start <= day <= made.end)

    @given(start=days, months=st.integers(1, 60), more=st.integers(1, 60))
    def test_an_extension_leaves_no_gap_and_no_overlap(self, start, months, more):
        first = term("labour", start, months)
        second = warranty.extend(Line("labour", more), [first], start)
        self.assertEqual(second.start - first.end, timedelta(days=1))
        self.assertEqual(
            second.end, second.start + relativedelta(months=more) - timedelta(days=1)
        )


class TestDecision(TestCase):
    def test_last_day_is_covered_and_the_next_is_not(self):
        terms = [term("labour"), term("parts", months=24)]
        last = decide(terms, date(2027, 2, 28))
        after = decide(terms, date(2027, 3, 1))
        self.assertTrue(last["labour"].covered)
        self.assertEqual(after["labour"].code, "ended")
        self.assertTrue(after["parts"].covered)
        self.assertEqual(warranty.summarise(last), "partial")

    def test_each_reason_has_its_code_and_answer(self):
        terms = [term()]
        for fault, expected, answer in (
            (date(2026, 2, 28), "not_started", "not_covered"),
            (None, "no_date", "unknown"),
            (date(2026, 5, 1), "covered", "covered"),
            (date(2028, 5, 1), "ended", "not_covered"),
        ):
            decision = decide(terms, fault)["parts"]
            self.assertEqual((decision.code, decision.answer), (expected, answer))
        self.assertEqual(decide([], START)["parts"].answer, "no_term")
        waiting = decide([], START, pending=["parts"])["parts"]
        self.assertEqual((waiting.code, waiting.answer), ("no_start", "unknown"))

    def test_an_extension_covers_after_the_first_term(self):
        first = term("labour")
        second = term("labour", date(2027, 3, 1), source="extension 1")
        decision = decide([first, second], date(2027, 6, 1))["labour"]
        self.assertEqual((decision.covered, decision.term), (True, second))

    def test_a_component_is_covered_longer(self):
        terms = [term(), term(months=120, component=COMPRESSOR)]
        day = date(2030, 1, 1)
        by_section = Fault(day, sections=frozenset({11}))
        by_part = Fault(day, parts=(frozenset({5}), frozenset({21, 2})))
        elsewhere = Fault(day, sections=frozenset({99}))
        self.assertEqual(code(terms, by_section), "covered")
        self.assertEqual(code(terms, by_part), "covered")
        self.assertEqual(code(terms, elsewhere), "ended")

    def test_where_the_fault_is_must_be_said_before_it_is_decided(self):
        terms = [term(), term(months=120, component=COMPRESSOR)]
        decision = decide(terms, date(2030, 1, 1))["parts"]
        self.assertEqual((decision.code, decision.answer), ("component", "unknown"))
        self.assertEqual([row.component for row in decision.open], [COMPRESSOR])
        self.assertEqual(code(terms, date(2040, 1, 1)), "ended")

    def test_a_component_may_be_covered_shorter(self):
        terms = [term(months=24), term(months=6, component=BATTERY)]
        battery = Fault(date(2027, 1, 1), sections=frozenset({12}))
        self.assertEqual(code(terms, battery), "ended")
        self.assertEqual(
            code(terms, Fault(battery.day, sections=frozenset({3}))), "covered"
        )

    def test_an_extension_of_everything_covers_the_component_too(self):
        terms = [
            term(months=6, component=BATTERY),
            term(start=date(2026, 9, 1), source="extension 1"),
        ]
        battery = Fault(date(2027, 1, 1), sections=frozenset({12}))
        self.assertEqual(code(terms, battery), "covered")

    def test_only_another_component_was_promised(self):
        terms = [term(component=COMPRESSOR)]
        self.assertEqual(
            code(terms, Fault(date(2026, 5, 1), sections=frozenset({99}))),
            "other_component",
        )

    def test_exclusions_are_found_in_four_ways(self):
        exclusion = Exclusion(
            "x", faults=frozenset({7}), categories=frozenset({21}), companies=True
        )
        terms = [term(exclusions=(exclusion,))]
        day = date(2026, 5, 1)
        for fault in (
            Fault(day, found=frozenset({"x"})),
            Fault(day, faults=frozenset({7, 8})),
            Fault(day, is_company=True),
            Fault(day, parts=(frozenset({21}), frozenset({21, 3}))),
        ):
            decision = decide(terms, fault)["parts"]
            self.assertEqual(
                (decision.code, decision.exclusion), ("excluded", exclusion)
            )
        mixed = Fault(day, parts=(frozenset({21}), frozenset({4})))
        self.assertEqual(code(terms, mixed), "covered")

    def test_an_exclusion_of_parts_leaves_the_labour_covered(self):
        exclusion = Exclusion("filter", scope="parts")
        terms = [term("labour", exclusions=(exclusion,)), term(exclusions=(exclusion,))]
        decisions = decide(terms, Fault(date(2026, 5, 1), found=frozenset({"filter"})))
        self.assertTrue(decisions["labour"].covered)
        self.assertEqual(decisions["parts"].code, "excluded")

    def test_documents_are_asked_for_or_waited_for(self):
        day = date(2026, 5, 1)
        asked = [term(documents=("invoice",))]
        waited = [term(documents=("invoice",), strict=True)]
        self.assertEqual(decide(asked, day)["parts"].missing, ("invoice",))
        self.assertTrue(decide(asked, day)["parts"].covered)
        self.assertEqual(decide(waited, day)["parts"].answer, "unknown")
        shown = Fault(day, documents=frozenset({"invoice"}))
        self.assertEqual(decide(waited, shown)["parts"].missing, ())
        self.assertTrue(decide(waited, shown)["parts"].covered)

    def test_a_new_owner_ends_a_term_early(self):
        cut = warranty.get_cut("months", 3, date(2026, 5, 1))
        self.assertEqual(cut, date(2026, 7, 31))
        terms = [term(until=cut)]
        self.assertEqual(code(terms, cut), "covered")
        self.assertEqual(code(terms, cut + timedelta(days=1)), "transferred")
        self.assertEqual(code(terms, date(2030, 1, 1)), "ended")
        self.assertIsNone(warranty.get_cut("follows", 3, START))

    def test_summary(self):
        terms = [term(kind, months=1) for kind in warranty.KINDS]
        for day, expected in ((START, "in"), (date(2026, 5, 1), "out"), (None, "none")):
            self.assertEqual(warranty.summarise(decide(terms, day)), expected)
        self.assertEqual(warranty.summarise(decide([], START)), "none")

    def test_data_names_what_decided(self):
        [data] = [
            row
            for row in warranty.as_data(
                decide([term(component=COMPRESSOR, key=9)], date(2026, 5, 1))
            )
            if row["kind"] == "parts"
        ]
        self.assertEqual((data["code"], data["end"]), ("component", "2027-02-28"))
        self.assertEqual(data["open"], [{"component": None, "end": "2027-02-28"}])

    @given(day=days, months=st.integers(1, 60), more=st.integers(0, 60))
    def test_a_further_term_never_takes_anything_away(self, day, months, more):
        terms = [term(months=months)]
        before = decide(terms, day)["parts"].covered
        after = decide([*terms, term(months=months + more, source="x")], day)["parts"]
        self.assertTrue(after.covered or not before)
