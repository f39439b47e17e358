import unittest
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.duplicates import (
    PROPOSE_FROM,
    Request,
    compare,
    find,
    similarity,
)

NOON = datetime(2026, 3, 2, 12, 0)
WINDOW = timedelta(days=30)
CALL = Request(
    id=1,
    date=NOON,
    customer=7,
    phone="13800138000",
    asset=3,
    category=2,
    symptom=5,
    type=1,
    text="The washing machine does not spin.",
)


def look(**changes):
    return compare(CALL, replace(CALL, **{"id": 2, **changes}), WINDOW)


requests = st.builds(
    Request,
    id=st.integers(1, 50),
    date=st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1)),
    customer=st.integers(0, 3),
    phone=st.sampled_from(["", "138", "139"]),
    email=st.sampled_from(["", "a@b", "c@d"]),
    asset=st.integers(0, 3),
    category=st.integers(0, 3),
    symptom=st.integers(0, 3),
    type=st.integers(0, 3),
    text=st.text(max_size=30),
)


class TestDuplicates(unittest.TestCase):
    def test_the_same_request_through_two_channels(self):
        match = look(phone="", date=NOON + timedelta(hours=3), text="It does not spin!")
        self.assertGreaterEqual(match.score, PROPOSE_FROM)
        self.assertEqual(
            [reason.code for reason in match.reasons][:2],
            ["same_customer", "same_asset"],
        )

    def test_a_mail_that_knows_only_the_phone_number_and_the_words(self):
        mail = look(customer=0, asset=0, category=0, symptom=0, type=0)
        self.assertGreaterEqual(mail.score, PROPOSE_FROM)
        other_words = look(
            customer=0,
            asset=0,
            category=0,
            symptom=0,
            type=0,
            text="Please send an invoice copy",
            date=NOON + timedelta(days=3),
        )
        self.assertLess(other_words.score, PROPOSE_FROM)

    def test_two_customers_two_assets_and_long_ago_are_never_the_same(self):
        self.assertIsNone(look(customer=8))
        self.assertIsNone(look(asset=4))
        self.assertIsNone(look(date=NOON - timedelta(days=31)))
        self.assertIsNone(look(customer=0, phone="", asset=0))

    def test_another_symptom_of_the_same_machine_counts_against(self):
        self.assertLess(look(symptom=6, text="").score, look(symptom=0, text="").score)

    def test_the_likeliest_comes_first_and_itself_never(self):
        others = [
            replace(CALL, id=5, text="", date=NOON - timedelta(days=3)),
            replace(CALL, id=6),
            CALL,
            replace(CALL, id=7, customer=9),
        ]
        self.assertEqual([match.id for match in find(CALL, others, WINDOW)], [6, 5])

    def test_texts_in_two_languages(self):
        self.assertEqual(similarity("洗衣机不脱水", "我家洗衣机不脱水了"), 10 / 13)
        self.assertEqual(similarity("", ""), 0)
        self.assertLess(similarity("洗衣机不脱水", "空调不制冷"), 0.3)

    @given(requests, requests)
    def test_comparing_is_the_same_both_ways(self, one, other):
        there, back = compare(one, other, WINDOW), compare(other, one, WINDOW)
        self.assertEqual(there is None, back is None)
        if there:
            self.assertEqual((there.score, there.reasons), (back.score, back.reasons))
            self.assertTrue(0 <= there.score <= 100)

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_similarity_is_a_share(self, one, other):
        self.assertTrue(0 <= similarity(one, other) <= 1)
        self.assertEqual(similarity(one, other), similarity(other, one))
