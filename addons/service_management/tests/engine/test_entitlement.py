import unittest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.service_management.engine import entitlement as engine
from odoo.addons.service_management.engine.entitlement import Cover, Request

DAY = date(2026, 3, 2)
LENGTHS = sorted(engine.PERIOD_MONTHS)
# Hundredths as the ledger keeps them, given as the decimals that people type.
quantities = st.integers(1, 2000).map(lambda number: number / 100)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def cover(key=1, **vals):
    vals = {
        "period": key,
        "kind": "on_site",
        "start": date(2026, 1, 1),
        "end": date(2026, 12, 31),
        "left": 3.0,
    } | vals
    return Cover(key, **vals)


def request(*kinds, **vals):
    return Request(kinds or ("on_site",), vals.pop("day", DAY), **vals)


class TestPeriods(unittest.TestCase):
    def test_months_from_the_last_day_of_january(self):
        periods = engine.split_periods(date(2026, 1, 31), date(2026, 4, 15), "month")
        self.assertEqual(
            [(period.start, period.end) for period in periods],
            [
                (date(2026, 1, 31), date(2026, 2, 27)),
                (date(2026, 2, 28), date(2026, 3, 30)),
                (date(2026, 3, 31), date(2026, 4, 15)),
            ],
        )

    def test_a_leap_day_starts_years_too(self):
        periods = engine.split_periods(date(2024, 2, 29), date(2026, 2, 27), "year")
        self.assertEqual(
            [(period.start, period.end) for period in periods],
            [
                (date(2024, 2, 29), date(2025, 2, 27)),
                (date(2025, 2, 28), date(2026, 2, 27)),
            ],
        )

    @given(days, st.integers(0, 3000), st.sampled_from(LENGTHS))
    def test_periods_fill_the_contract_without_gap_or_overlap(self, start, size, kind):
        end = start + timedelta(days=size)
        periods = engine.split_periods(start, end, kind)
        self.assertEqual(periods[0].start, start)
        self.assertEqual(periods[-1].end, end)
        for before, after in zip(periods, periods[1:], strict=False):
            self.assertEqual(after.start - before.end, timedelta(days=1))
        for number, period in enumerate(periods):
            self.assertEqual(period.index, number)
            self.assertLessEqual(period.start, period.end)


class TestLedger(unittest.TestCase):
    def test_decimals_sum_exactly(self):
        entries = [engine.grant(0.3)]
        entries += engine.reserve(0.3, 0.1, False)
        entries += engine.reserve(0.2, 0.2, False)
        self.assertEqual(engine.balance(entries), 0.0)

    def test_hours_used_less_and_more_than_promised(self):
        self.assertEqual(
            engine.consume(2.0, 1.5, 0.0), [engine.Entry("consume", 1.5, 0.5)]
        )
        self.assertEqual(
            engine.consume(2.0, 4.0, 1.0),
            [engine.Entry("consume", 3.0, -1.0), engine.Entry("overage", 1.0, 0.0)],
        )

    def test_rolling_over_is_limited_and_ends_with_the_contract(self):
        self.assertEqual(engine.close_period(5, True), engine.Closing(0.0, 5.0))
        self.assertEqual(engine.close_period(5, True, 2), engine.Closing(3.0, 2.0))
        self.assertEqual(
            engine.close_period(5, True, 2, has_next=False), engine.Closing(5.0, 0.0)
        )
        self.assertEqual(engine.close_period(5, False), engine.Closing(5.0, 0.0))

    @settings(max_examples=500)
    @given(
        quantities,
        st.booleans(),
        st.lists(
            st.tuples(
                st.sampled_from(("reserve", "release", "consume")),
                quantities,
                st.integers(0, 50),
            ),
            max_size=40,
        ),
    )
    def test_a_balance_never_falls_below_zero(self, granted, overage, steps):
        """Whatever is promised, given back and used, in any order."""
        entries, held, promised, used = [engine.grant(granted)], [], 0.0, 0.0
        for step, quantity, choice in steps:
            left = engine.balance(entries)
            if step == "reserve":
                new = engine.reserve(left, quantity, overage)
                held += [row.quantity for row in new if row.kind == "reserve"]
                self.assertTrue(new or (quantity > left and not overage))
            elif not held:
                continue
            elif step == "release":
                new = engine.release(held.pop(choice % len(held)))
            else:
                new = engine.consume(held.pop(choice % len(held)), quantity, left)
                used += sum(row.quantity for row in new if row.kind == "consume")
                self.assertAlmostEqual(sum(row.quantity for row in new), quantity)
            entries += new
            self.assertGreaterEqual(engine.balance(entries), 0)
        promised = sum(held)
        # Nothing appears and nothing is lost
        self.assertAlmostEqual(engine.balance(entries) + promised + used, granted)

    @given(
        st.lists(quantities, min_size=1, max_size=8),
        quantities,
        st.sampled_from((0.0, 1.0, 2.5)),
        st.booleans(),
    )
    def test_closing_every_period_accounts_for_all_that_was_granted(
        self, uses, granted, limit, rolls_over
    ):
        carried = used = expired = 0.0
        for number, wanted in enumerate(uses):
            left = engine.exact(granted + carried)
            taken = sum(
                row.quantity
                for row in engine.reserve(left, wanted, True)
                if row.kind == "reserve"
            )
            closing = engine.close_period(
                left - taken, rolls_over, limit, has_next=number < len(uses) - 1
            )
            used += taken
            expired += closing.expired
            carried = closing.carried
            self.assertGreaterEqual(closing.expired, 0)
            if limit:
                self.assertLessEqual(carried, limit)
        self.assertEqual(carried, 0)
        self.assertAlmostEqual(used + expired, granted * len(uses))


class TestDecision(unittest.TestCase):
    def test_no_contract_no_kind_and_warranty(self):
        self.assertEqual(engine.decide(request(), []).state, "none")
        self.assertEqual(engine.decide(Request((), DAY), [cover()]).state, "not_needed")
        covered = engine.decide(request(in_warranty=True), [cover()])
        self.assertEqual((covered.state, covered.cover), ("warranty", None))
        inspection = engine.decide(
            request("inspection", in_warranty=True), [cover(kind="inspection")]
        )
        self.assertEqual(inspection.state, "covered")

    def test_what_ends_first_is_used_first_and_the_chosen_contract_before_all(self):
        early = cover(1, end=date(2026, 6, 30))
        late = cover(2)
        self.assertEqual(engine.decide(request(), [late, early]).cover, early)
        other = cover(1, end=date(2026, 6, 30), preferred=False)
        self.assertEqual(engine.decide(request(), [late, other]).cover, late)

    def test_a_lesser_kind_that_is_left_comes_before_paying(self):
        same_day = cover(1, kind="same_day", left=0.0, overage=True, price=300)
        on_site = cover(2)
        wanted = request("same_day", "on_site")
        decision = engine.decide(wanted, [same_day, on_site])
        self.assertEqual((decision.state, decision.cover), ("covered", on_site))
        self.assertEqual(
            [reason.code for reason in decision.reasons], ["covered", "used_up"]
        )
        empty = cover(2, left=0.0)
        decision = engine.decide(wanted, [same_day, empty])
        self.assertEqual((decision.state, decision.price), ("overage", 300))

    def test_refused_excluded_and_others(self):
        for cover_vals, request_vals, state, code in (
            ({"left": 0.0}, {}, "refused", "used_up"),
            (
                {"excluded_category_ids": frozenset({7})},
                {"category_ids": frozenset({3, 7})},
                "excluded",
                "excluded_product",
            ),
            (
                {"excluded_fault_ids": frozenset({9})},
                {"fault_ids": frozenset({9})},
                "excluded",
                "excluded_fault",
            ),
            ({"asset_ids": frozenset({1})}, {"asset_id": 2}, "none", "other_asset"),
            ({"type_ids": frozenset({1})}, {"type_id": 2}, "none", "other_type"),
        ):
            decision = engine.decide(request(**request_vals), [cover(**cover_vals)])
            self.assertEqual(decision.state, state)
            self.assertIn(code, [reason.code for reason in decision.reasons])

    def test_hours_take_what_is_left_before_they_cost(self):
        hours = cover(kind="consulting", left=1.5, overage=True, price=200.0)
        decision = engine.decide(request("consulting", quantity=2.0), [hours])
        self.assertEqual(
            (decision.state, decision.quantity, decision.over, decision.price),
            ("overage", 1.5, 0.5, 100.0),
        )

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(("on_site", "same_day")),
                st.integers(0, 4),
                st.booleans(),
                st.integers(0, 500),
            ),
            max_size=4,
        ),
        st.integers(1, 12),
    )
    def test_a_batch_takes_no_more_than_there_is(self, offered, number):
        """Allocating a batch equals deciding one after the other."""
        covers = [
            cover(key, kind=kind, left=float(left), overage=overage, price=float(price))
            for key, (kind, left, overage, price) in enumerate(offered)
        ]
        batch = [(request("same_day", "on_site"), covers)] * number
        decisions = engine.allocate(batch)
        for each in covers:
            taken = sum(d.quantity for d in decisions if d.cover and d.cover == each)
            self.assertLessEqual(taken, each.left)
        total = sum(each.left for each in covers)
        self.assertEqual(
            sum(d.state == "covered" for d in decisions), min(number, total)
        )
        left = {}
        one_by_one = [engine.allocate([entry], left)[0] for entry in batch]
        self.assertEqual(one_by_one, decisions)
        for decision in decisions:
            if decision.cover is None:
                self.assertIn(decision.state, ("none", "refused"))
