import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SettlementCommon

# As JSON of a program brings them
FORGED = (*json.loads("[NaN, Infinity, -Infinity, 1e300]"), "NaN", "x")
REFUSED = "number that can be booked"


@tagged("post_install", "-at_install")
class TestAmounts(SettlementCommon):
    """No amount that is no number comes in over RPC, whoever calls."""

    def test_every_model_with_amounts_refuses_what_is_no_number(self):
        """One that is added without the mixin fails here."""
        missing = [
            name
            for name, model in self.env.items()
            if model._original_module == "service_settlement"
            and not model._abstract
            and model._auto
            and any(
                field.type in ("float", "monetary") and field.store
                for field in model._fields.values()
            )
            and "service.amount.mixin" not in model._inherit_module
        ]
        self.assertEqual(missing, [])

    def _assert_refused(self, call):
        for value in FORGED:
            with self.subTest(value), self.assertRaisesRegex(UserError, REFUSED):
                call(value)

    def test_authorisation_that_a_point_asks_for(self):
        order = self._make_order()
        order.sudo().point_id = self.point
        requests = self.env["service.claim.authorisation"]
        for value in FORGED[:4]:
            with self.subTest(value), self.assertRaises(UserError):
                requests.with_user(self.portal_point)._ask(order, value, "x")
        request = requests.create({"order_id": order.id, "amount": 5.0, "note": "x"})
        request = request.with_user(self.accountant)
        self._assert_refused(lambda value: request.write({"amount_granted": value}))

    def test_amounts_that_a_point_files_or_disputes(self):
        self.company.service_claim_file_days = 9999
        claim = self._make_claims()
        for value in FORGED:
            row = {"kind": "other", "amount": value, "note": "toll"}
            with self.subTest(value), self.assertRaisesRegex(UserError, "above zero"):
                claim.with_user(self.portal_point)._file([row])
        settlement, __ = self._run(until="issued")
        self._assert_refused(
            lambda value: settlement.with_user(self.portal_point)._dispute(
                [{"reason": "x", "amount_asked": value}]
            )
        )

    def test_amounts_that_an_accountant_writes(self):
        self.company.service_claim_auto_approve = False
        line = self._make_claims().line_ids.with_user(self.accountant)
        for name in ("amount_checked", "amount_approved"):
            self._assert_refused(
                lambda value, name=name: line.write({name: value}),
            )
        draft = self._make_tariff([{"amount": 1.0}], activate=False)
        draft = draft.with_user(self.accountant)
        self._assert_refused(
            lambda value: draft.write(
                {"line_ids": [Command.create({"minimum": value})]}
            )
        )
        self._assert_refused(lambda value: draft.write({"night_from": value}))
        adjustments = self.env["service.settlement.adjustment"]
        self._assert_refused(
            lambda value: adjustments.with_user(self.accountant).create(
                {"point_id": self.point.id, "reason": "x", "amount": value}
            )
        )
        # A default that the caller brings is no way around it
        with self.assertRaisesRegex(UserError, REFUSED):
            adjustments.with_user(self.accountant).with_context(
                default_amount=FORGED[0]
            ).create({"point_id": self.point.id, "reason": "x"})

    def test_numbers_pass(self):
        draft = self._make_tariff(
            [{"amount": 0}, {"amount": "12.5"}, {"amount": 1e9}], activate=False
        )
        self.assertEqual(draft.line_ids.mapped("amount"), [0.0, 12.5, 1e9])
