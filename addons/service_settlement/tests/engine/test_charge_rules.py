from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from ...engine.charge import KINDS, Cover, Item, decide

STATES = ("covered", "not_covered", "no_term", "unknown")
CONTRACTS = ("covered", "overage", "none", "refused", "excluded", "not_needed")


def codes(kinds=None, contract="none", items=KINDS):
    cover = Cover(kinds=kinds or {}, contract=contract, overage_price=50.0)
    return {
        charge.kind: (charge.code, charge.price)
        for charge in decide(cover, [Item(kind) for kind in items])
    }


class TestCharge(TestCase):
    def test_nothing_promised_is_sold_at_the_price_list(self):
        self.assertEqual(codes(), dict.fromkeys(KINDS, ("list_price", None)))

    def test_warranty_goes_before_the_contract(self):
        answer = codes({"labour": "covered", "travel": "not_covered"}, "covered")
        self.assertEqual(answer["labour"], ("warranty", None))
        self.assertEqual(answer["travel"], ("contract", None))
        self.assertEqual(answer["parts"], ("list_price", None))

    def test_overage_is_one_price_with_its_travel(self):
        answer = codes({}, "overage")
        self.assertEqual(answer["labour"], ("overage", 50.0))
        self.assertEqual(answer["travel"], ("in_overage", None))

    def test_hours_beyond_the_quota_are_not_multiplied_twice(self):
        cover = Cover(contract="overage", overage_price=50.0)
        [charge] = decide(cover, [Item("labour", quantity=3)])
        self.assertEqual((charge.quantity, charge.price), (1.0, 50.0))

    def test_goodwill_in_part_takes_its_share_of_what_is_sold(self):
        cover = Cover(
            kinds={"labour": "not_covered", "parts": "covered"},
            shares={"labour": 30.0, "parts": 100.0},
        )
        labour, parts, travel = decide(
            cover, [Item("labour"), Item("parts"), Item("travel")]
        )
        self.assertEqual((labour.code, labour.discount), ("list_price", 30.0))
        self.assertEqual((parts.code, parts.discount), ("warranty", 0.0))
        self.assertEqual(travel.discount, 0.0)
        # A consumable is left out of what the warranty pays, and paid in full
        cover = Cover(
            kinds={"parts": "covered", "parts:7": "not_covered"}, shares={"parts": 100}
        )
        [filter_] = decide(cover, [Item("parts", 7, group="parts:7")])
        self.assertEqual((filter_.code, filter_.discount), ("list_price", 0.0))

    def test_a_component_group_answers_for_its_part(self):
        cover = Cover(kinds={"parts": "not_covered", "parts:7": "covered"})
        charges = decide(cover, [Item("parts", 1), Item("parts", 2, group="parts:7")])
        self.assertEqual([c.code for c in charges], ["list_price", "warranty"])

    @given(
        st.dictionaries(st.sampled_from(KINDS), st.sampled_from(STATES)),
        st.sampled_from(CONTRACTS),
        st.lists(st.sampled_from(KINDS)),
    )
    def test_more_cover_never_costs_more(self, kinds, contract, items):
        """Covering one more kind never makes another item due."""
        cover = Cover(kinds=kinds, contract=contract)
        before = decide(cover, [Item(kind) for kind in items])
        for kind in KINDS:
            better = Cover(kinds=kinds | {kind: "covered"}, contract=contract)
            after = decide(better, [Item(name) for name in items])
            for old, new in zip(before, after, strict=True):
                self.assertLessEqual(new.is_due, old.is_due)
                self.assertFalse(new.kind == kind and new.is_due)

    @given(st.lists(st.sampled_from(KINDS)), st.sampled_from(CONTRACTS))
    def test_undecided_is_never_due(self, items, contract):
        cover = Cover(kinds=dict.fromkeys(KINDS, "unknown"), contract=contract)
        self.assertFalse(
            any(c.is_due for c in decide(cover, [Item(kind) for kind in items]))
        )
