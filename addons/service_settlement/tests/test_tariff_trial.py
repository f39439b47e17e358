from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import IN_MONTH, SettlementCommon


@tagged("post_install", "-at_install")
class TestTariffTrial(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_point = cls._make_settled_point("Test Other Point")
        cls.claims = cls._make_claims(3) | cls._make_claims(2, point=cls.other_point)
        cls.draft = cls._make_tariff(
            [{"amount": 90.0}, {"kind": "bonus", "occasion": "urgent", "amount": 5.0}],
            activate=False,
            name="T-2027",
            date_start=date(2027, 1, 1),
        )

    def _try(self, **vals):
        trial = (
            self.env["service.tariff.trial"]
            .with_user(self.accountant)
            .create(
                {
                    "tariff_id": self.draft.id,
                    "date_from": "2026-02-01",
                    "date_to": "2026-02-28",
                    **vals,
                }
            )
        )
        self.assertTrue(trial.sudo()._queue_process_one())
        return trial

    def _snapshot(self):
        self.env.flush_all()
        snapshot = []
        for table in ("service_claim", "service_claim_line"):
            self.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            snapshot.append(self.cr.dictfetchall())
        return snapshot

    def test_difference_by_point_and_kind_and_nothing_else_changes(self):
        self.claims[0].order_id.priority = "3"
        before = self._snapshot()
        trial = self._try()
        self.assertEqual(self._snapshot(), before)
        self.assertRecordValues(
            trial,
            [
                {
                    "queue_state": "done",
                    "claim_count": 5,
                    "gap_count": 0,
                    "amount_now": 400.0,
                    "amount_then": 455.0,
                    "difference": 55.0,
                }
            ],
        )
        rows = {(row.point_id, row.kind): row.difference for row in trial.line_ids}
        self.assertEqual(
            rows,
            {
                (self.point, "labour"): 30.0,
                (self.point, "bonus"): 5.0,
                (self.other_point, "labour"): 20.0,
            },
        )
        self.assertEqual(self.draft.state, "draft")

    def test_claims_for_whom_no_tariff_holds_are_left_out(self):
        """A tariff for one point is tried where nothing else holds any more."""
        self.tariff.action_retire()
        self.draft.point_ids = self.other_point
        trial = self._try()
        self.assertEqual(trial.queue_state, "done")
        self.assertEqual(trial.line_ids.point_id, self.other_point)
        self.assertEqual(trial.claim_count, 2)

    def test_only_the_points_and_the_period_asked_for(self):
        self._make_done_orders(done=IN_MONTH.replace(month=3))
        trial = self._try(point_ids=[(6, 0, self.other_point.ids)])
        self.assertEqual(trial.claim_count, 2)
        self.assertEqual(trial.line_ids.point_id, self.other_point)

    def test_filed_amounts_are_compared_by_what_the_tariff_gave(self):
        self.claims[0].line_ids.sudo().write(
            {"is_filed": True, "amount_tariff": 80.0, "amount_claimed": 300.0}
        )
        self.assertEqual(self._try().amount_now, 400.0)

    def test_what_has_no_price_is_told(self):
        self.draft.line_ids[0].type_id = self.type_consulting
        trial = self._try()
        self.assertEqual(trial.gap_count, 5)
        self.assertIn("5 × Labour: no line matches", trial.gap_text)

    def test_priced_again_after_the_tariff_was_changed(self):
        trial = self._try()
        with self.assertRaises(UserError):
            trial.date_to = "2026-03-31"
        self.draft.line_ids[0].amount = 100.0
        trial.action_recompute()
        self.assertEqual(trial.queue_state, "pending")
        trial.sudo()._queue_process_one()
        self.assertEqual(trial.difference, 100.0)
        self.assertEqual(len(trial.line_ids), 2)

    def test_asked_for_from_the_tariff(self):
        action = self.draft.with_user(self.accountant).action_try()
        trial = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(trial.tariff_id, self.draft)
        Form(trial.with_user(self.accountant))

    def test_only_accountants_try(self):
        trial = self._try()
        for user in (self.portal_point, self.point_manager, self.agent):
            for record in (trial, trial.line_ids):
                with self.subTest(user=user.login, model=record._name):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["difference"])
        with self.assertRaises(AccessError):
            self.env["service.tariff.trial.line"].with_user(self.accountant).create(
                {"trial_id": trial.id, "point_id": self.point.id, "kind": "other"}
            )

    def test_a_month_takes_the_queries_of_a_few_claims(self):
        counts = []
        for number in (1, 40):
            self._make_claims(number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._try()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
