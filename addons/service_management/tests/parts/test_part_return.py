from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartReturn(PartCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls.part, 10)
        cls.returned = cls.company._get_part_location("returned")

    def test_a_used_part_makes_a_return_that_is_due(self):
        self.part.service_return_days = 12
        row = self._use(quantity=2)
        self.assertRecordValues(
            row,
            [
                {
                    "state": "due",
                    "kind": "old",
                    "quantity": 2,
                    "value": 40,
                    "point_id": self.point.id,
                    "location_id": self.point.defective_location_id.id,
                    "date_due": self._today(12),
                }
            ],
        )
        self.assertEqual(self._held(self.point.defective_location_id), 2)

    def test_days_come_from_product_category_company(self):
        self.company.service_return_days = 21
        self.assertEqual(self.part._get_return_terms(self.company), 21)
        self.part.categ_id.service_return_days = 9
        self.assertEqual(self.part._get_return_terms(self.company), 9)
        self.part.service_return_days = 4
        self.assertEqual(self.part._get_return_terms(self.company), 4)
        self.part.service_recoverable = False
        self.assertIsNone(self.part._get_return_terms(self.company))

    def test_what_need_not_come_back_makes_none(self):
        self.part.service_recoverable = False
        self.assertFalse(self._use())

    def test_the_way_back_in_stock(self):
        row = self._use()
        row.with_user(self.point_manager).action_send("SF 123")
        transit = self.company._get_part_location("transit")
        self.assertEqual((row.state, row.parcel), ("sent", "SF 123"))
        self.assertEqual(self._held(transit), 1)
        self.assertEqual(self._held(self.point.defective_location_id), 0)
        row.with_user(self.dispatcher).action_receive()
        self.assertEqual(self._held(self.returned), 1)
        row.with_user(self.dispatcher).action_inspect("good")
        self.assertEqual((row.state, row.disposition), ("settled", "stock"))
        self.assertEqual(self._held(self.central), 1)
        self.assertEqual(self._held(self.returned), 0)

    def test_an_old_part_has_no_value_until_it_is_ours(self):
        self.part.invalidate_recordset()
        before = self.part.total_value
        row = self._use()
        used = self.part.total_value
        self.assertEqual(used, before - 20)
        row.action_receive()
        self.part.invalidate_recordset()
        self.assertEqual(self.part.total_value, used)
        row.action_inspect("good")
        self.part.invalidate_recordset()
        self.assertEqual(self.part.total_value, before)

    def test_findings_and_what_becomes_of_the_part(self):
        for result, disposition, kind in (
            ("defective", "repair", "repair"),
            ("defective", "supplier", "repair"),
            ("defective", "scrap", None),
            ("not_original", "back", None),
        ):
            with self.subTest(result=result, disposition=disposition):
                row = self._use()
                row.action_receive()
                row.action_inspect(result, disposition, "seen")
                self.assertEqual(row.state, "settled")
                self.assertEqual(row.supplier_claim, disposition == "supplier")
                self.assertEqual(self._held(self.returned), 0)
                if kind:
                    self.assertEqual(
                        row.location_id, self.company._get_part_location(kind)
                    )
        self.assertEqual(self._held(self.company._get_part_location("repair")), 2)

    def test_a_disposition_must_go_with_the_finding(self):
        row = self._use()
        row.action_receive()
        with self.assertRaisesRegex(UserError, "does not go with"):
            row.action_inspect("missing", "stock")

    def test_what_is_overdue_or_missing_is_owed(self):
        late, missing, sent, waived = (self._use() for __ in range(4))
        missing.action_inspect("missing")
        sent.action_send()
        waived.action_waive("goodwill")
        day = late.date_due
        owed = self.env["service.part.return"]._get_overdue(
            self.point, fields.Date.add(day, days=1)
        )
        self.assertEqual(owed[self.point], late + missing)
        self.assertEqual(
            self.env["service.part.return"]._get_overdue(self.point, day)[self.point],
            missing,
        )
        missing.action_settle()
        # Charged stays charged: the settlement takes each source once
        self.assertEqual(missing.state, "settled")
        self.assertEqual(self._held(self.point.defective_location_id), 1)

    def test_serials_follow(self):
        new = self._lot("NEW-1")
        self._put(self.serial_part, self.point.location_id, lot=new)
        row = self._use(self.serial_part, lot_id=new.id, old_serial="OLD-9")
        self.assertEqual(row.lot_id.name, "OLD-9")
        history = self.env["service.part.movement"].search(
            [("asset_id", "=", self.asset.id), ("product_id", "=", self.serial_part.id)]
        )
        self.assertEqual(
            {(line.kind, line.lot_id.name) for line in history},
            {("use", "NEW-1"), ("recover", "OLD-9")},
        )
        self.assertEqual(self.asset.part_movement_ids & history, history)

    def test_an_old_part_whose_serial_nobody_read_has_one_of_its_own(self):
        new = self._lot("NEW-2")
        self._put(self.serial_part, self.point.location_id, lot=new)
        row = self._use(self.serial_part)
        self.assertIn(row.order_id.name, row.lot_id.name)
        row.action_receive()
        self.assertEqual(self._held(self.returned, self.serial_part, row.lot_id), 1)

    def test_a_serial_of_another_part_is_refused(self):
        lot = self._lot("ELSE")
        visit = self._make_visit()
        with self.assertRaisesRegex(UserError, "another part"):
            visit.action_add_part(self.part.id, 1, lot_id=lot.id)

    def test_a_serial_in_our_stock_was_not_taken_out(self):
        new, other = self._lot("NEW-3"), self._lot("SHELF-1")
        for lot in new + other:
            self._put(self.serial_part, self.point.location_id, lot=lot)
        visit = self._make_visit()
        with self.assertRaisesRegex(UserError, "cannot have been taken out"):
            visit.action_add_part(
                self.serial_part.id, 1, lot_id=new.id, old_serial="SHELF-1"
            )

    def test_a_loaner_is_lent_and_comes_back(self):
        device = self._lot("LOAN-1")
        self._put(self.serial_part, self.van, lot=device)
        visit = self._make_visit()
        visit.with_user(self.technician_user).action_lend_part(
            self.serial_part.id,
            1,
            self._today(5),
            location_id=self.van.id,
            lot_id=device.id,
        )
        visit.action_done({"outcome": "fixed"})
        row = self.env["service.part.return"].search([("visit_id", "=", visit.id)])
        self.assertRecordValues(
            row,
            [{"kind": "loan", "lot_id": device.id, "date_due": self._today(5)}],
        )
        # The customer has it: the service point owes nothing when it is late
        owed = row._get_overdue(self.point, self._today(30))
        self.assertFalse(owed[self.point])
        row.with_user(self.dispatcher).action_receive()
        self.assertEqual(row.state, "settled")
        self.assertEqual(
            self._held(self.point.location_id, self.serial_part, device), 1
        )
        with self.assertRaisesRegex(UserError, "to come"):
            self._make_visit().action_lend_part(self.part.id, 1, self._today(-1))

    def _run_queue(self):
        self.env["service.part.reminder"]._queue_work_batch(100, careful=False)

    def test_reminders_go_once_a_level_and_only_while_due(self):
        self.point.user_ids.partner_id.email = "point@example.com"
        row, sent = self._use(), self._use()
        self.assertEqual(
            set(row.reminder_ids.mapped("level")), {"soon", "late", "last"}
        )
        sent.action_send()
        with freeze_time(row.date_due + timedelta(days=2)):
            before = len(row.message_ids)
            self._run_queue()
            self._run_queue()
            self.assertEqual(len(row.message_ids), before + 2)
            self.assertFalse(row.activity_ids)
        self.assertFalse(any(sent.reminder_ids.mapped("was_sent")))
        with freeze_time(row.date_due + timedelta(days=9)):
            self._run_queue()
            self.assertEqual(len(row.activity_ids), 1)
        self.assertTrue(all(row.reminder_ids.mapped("was_sent")))

    def test_a_day_put_off_puts_the_reminder_off(self):
        row = self._use()
        soon = row.reminder_ids.filtered(lambda line: line.level == "soon")
        at = soon.next_try_at
        row.date_due = fields.Date.add(row.date_due, days=10)
        with freeze_time(at + timedelta(hours=1)):
            self._run_queue()
        self.assertFalse(soon.was_sent)
        self.assertGreater(soon.next_try_at, at + timedelta(days=9))

    def test_who_may_do_what(self):
        row = self._use()
        check_matrix(
            self,
            {"row": row},
            {
                self.agent: {"row": "r"},
                self.dispatcher: {"row": "rw"},
                self.quality: {"row": "r"},
                self.technician_user: {"row": "r"},
                self.point_manager: {"row": "r"},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )
        stranger = self._make_technician("Stranger", self._make_point("Else"))
        stranger.user_id = self.quality.copy(
            {"login": "stranger", "group_ids": self.technician_user.group_ids.ids}
        )
        with self.assertRaises(AccessError):
            row.with_user(stranger.user_id).action_send()
        for user in (self.point_manager, self.technician_user):
            with self.assertRaises(AccessError):
                row.with_user(user).action_receive()
            with self.assertRaises(AccessError):
                row.with_user(user).action_waive("mine")
            with self.assertRaises(AccessError):
                row.with_user(user).action_inspect("good")

    def test_points_see_the_stock_and_movements_of_their_own(self):
        other = self._make_point("Else")
        self._stock(self.part, 3, other)
        self._use()
        for model in ("service.part.stock", "service.part.movement"):
            rows = self.env[model].with_user(self.point_manager).search([])
            self.assertEqual(rows.point_id, self.point, model)
        rows = self.env["service.part.stock"].with_user(self.agent).search([])
        self.assertIn(other, rows.point_id)
