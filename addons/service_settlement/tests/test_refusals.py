"""What is refused, each with its own sentence: another refusal does not do."""

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MONTH, SettlementCommon
from .test_collection import CollectionCommon


@tagged("post_install", "-at_install")
class TestClaimRefusals(SettlementCommon):
    def _refused(self, message, error=UserError):
        return self.assertRaisesRegex(error, message)

    def test_claims_come_from_finished_orders_only(self):
        claim = self._make_claims()
        with self._refused("not by hand"):
            claim.with_user(self.accountant).create({"order_id": claim.order_id.id})

    def test_filing_says_what_and_why(self):
        claim = self._make_claims(done=fields.Datetime.now())
        claim = claim.with_user(self.portal_point)
        row = {"kind": "other", "amount": 12.5, "note": "Toll road"}
        for rows, message in (
            ([], "which amount"),
            ([row | {"note": " \x00"}], "what the amount is for"),
            ([row | {"note": None}], "what the amount is for"),
            ([row | {"kind": "bonus"}], "cannot be claimed"),
            ([row | {"kind": None}], "cannot be claimed"),
        ):
            with self.subTest(message=message), self._refused(message):
                claim._file(rows)
        self.assertFalse(claim.sudo().is_filed)

    def test_an_answer_and_an_appeal_have_words(self):
        claim = self._make_claims().with_user(self.accountant)
        own = claim.with_user(self.portal_point)
        with self._refused("not sent back"):
            own._answer("Here it is")
        claim.action_back_to_check()
        with self._refused("has to add"):
            claim.action_send_back(" ")
        claim.action_send_back("The receipt is missing")
        with self._refused("write an answer"):
            own._answer(" ")
        self.assertEqual(claim.state, "sent_back")
        own._answer("Here it is")
        claim.action_reject("not covered")
        with self._refused("why you do not agree"):
            own._appeal(" ")
        self.assertEqual(claim.state, "rejected")

    def test_nothing_is_added_to_a_claim_that_is_decided(self):
        claim = self._make_claims().with_user(self.accountant)
        own = claim.with_user(self.portal_point)
        own._add_evidence([("before.txt", b"x")])
        claim.action_reject("not covered")
        with self._refused("Nothing can be added"):
            own._add_evidence([("after.txt", b"x")])
        self.assertEqual(claim.evidence_count, 1)

    def test_only_the_point_speaks_for_itself(self):
        claim = self._make_claims(done=fields.Datetime.now())
        claim = claim.with_user(self.portal_customer)
        for speak in (
            lambda: claim._file([{"kind": "other", "amount": 1.0, "note": "Toll"}]),
            lambda: claim._answer("text"),
            lambda: claim._appeal("text"),
            lambda: claim._add_evidence([("a.txt", b"x")]),
        ):
            with self._refused("Only the service point", AccessError):
                speak()

    def test_what_is_asked_for_has_words_and_is_not_granted_yet(self):
        order = self._make_order()
        order.sudo().point_id = self.point
        authorisations = self.env["service.claim.authorisation"]
        with self._refused("what the amount is for"):
            authorisations.with_user(self.portal_point)._ask(order, 80.0, " \x00")
        with self._refused("asked for first"):
            authorisations.with_user(self.accountant).create(
                {
                    "order_id": order.id,
                    "amount": 80.0,
                    "note": "Compressor",
                    "state": "granted",
                }
            )

    def test_reductions_lie_between_nothing_and_all(self):
        claim = self._make_claims()
        wizards = self.env["service.claim.decision"].with_user(self.accountant)
        for vals in ({"percent": -1.0}, {"percent": 100.5}, {"amount": -1.0}):
            with self.subTest(vals), self._refused("between nothing and all"):
                wizards.create({"claim_ids": claim.ids, "kind": "reduce", **vals})


@tagged("post_install", "-at_install")
class TestStatementRefusals(SettlementCommon):
    def _refused(self, message, error=UserError):
        return self.assertRaisesRegex(error, message)

    def _settle(self, until="issued"):
        self._make_claims()
        settlement, __ = self._run(until=until)
        return settlement

    def test_bill_lines_of_adjustments_are_set_by_billing(self):
        vals = {
            "point_id": self.point.id,
            "amount": 10.0,
            "reason": "test",
            "date": "2026-02-20",
        }
        adjustments = self.env["service.settlement.adjustment"]
        bill = self._settle("billed").move_id
        line = bill.invoice_line_ids.filtered("service_kind")[:1]
        adjustment = adjustments.with_user(self.accountant).create(vals)
        for value in (line.id, False):
            with self._refused("set by billing"):
                adjustment.invoice_line_id = value
        with self._refused("set by billing"):
            adjustments.with_user(self.accountant).create(
                vals | {"invoice_line_id": line.id}
            )

    def test_an_advance_is_no_deposit_to_give_back(self):
        advances = self.env["service.settlement.advance"]
        for kind in ("advance", "deposit"):
            advance = advances.create(
                {
                    "name": "Start of the workshop",
                    "point_id": self.point.id,
                    "amount": 50.0,
                    "date": "2026-02-01",
                    "kind": kind,
                }
            )
            if kind == "advance":
                self._settle("billed")
                self.assertEqual(advance.amount_drawn, 50.0)
            with self.subTest(kind), self._refused("Nothing was kept"):
                advance.with_user(self.accountant).action_return()

    def test_a_tier_has_the_approvers_it_asks_for(self):
        vals = {"name": "Board", "amount_min": 400.0, "approval_count": 2}
        tiers = self.env["service.settlement.tier"]
        one = [Command.set(self.accountant.ids)]
        with self._refused("fewer approvers", ValidationError):
            tiers.create(vals | {"user_ids": one})
        vals["amount_min"] = 500.0
        tier = tiers.create(vals | {"approval_count": 1, "user_ids": one})
        with self._refused("fewer approvers", ValidationError):
            tier.approval_count = 2

    def test_periods_end_after_they_begin(self):
        batches = self.env["service.settlement.batch"].with_user(self.accountant)
        with self._refused("end before it begins"):
            batches._start(self.company, *reversed(MONTH))
        run = Form(self.env["service.settlement.run"].with_user(self.accountant)).save()
        run.write({"date_from": MONTH[1], "date_to": MONTH[0]})
        with self._refused("end before it begins"):
            run.action_run()

    def test_a_run_without_work_says_so(self):
        run = Form(self.env["service.settlement.run"].with_user(self.accountant)).save()
        run.write(
            {
                "date_from": "2020-01-01",
                "date_to": "2020-01-31",
                "point_ids": [Command.set(self.point.ids)],
            }
        )
        with self._refused("nothing to settle"):
            run.action_run_in_background()

    def test_what_a_bill_needs_is_named(self):
        settlement = self._settle("confirmed")
        payable = self.point.partner_id.property_account_payable_id
        self.point.partner_id.property_account_payable_id = False
        with self._refused("no payable account"):
            settlement.action_bill()
        self.point.partner_id.property_account_payable_id = payable
        self.env.ref("service_settlement.product_labour").sudo().active = False
        data = self.env["ir.model.data"].search(
            [("module", "=", "service_settlement"), ("name", "=", "product_labour")]
        )
        data.unlink()
        with self._refused("has been deleted"):
            settlement.action_bill()

    def test_an_invoice_has_a_number_that_stays_once_posted(self):
        settlement = self._settle()
        own = settlement.with_user(self.portal_point)
        for number in ("", "  ", None):
            with self.subTest(number), self._refused("number of your invoice"):
                own._set_partner_invoice(number)
        settlement.action_confirm()
        settlement.action_bill()
        self.assertEqual(settlement.move_id.state, "posted")
        with self._refused("has been posted"):
            settlement.with_user(self.accountant).partner_invoice_number = "INV-9"

    def test_who_manages_the_point_above_reads_and_does_not_confirm(self):
        below = self._make_settled_point("Test Branch", parent_id=self.point.id)
        self._make_claims(point=below)
        settlement, __ = self._run(until="issued")
        self.assertEqual(settlement.point_id, below)
        settlement = settlement.with_user(self.point_manager)
        settlement.check_access("read")
        with self._refused("Only the service point", AccessError):
            settlement.action_confirm()

    def test_open_disputes_are_answered_before_others_confirm(self):
        settlement = self._settle()
        line = settlement.claim_ids.line_ids
        settlement.with_user(self.portal_point)._dispute(
            [{"claim_line_id": line.id, "reason": "Two trips", "amount_asked": 90.0}]
        )
        with self._refused("Answer the disputes"):
            settlement.with_user(self.accountant).action_confirm()
        settlement.with_user(self.portal_point).action_confirm()
        self.assertEqual(settlement.state, "confirmed")

    def test_tariffs_in_use_and_empty_ones(self):
        with self._refused("is in use: set it back"):
            self.tariff.line_ids.amount = 90.0
        with self._refused("is in use: set it back"):
            self.tariff.line_ids.unlink()
        empty = self._make_tariff([], activate=False)
        for ask in (empty.action_activate, empty.action_try):
            with self._refused("has no lines"):
                ask()
        with self._refused("is in use: set it back"):
            self.env["service.tariff.line"].create(
                {"tariff_id": self.tariff.id, "amount": 1.0}
            )


@tagged("post_install", "-at_install")
class TestMoneyRefusals(CollectionCommon):
    def _refused(self, message, error=UserError):
        return self.assertRaisesRegex(error, message)

    def test_what_is_not_done_is_not_invoiced(self):
        order = self._make_uncovered().with_user(self.accountant)
        with self._refused("not done yet"):
            order._charge()
        self._do_work(order.with_user(self.env.user), parts=1)
        order.action_charge()
        with self._refused("nothing to invoice"):
            order._charge()

    def test_only_desk_and_accountants_charge(self):
        order = self._make_uncovered().with_user(self.quality)
        for ask in (order.action_open_charge_quote, order._check_may_charge):
            with self._refused("Only the service desk and accountants"):
                ask()

    def test_a_quotation_has_something_to_pay(self):
        quote = self._quote(self._make_uncovered())
        quote.line_ids.quantity = 0
        with self._refused("Nothing of it"):
            quote.action_save()

    def test_the_invoice_that_is_refunded_is_of_the_order(self):
        order, other = self._make_uncovered(), self._make_uncovered()
        for done in (order, other):
            self._do_work(done, parts=1).with_user(self.accountant).action_charge()
        wizard = Form(
            self.env["service.charge.refund"]
            .with_user(self.accountant)
            .with_context(default_order_id=order.id)
        )
        wizard.reason = "Late"
        wizard = wizard.save()
        for move in (other.charge_sale_ids.invoice_ids, self.env["account.move"]):
            wizard.invoice_id = move
            with self._refused("posted invoice of the order"):
                wizard.action_refund()

    def test_receipts_and_handovers(self):
        visit = self._make_quoted_visit()
        visit.action_collect(40.0, "cash")
        receipt = visit.order_id.sudo().collection_ids
        for user in (self.agent, self.technician_user):
            for decide in (
                lambda rec: rec.action_book(),
                lambda rec: rec.action_cancel("typed twice"),
            ):
                with self.subTest(user=user.login):
                    with self._refused("Only accountants may decide", AccessError):
                        decide(receipt.with_user(user))
        handovers = self.env["service.collection.handover"].with_user(self.accountant)
        with self._refused("point or the technician first"):
            handovers.create({}).action_collect()
        handover = handovers.create({"technician_id": self.technician.id})
        for vals in ({"state": "booked"}, {"amount_expected": 1.0}):
            with self.subTest(vals), self._refused("booked by its button"):
                handover.write(vals)

    def test_money_needs_a_journal(self):
        visit = self._make_quoted_visit()
        visit.action_collect(40.0, "card")
        self.till.default_account_id = False
        with self._refused("no journal for payments"):
            visit.order_id.sudo().collection_ids.with_user(
                self.accountant
            ).action_book()

    def test_sums_of_nothing_are_refused_by_the_database_too(self):
        visit = self._make_quoted_visit()
        visit.action_collect(40.0, "cash")
        receipt = visit.order_id.sudo().collection_ids
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                receipt.amount = 0.0
                self.env.flush_all()
