from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestTariff(SettlementCommon):
    def test_two_active_tariffs_cannot_overlap(self):
        with self.assertRaises(ValidationError):
            self._make_tariff([{"amount": 90.0}], date_start=date(2026, 6, 1))

    def test_tariffs_follow_each_other(self):
        self.tariff.date_end = date(2026, 2, 14)
        later = self._make_tariff([{"amount": 90.0}], date_start=date(2026, 2, 15))
        tariffs = self.env["service.tariff"]
        days = [date(2026, 2, 14), date(2026, 2, 15), date(2025, 12, 31)]
        found = tariffs._find_many((self.company, self.point, day) for day in days)
        self.assertEqual(found[self.company, self.point, days[0]], self.tariff)
        self.assertEqual(found[self.company, self.point, days[1]], later)
        self.assertNotIn((self.company, self.point, days[2]), found)

    def test_tariff_without_lines_cannot_be_activated(self):
        with self.assertRaises(UserError):
            self._make_tariff([])

    def test_lines_in_use_do_not_change(self):
        line = self.tariff.line_ids
        with self.assertRaises(UserError):
            line.amount = 1.0
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(UserError):
            self.env["service.tariff.line"].create({"tariff_id": self.tariff.id})
        with self.assertRaises(UserError):
            self.tariff.unlink()
        self.tariff.action_draft()
        line.amount = 81.0
        self.assertEqual(line.amount, 81.0)

    def test_copy_is_a_draft_with_the_same_lines(self):
        copy = self.tariff.copy()
        self.assertRecordValues(copy, [{"state": "draft", "name": "T-2026 (copy)"}])
        self.assertEqual(copy.line_ids.amount, 80.0)

    def test_lines_are_numbered_as_they_stand(self):
        tariff = self._make_tariff(
            [{"amount": 1.0, "sequence": 30}, {"amount": 2.0, "sequence": 20}],
            activate=False,
        )
        numbers = {line.amount: line.number for line in tariff.line_ids}
        self.assertEqual(numbers, {2.0: 1, 1.0: 2})

    def test_line_bounds_must_make_sense(self):
        for wrong in (
            {"distance_min": 20.0, "distance_max": 10.0},
            {"amount": -1.0},
            {"minimum": 50.0, "maximum": 20.0},
        ):
            with self.subTest(wrong), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.cr.savepoint():
                    self._make_tariff([wrong], activate=False)

    def test_line_says_for_which_jobs_in_words(self):
        tariff = self._make_tariff(
            [
                {"type_id": self.type_repair.id, "warranty_state": "in"},
                {"kind": "travel", "distance_min": 10.0, "distance_max": 20.0},
                {"kind": "travel", "distance_min": 20.0},
                {"kind": "bonus", "occasion": "sla_met"},
                {"kind": "material", "product_id": self.part.id},
            ],
            activate=False,
        )
        self.assertEqual(
            tariff.line_ids.mapped("conditions"),
            [
                "Repair, In Warranty",
                "10–20 km",
                "from 20 km on",
                "Promise kept",
                "Test Pump",
            ],
        )

    @freeze_time("2026-05-12 08:00:00")
    def test_new_version_ends_the_one_before(self):
        draft = self.tariff.browse(self.tariff.action_new_version()["res_id"])
        self.assertRecordValues(
            draft,
            [
                {
                    "state": "draft",
                    "date_start": date(2026, 6, 1),
                    "date_end": False,
                    "previous_id": self.tariff.id,
                    "line_count": 1,
                }
            ],
        )
        # Nothing changes before it is activated
        self.assertFalse(self.tariff.date_end)
        draft.date_start = "2026-07-01"
        draft.line_ids.amount = 90.0
        draft.action_activate()
        self.assertEqual(self.tariff.date_end, date(2026, 6, 30))
        self.assertEqual(self.tariff.state, "active")
        found = self.tariff._find_many(
            (self.company, self.point, day)
            for day in (date(2026, 6, 30), date(2026, 7, 1))
        )
        self.assertEqual(
            [found[key] for key in sorted(found, key=lambda key: key[2])],
            [self.tariff, draft],
        )

    def test_version_that_begins_before_the_other_is_refused(self):
        draft = self.tariff.browse(self.tariff.action_new_version()["res_id"])
        draft.date_start = self.tariff.date_start
        with self.assertRaisesRegex(ValidationError, "same days"):
            draft.action_activate()

    def test_version_after_the_end_of_another(self):
        self.tariff.date_end = "2026-08-15"
        draft = self.tariff.browse(self.tariff.action_new_version()["res_id"])
        self.assertEqual(draft.date_start, date(2026, 8, 16))
        draft.action_activate()
        self.assertEqual(self.tariff.date_end, date(2026, 8, 15))
