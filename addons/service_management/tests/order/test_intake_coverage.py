from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install")
class TestIntakeCoverage(ContractCommon):
    """The phone form says what is covered before anybody promises anything."""

    def setUp(self):
        super().setUp()
        self.intake = self.env["service.order"].with_user(self.agent)

    def _ask(self, **vals):
        return self.intake.intake_coverage(
            {
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "type_id": self.type_repair.id,
                "priority": "1",
                "symptom_id": False,
            }
            | vals
        )

    def test_context_tells_what_is_left_of_each_contract(self):
        self._make_order()
        (contract,) = self.intake.intake_context(self.customer.id)["contracts"]
        self.assertEqual(
            contract["balances"],
            [
                {
                    "id": self.visits.id,
                    "kind": "On-site Visit",
                    "left": 2.0,
                    "granted": 3.0,
                    "unlimited": False,
                }
            ],
        )

    def test_the_answer_is_that_of_registering_and_keeps_nothing(self):
        before = self.env["service.order"].search_count([])
        answer = self._ask()
        self.assertEqual(answer["state"], "covered")
        self.assertEqual(answer["meter"]["left"], 3)
        self.assertIn(self.contract.code, answer["reasons"][0]["text"])
        self.assertEqual(self.env["service.order"].search_count([]), before)
        self.assertEqual(self.visits.available, 3)
        self.contract.action_suspend()
        self.assertEqual(self._ask()["state"], "none")

    def test_a_contract_for_certain_assets_asks_for_the_asset(self):
        self.contract.asset_ids = self.asset
        answer = self._ask(asset_id=False)
        self.assertEqual(answer["state"], "none")
        self.assertIn("choose the asset", answer["reasons"][0]["text"])
        self.assertEqual(self._ask()["state"], "covered")

    def test_a_saved_draft_answers_with_its_coverage(self):
        saved = self.intake.intake_save(
            False,
            {
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "type_id": self.type_repair.id,
            },
        )
        self.assertEqual(saved["coverage"]["state"], "covered")

    def test_only_those_who_register_may_ask(self):
        for user in (self.technician_user, self.quality, self.portal_customer):
            with self.assertRaises(AccessError):
                self.env["service.order"].with_user(user).intake_coverage({})
        self.assertEqual(self.intake.intake_coverage({})["state"], "none")

    def test_the_answer_takes_few_queries(self):
        self._ask()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._ask()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 30)
