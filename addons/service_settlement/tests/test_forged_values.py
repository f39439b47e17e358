from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..controllers.point_settlement import _get_id, _get_text
from .common import SettlementCommon


@tagged("post_install", "-at_install")
class TestForgedValues(SettlementCommon):
    """Calls that no form makes: read-only fields and defaults over RPC."""

    def test_sums_are_not_written_past_approval(self):
        """Else a small total at confirming keeps the tier from being reached."""
        self._make_claims(3)
        settlement, __ = self._run(until="issued")
        settlement = settlement.with_user(self.accountant)
        for name in ("amount_total", "amount_claims", "amount_adjustments"):
            with self.subTest(name), self.assertRaises(UserError):
                settlement.write({name: 1.0})
        claim = self._make_claims().with_user(self.accountant)
        self.assertFalse(claim.settlement_id)
        for name in ("amount_claimed", "amount_checked", "amount_approved"):
            with self.subTest(name), self.assertRaises(UserError):
                claim.write({name: 1.0})

    def test_a_statement_begins_as_a_draft_whatever_the_context_says(self):
        settlement = (
            self.env["service.settlement"]
            .with_user(self.accountant)
            .with_context(default_state="confirmed", default_amount_total=7.0)
            .create(
                {
                    "point_id": self.point.id,
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-31",
                }
            )
        )
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(settlement.amount_total, 0.0)

    def test_who_asks_does_not_name_what_is_granted_or_another_asker(self):
        self.company.service_claim_authorise_above = 50.0
        order = self._make_order()
        order.sudo().point_id = self.point
        request = (
            self.env["service.claim.authorisation"]
            .with_user(self.accountant)
            .with_context(default_decided_by_id=self.manager.id)
            .create(
                {
                    "order_id": order.id,
                    "amount": 70.0,
                    "amount_granted": 7000.0,
                    "note": "test",
                    "asked_by_id": self.manager.id,
                }
            )
        )
        self.assertEqual(request.asked_by_id, self.accountant)
        self.assertFalse(request.amount_granted)
        self.assertFalse(request.decided_by_id)
        with self.assertRaisesRegex(UserError, "another person"):
            request.action_grant()

    def test_the_source_of_an_adjustment_is_named_by_flows_only(self):
        """Else an accountant keeps the real one from ever being charged."""
        claims = self._make_claims()
        settlement, __ = self._run(until="billed")
        advance = self.env["service.settlement.advance"].create(
            {"name": "Tools", "point_id": self.point.id, "amount": 50.0}
        )
        adjustments = self.env["service.settlement.adjustment"].with_user(
            self.accountant
        )
        plain = {"point_id": self.point.id, "amount": 1.0, "reason": "test"}
        known = adjustments.create(plain)
        forged = {
            "source_ref": f"service.order,{claims.order_id.id}",
            "advance_id": advance.id,
            "carried_from_id": settlement.id,
            "reverses_id": known.id,
            "invoice_line_id": settlement.move_id.invoice_line_ids[0].id,
            "settlement_id": settlement.id,
        }
        for name, value in forged.items():
            with self.subTest(name):
                with self.assertRaises(UserError):
                    adjustments.create(plain | {name: value})
                with self.assertRaises(UserError):
                    known.write({name: value})
                if name != "settlement_id":
                    by_default = adjustments.with_context(**{f"default_{name}": value})
                    self.assertFalse(by_default.create(plain).sudo()[name])
        # A form sends what it shows, although it is empty
        self.assertTrue(adjustments.create(plain | {"source_ref": False}))

    def test_an_import_names_no_source_either(self):
        order = self._make_claims().order_id
        result = (
            self.env["service.settlement.adjustment"]
            .with_user(self.accountant)
            .load(
                ["point_id/.id", "amount", "reason", "source_ref"],
                [[str(self.point.id), "1", "test", f"service.order,{order.id}"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("fixed", result["messages"][0]["message"])

    def test_what_a_source_says_is_not_edited(self):
        # sudo: service.settlement.adjustment: as the flows do
        adjustment = self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": -30.0,
                "reason": "test",
                "source_ref": f"service.point,{self.point.id}",
            }
        )
        other = self._make_settled_point("Test Other Point")
        mine = adjustment.with_user(self.accountant)
        for vals in ({"amount": -1.0}, {"point_id": other.id}, {"kind": "bonus"}):
            with self.subTest(vals), self.assertRaises(UserError):
                mine.write(vals)
        mine.reason = "A better word for it"

    def test_half_of_what_is_carried_forward_is_not_deleted(self):
        self.company.service_settlement_carry = True
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": self.point.id,
                "amount": -100.0,
                "reason": "test",
                "date": "2026-02-20",
            }
        )
        settlement, __ = self._run(until="issued")
        rest = self.env["service.settlement.adjustment"].search(
            [("carried_from_id", "=", settlement.id), ("settlement_id", "=", False)]
        )
        with self.assertRaisesRegex(UserError, "two statements"):
            rest.with_user(self.accountant).unlink()

    def test_what_a_form_sends_is_a_number_or_none(self):
        self.assertEqual(_get_id("12"), 12)
        for value in ("9" * 5000, "-1", "1.5", "²", None, object()):
            self.assertEqual(_get_id(value), 0)
        self.assertEqual(_get_text(object(), 10), "")
        self.assertEqual(_get_text(" a\x00b ", 10), "ab")

    def test_a_file_that_one_may_not_read_is_not_hung_on_a_bill(self):
        self._make_claims()
        settlement, __ = self._run(until="issued")
        # sudo: ir.attachment: another one's paper
        paper = self.env["ir.attachment"].create(
            {"name": "secret", "raw": b"x", "res_model": "ir.cron", "res_id": 1}
        )
        own = settlement.with_user(self.accountant)
        with self.assertRaises(AccessError):
            own.partner_invoice_ids = [Command.link(paper.id)]
        mine = self.env["ir.attachment"].with_user(self.accountant)
        mine = mine.create({"name": "mine", "raw": b"x"})
        own.partner_invoice_ids = [Command.link(mine.id)]
        self.assertEqual(own.partner_invoice_ids, mine)

    def test_what_is_booked_by_a_button_is_no_default_either(self):
        """A handover that was never counted, a recovery that nobody claimed."""
        handover = (
            self.env["service.collection.handover"]
            .with_user(self.accountant)
            .with_context(default_state="confirmed", default_cashier_id=self.env.uid)
            .create({"point_id": self.point.id})
        )
        self.assertEqual((handover.state, handover.cashier_id.id), ("draft", False))
        recovery = (
            self.env["service.recovery"]
            .with_user(self.accountant)
            .with_context(default_state="accepted")
            .create({"order_id": self._make_order().id, "product_id": self.product.id})
        )
        self.assertEqual(recovery.state, "draft")
