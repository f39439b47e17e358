from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementBatch(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.points = cls.point
        for number in range(3):
            cls.points |= cls._make_settled_point(f"Test Point {number}")

    def _start(self, until="billed", points=None, user=None):
        return (
            self.env["service.settlement.batch"]
            .with_user(user or self.accountant)
            ._start(self.company, *MONTH, points=points, until=until)
        )

    def _work(self, batch):
        for item in batch.sudo().item_ids:
            item._queue_process_one()
        batch.invalidate_recordset()

    def test_each_point_is_one_row_and_all_get_their_bill(self):
        for point in self.points:
            self._make_claims(2, point=point)
        batch = self._start()
        self.assertRecordValues(
            batch, [{"item_count": 4, "done_count": 0, "state": "running"}]
        )
        self.assertEqual(batch.progress, 0.0)
        self._work(batch)
        self.assertRecordValues(
            batch,
            [{"done_count": 4, "problem_count": 0, "state": "done", "progress": 100.0}],
        )
        settlements = batch.item_ids.settlement_ids
        self.assertEqual(settlements.point_id, self.points)
        self.assertEqual(set(settlements.mapped("state")), {"billed"})
        self.assertEqual(settlements.issued_by_id, self.accountant)

    def test_second_batch_of_the_same_period_finds_nothing(self):
        self._make_claims(2)
        self._work(self._start())
        self.assertFalse(self._start().item_ids)

    def test_two_batches_settle_each_claim_once(self):
        self._make_claims(2)
        first, second = self._start(), self._start()
        self._work(first)
        self._work(second)
        settlement = first.item_ids.settlement_ids
        self.assertEqual(second.item_ids.settlement_ids, settlement)
        self.assertEqual(settlement.claim_count, 2)
        self.assertEqual(
            self.env["account.move"].search_count(
                [("service_settlement_id", "=", settlement.id)]
            ),
            1,
        )

    def test_bad_point_stops_only_itself_and_is_tried_again(self):
        for point in self.points:
            self._make_claims(point=point)
        bad = self.points[1]
        bad.partner_id.property_account_payable_id = False
        self.env["ir.default"].search(
            [("field_id.name", "=", "property_account_payable_id")]
        ).unlink()
        batch = self._start()
        self._work(batch)
        self.assertEqual(batch.problem_ids.point_id, bad)
        self.assertIn("payable", batch.problem_ids.message)
        states = batch.item_ids.settlement_ids.mapped("state")
        self.assertEqual(sorted(states), ["billed", "billed", "billed", "confirmed"])
        bad.partner_id.property_account_payable_id = self.payable
        batch.action_again()
        self.assertEqual(batch.state, "running")
        self._work(batch)
        self.assertFalse(batch.problem_ids)
        self.assertEqual(set(batch.item_ids.settlement_ids.mapped("state")), {"billed"})

    def test_bad_order_stops_only_itself_and_is_shown(self):
        """One claim whose lines are not its amount: the others are settled."""
        claims = self._make_claims(4)
        bad = claims[2]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE service_claim_line SET amount_approved = 81 WHERE claim_id = %s",
            [bad.id],
        )
        self.env.invalidate_all()
        batch = self._start()
        self._work(batch)
        settlement = batch.item_ids.settlement_ids
        self.assertEqual(settlement.claim_ids, claims - bad)
        self.assertEqual(settlement.move_id.amount_untaxed, 240.0)
        self.assertEqual(bad.state, "approved")
        self.assertIn(bad.order_id.name, bad.hold_reason)
        self.assertIn(bad.order_id.name, batch.problem_ids.message)

    def test_kind_without_a_product_stops_only_its_claims(self):
        other = self._change_tariff([{"amount": 10.0, "kind": "other"}])
        odd = self._make_claims()
        other.action_retire()
        self._make_tariff([{"amount": 80.0}])
        self._make_claims(2)
        self.env["ir.model.data"].search(
            [("module", "=", "service_settlement"), ("name", "=", "product_other")]
        ).unlink()
        settlement, failures = self._run()
        self.assertEqual(settlement.state, "billed")
        self.assertNotIn(odd, settlement.claim_ids)
        self.assertIn(odd.order_id.name, failures[0].message)

    def test_started_with_the_rights_of_an_accountant_only(self):
        for user in (self.portal_point, self.point_manager, self.agent):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._start(user=user)

    def test_rows_of_the_queue_are_written_by_nobody(self):
        self._make_claims()
        batch = self._start()
        with self.assertRaises(AccessError):
            batch.item_ids.write({"message": "x"})
        with self.assertRaises(AccessError):
            batch.unlink()
        with self.assertRaises(AccessError):
            batch.with_user(self.point_manager).read(["progress"])

    def test_nobody_runs_it_in_the_name_of_another(self):
        """Who issues and who approves are two: the name on a batch is not typed."""
        self._make_claims()
        self.point.partner_id.property_account_payable_id = False
        self.env["ir.default"].search(
            [("field_id.name", "=", "property_account_payable_id")]
        ).unlink()
        batch = self._start()
        with self.assertRaises(AccessError):
            batch.write({"user_id": self.env.ref("base.user_admin").id})
        self._work(batch)
        colleague = new_test_user(
            self.env,
            login="test_accountant_2",
            groups="service_settlement.group_settlement_accountant",
        )
        batch.with_user(colleague).action_again()
        self.assertEqual(batch.user_id, colleague)
        with self.assertRaises(AccessError):
            batch.with_user(self.agent).action_again()

    def test_wizard_starts_a_batch_or_says_that_there_is_nothing(self):
        wizard = (
            self.env["service.settlement.run"]
            .with_user(self.accountant)
            .create({"date_from": MONTH[0], "date_to": MONTH[1], "until": "issued"})
        )
        with self.assertRaises(UserError):
            wizard.action_run_in_background()
        self._make_claims()
        action = wizard.action_run_in_background()
        batch = self.env["service.settlement.batch"].browse(action["res_id"])
        self.assertEqual(batch.item_ids.point_id, self.point)
        running = self.env["service.settlement.batch"].search(
            [("state", "in", ["running"])]
        )
        self.assertIn(batch, running)
        self.assertIn(
            batch.item_ids, self.env["service.settlement.batch.item"].search([])
        )

    def test_runs_of_single_points_go_side_by_side_not_with_a_whole_one(self):
        other = self.points[1]
        with self.registry.cursor() as cr:
            rival = self.settlements.with_env(self.env(cr=cr))
            self.assertTrue(self.settlements._try_lock_run(self.company, self.point))
            self.assertTrue(rival._try_lock_run(self.company, other))
            self.assertFalse(rival._try_lock_run(self.company, self.point))
            self.assertFalse(rival._try_lock_run(self.company))
