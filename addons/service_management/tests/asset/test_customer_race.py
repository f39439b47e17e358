from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.service_management.models.asset import (
    service_asset_registration,
    service_warranty_proof,
)
from odoo.addons.service_management.tests.race import RaceCase

PAPER = b"%PDF-1.4"


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestCustomerRace(RaceCase):
    """What customers send at the same moment keeps to its limit."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            document = self._keep(
                env["service.warranty.document"].create(
                    {"name": "Race Receipt", "code": "race_receipt"}
                )
            )
            template = self._keep(
                env["service.warranty.template"].create(
                    {
                        "name": "Race Terms",
                        "document_ids": document.ids,
                        "line_ids": [(0, 0, {"kind": "labour", "months": 12})],
                    }
                )
            )
            product = self._keep(
                env["product.product"].create(
                    {
                        "name": "Race",
                        "type": "consu",
                        "service_warranty_template_id": template.id,
                    }
                )
            )
            self.asset_id = self._keep(
                env["service.asset"].create(
                    {
                        "partner_id": self.partner_id,
                        "product_id": product.id,
                        "serial": "RACE",
                        "purchase_date": "2025-01-01",
                    }
                )
            ).id

    def _clean_up(self):
        with self._env() as env:
            self._get_proofs(env).unlink()
            self._get_registrations(env).unlink()
        return super()._clean_up()

    def _get_proofs(self, env):
        return env["service.warranty.proof"].search([("asset_id", "=", self.asset_id)])

    def _get_registrations(self, env):
        return env["service.asset.registration"].search([("serial", "=", "RACE-2")])

    def _hand_in(self, env):
        asset = env["service.asset"].browse(self.asset_id)
        asset.env["service.warranty.proof"]._hand_in(
            asset, "race_receipt", "a.pdf", PAPER
        )

    def _submit(self, env):
        env["service.asset.registration"]._submit(
            {"serial": "RACE-2", "product": "Race"}
        )

    def _hand_in_twice(self):
        with patch.object(service_warranty_proof, "MAX_WAITING", 1):
            results = self._compete([self._hand_in] * 2)
        with self._env() as env:
            return sorted(results), len(self._get_proofs(env))

    def _submit_twice(self):
        self._compete([self._submit] * 2)
        with self._env() as env:
            return len(self._get_registrations(env))

    def test_last_place_for_a_paper_is_taken_once(self):
        self.assertEqual(self._hand_in_twice(), (["refused", "won"], 1))

    def test_without_turns_both_papers_are_taken(self):
        with patch.object(service_warranty_proof, "take_turn", lambda records: None):
            self.assertEqual(self._hand_in_twice(), (["won", "won"], 2))

    def test_registration_sent_twice_is_one(self):
        self.assertEqual(self._submit_twice(), 1)

    def test_without_turns_a_registration_sent_twice_is_two(self):
        with patch.object(
            service_asset_registration, "take_turn", lambda records: None
        ):
            self.assertEqual(self._submit_twice(), 2)
