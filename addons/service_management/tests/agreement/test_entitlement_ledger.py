from datetime import timedelta

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.engine import entitlement as engine
from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install")
class TestEntitlementLedger(ContractCommon):
    """LESSONS L15: quotas as a ledger: reserve, consume, release, expire."""

    def test_activation_grants_each_period_once(self):
        self.assertLedger(self.visits, [("grant", 3.0, 3.0)])
        self.assertEqual(self.visits.period_ids._name, "service.entitlement.period")
        self.contract._open_periods()
        self.contract.action_suspend()
        self.contract.action_resume()
        self.assertLedger(self.visits, [("grant", 3.0, 3.0)])
        monthly = self._make_contract(
            {"kind": "hotline", "quantity": 5, "period": "month"}
        ).entitlement_ids
        self.assertEqual(len(monthly.period_ids), 12)
        self.assertEqual(monthly.available, 5)

    def test_a_draft_grants_nothing(self):
        draft = self._make_contract({"kind": "on_site"}, state="draft")
        self.assertFalse(draft.entitlement_ids.period_ids)
        draft.action_activate()
        self.assertEqual(draft.entitlement_ids.available, 1)

    def test_registering_reserves_finishing_uses(self):
        order = self._make_order()
        self.assertEqual(order.coverage_state, "covered")
        self.assertEqual(order.entitlement_id, self.visits)
        self.assertEqual(order.contract_id, self.contract)
        self.assertLedger(order, [("reserve", 1.0, -1.0)])
        self.assertRecordValues(
            self.visits, [{"available": 2, "reserved": 1, "used": 0, "granted": 3}]
        )
        order._mark_done()
        self.assertLedger(order, [("reserve", 1.0, -1.0), ("consume", 1.0, 0.0)])
        self.assertRecordValues(
            self.visits, [{"available": 2, "reserved": 0, "used": 1, "granted": 3}]
        )
        order.action_close()
        self.assertEqual(len(order.entitlement_entry_ids), 2, "used once, not twice")
        self.assertBalanced(self.visits)

    def test_cancelling_gives_back_and_taking_up_again_promises_anew(self):
        order = self._make_order()
        order.action_cancel("no")
        self.assertLedger(order, [("reserve", 1.0, -1.0), ("release", 1.0, 1.0)])
        self.assertEqual(self.visits.available, 3)
        order.action_reopen("yes")
        self.assertEqual(order.entitlement_use, "reserved")
        self.assertEqual(self.visits.available, 2)
        self.assertBalanced(self.visits)

    def test_a_visit_that_must_be_repeated_is_not_used_twice(self):
        order = self._make_order()
        order._mark_done()
        order.action_reopen("it still drips")
        order._mark_done()
        self.assertEqual(self.visits.available, 2)
        self.assertEqual(self.visits.used, 1)

    def test_a_draft_shows_what_it_would_take_and_takes_nothing(self):
        order = self._make_order(register=False)
        self.assertEqual(order.coverage_view["state"], "covered")
        self.assertEqual(order.coverage_view["meter"]["left"], 3)
        self.assertIn(self.contract.code, order.coverage_note)
        self.assertFalse(order.entitlement_entry_ids)
        order.action_cancel("mistake")
        self.assertFalse(order.entitlement_entry_ids)

    def test_used_up_is_refused_with_a_sentence(self):
        self.visits.refusal = "Your three visits of this year are used up."
        for __ in range(3):
            self._make_order()
        order = self._make_order()
        self.assertEqual(order.coverage_state, "refused")
        self.assertFalse(order.entitlement_entry_ids)
        self.assertEqual(order.coverage_reasons[0]["note"], self.visits.refusal)
        self.assertIn("0 of 3 left", order.coverage_note)

    def test_overage_is_charged_when_it_was_used(self):
        self.visits.write({"overage": "charge", "overage_price": 200})
        orders = [self._make_order() for __ in range(4)]
        over = orders[3]
        self.assertEqual(over.coverage_state, "overage")
        self.assertEqual(over.coverage_price, 200)
        # Points and technicians read the history: it says nothing of money and quotas
        told = " ".join(name for name in over.event_ids.mapped("name") if name)
        self.assertNotIn("200", told)
        self.assertNotIn(self.contract.code, told)
        self.assertFalse(over.entitlement_entry_ids, "nothing is held beyond the quota")
        over._mark_done()
        self.assertLedger(over, [("overage", 1.0, 0.0)])
        self.assertEqual(over.entitlement_entry_ids.price, 200)
        self.assertEqual(self.visits.available, 0)
        self.assertBalanced(self.visits)

    def test_a_unit_that_was_given_back_is_used_before_overage_is_charged(self):
        self.visits.write({"overage": "charge", "overage_price": 200})
        orders = [self._make_order() for __ in range(4)]
        orders[0].action_cancel("no")
        orders[3]._mark_done()
        self.assertLedger(orders[3], [("consume", 1.0, -1.0)])
        self.assertEqual(orders[3].coverage_price, 0)

    def test_hours_are_settled_by_what_was_really_used(self):
        self.type_consulting.entitlement_kind = "consulting"
        self.type_consulting.duration = 2
        hours = self._make_contract(
            {
                "kind": "consulting",
                "quantity": 5,
                "overage": "charge",
                "overage_price": 100,
            }
        ).entitlement_ids
        order = self._make_order(type_id=self.type_consulting.id)
        self.assertLedger(order, [("reserve", 2.0, -2.0)])
        order.entitlement_quantity = 6.5
        order.outcome = "fixed"
        order.action_done()
        self.assertEqual(hours.available, 0)
        self.assertEqual(hours.used, 5)
        self.assertEqual(order.coverage_price, 150)
        self.assertBalanced(hours)

    def test_without_limit_is_counted_and_never_runs_out(self):
        self.type_consulting.entitlement_kind = "hotline"
        calls = self._make_contract(
            {"kind": "hotline", "is_unlimited": True}
        ).entitlement_ids
        for __ in range(5):
            order = self._make_order(type_id=self.type_consulting.id, outcome="fixed")
            self.assertEqual(order.coverage_state, "covered")
            order.action_done()
        self.assertEqual(calls.used, 5)

    def test_an_urgent_visit_falls_back_to_an_ordinary_one(self):
        order = self._make_order(priority="3")
        self.assertEqual(order.entitlement_id, self.visits)
        fast = self._make_contract({"kind": "same_day", "quantity": 1}).entitlement_ids
        self.assertEqual(self._make_order(priority="3").entitlement_id, fast)
        self.assertEqual(self._make_order(priority="3").entitlement_id, self.visits)

    def test_a_change_of_the_facts_is_promised_anew(self):
        other = self.asset.copy({"serial": "TW-0002"})
        self.visits.asset_ids = self.asset
        order = self._make_order()
        self.assertEqual(order.coverage_state, "covered")
        order.asset_id = other
        self.assertEqual(order.coverage_state, "none")
        self.assertEqual(self.visits.available, 3)
        order.asset_id = self.asset
        self.assertEqual(order.coverage_state, "covered")
        self.assertEqual(self.visits.available, 2)
        order.description = "It leaks."
        self.assertEqual(len(order.entitlement_entry_ids), 3)
        self.assertBalanced(self.visits)

    def test_exclusions(self):
        symptom = self.env["service.fault.code"].create(
            {"kind": "symptom", "code": "T1", "name": "Under water"}
        )
        self.visits.write(
            {
                "excluded_fault_ids": [Command.set(symptom.ids)],
                "exclusion_note": "Water damage is not covered.",
            }
        )
        order = self._make_order(symptom_id=symptom.id)
        self.assertEqual(order.coverage_state, "excluded")
        self.assertEqual(
            order.coverage_reasons[0]["note"], "Water damage is not covered."
        )
        self.visits.write(
            {"excluded_category_ids": [Command.set(self.category.parent_id.ids)]}
        )
        self.assertEqual(self._make_order().coverage_state, "excluded")

    def test_warranty_is_used_before_the_contract(self):
        asset = self.asset.copy({"serial": "TW-0003", "install_date": self.today})
        order = self._make_order(asset_id=asset.id)
        self.assertEqual(order.warranty_state, "in")
        self.assertEqual(order.coverage_state, "warranty")
        self.assertEqual(self.visits.available, 3)

    def test_a_designated_team_takes_over(self):
        team = self.env["service.team"].create({"name": "Key accounts"})
        self.visits.team_id = team
        order = self._make_order()
        self.assertEqual(order.team_id, team)
        # The dispatchers find the service point, then it is the team's again
        order._dispatch()
        order.offer_ids.action_accept()
        self._make_visit(order).action_done({"outcome": "fixed"})
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        self.assertEqual(item.team_id, team)

    def test_what_it_costs_otherwise(self):
        product = self.env["product.product"].create(
            {"name": "Visit", "type": "service", "list_price": 180}
        )
        self.type_repair.charge_product_id = product
        order = self._make_order(register=False)
        self.assertIn("180", order.coverage_view["otherwise"])
        self.contract.action_suspend()
        order = self._make_order()
        self.assertEqual((order.coverage_state, order.coverage_price), ("none", 180))

    def test_a_suspended_contract_covers_nothing_and_keeps_its_promises(self):
        before = self._make_order()
        self.contract.action_suspend("not paid")
        self.assertEqual(self._make_order().coverage_state, "none")
        before._mark_done()
        self.assertEqual(self.visits.used, 1)

    def test_unused_expires_or_rolls_over_when_a_period_ends(self):
        terms = {"kind": "training", "quantity": 4, "period": "month"}
        rolling = self._make_contract(
            terms | {"unused": "roll_over", "rollover_limit": 3}, days=(-40, 40)
        ).entitlement_ids
        lost = self._make_contract(terms, days=(-40, 40)).entitlement_ids
        self.env["service.entitlement"]._close_periods()
        self.assertRecordValues(
            rolling.period_ids.sorted("date_start")[:2],
            [{"granted": 1, "available": 0}, {"granted": 7, "available": 7}],
        )
        self.assertRecordValues(
            lost.period_ids.sorted("date_start")[:2],
            [{"granted": 4, "available": 0}, {"granted": 4, "available": 4}],
        )
        self.assertEqual(
            rolling.entry_ids.filtered(lambda row: row.kind == "expire").quantity, 1
        )
        entries = rolling.entry_ids + lost.entry_ids
        self.env["service.entitlement"]._close_periods()
        self.assertEqual(rolling.entry_ids + lost.entry_ids, entries)
        self.env["service.entitlement"]._close_periods(self.today + timedelta(days=60))
        self.assertEqual(sum(rolling.period_ids.mapped("available")), 0)
        self.assertBalanced(rolling + lost)

    def test_an_order_on_the_first_day_of_a_period_finds_what_rolled_over(self):
        """The night's run has not been there yet."""
        rolling = self._make_contract(
            {
                "kind": "training",
                "quantity": 1,
                "period": "month",
                "unused": "roll_over",
            },
            days=(-40, 40),
        ).entitlement_ids
        type_training = self.env.ref("service_management.type_training")
        orders = [self._make_order(type_id=type_training.id) for __ in range(2)]
        self.assertEqual([o.coverage_state for o in orders], ["covered"] * 2)
        self.assertEqual(rolling.available, 0)

    def test_what_is_given_back_after_its_period_ended_expires(self):
        order = self._make_order()
        contract = self._make_contract(
            {"kind": "training", "period": "month"}, days=(-40, 40)
        )
        period = contract.entitlement_ids.period_ids.sorted("date_start")[0]
        Entry = self.env["service.entitlement.entry"]
        vals = {"order_id": order.id}
        Entry._add([(period, engine.Entry("reserve", 1, -1), vals)])
        self.env["service.entitlement"]._close_periods()
        self.assertEqual(period.available, 0)
        Entry._add([(period, engine.Entry("release", 1, 1), vals)])
        self.env["service.entitlement"]._close_periods()
        self.assertEqual(period.available, 0)
        self.assertIn("expire", period.entry_ids.mapped("kind"))

    def test_a_grant_is_kept_with_its_reason(self):
        wizard = self.env["service.entitlement.grant"].create(
            {"entitlement_id": self.visits.id, "quantity": 2}
        )
        with self.assertRaisesRegex(UserError, "Reason is missing"):
            wizard.action_confirm()
        wizard.reason = "Goodwill"
        wizard.action_confirm()
        self.assertEqual(self.visits.available, 5)
        self.assertIn("Goodwill", self.visits.entry_ids.mapped("name"))
        self.assertIn("Goodwill", self.contract.message_ids[:1].body)

    def test_what_was_sold_is_frozen(self):
        with self.assertRaisesRegex(UserError, "cannot be changed once"):
            self.visits.quantity = 99
        with self.assertRaisesRegex(UserError, "are kept"):
            self.visits.unlink()
        with self.assertRaisesRegex(UserError, "first day"):
            self.contract.date_start = self.today
        with self.assertRaisesRegex(UserError, "is kept"):
            self.contract.unlink()

    def test_flow_fields_are_nobodys_to_write(self):
        order = self._make_order().with_user(self.agent)
        for name, value in (
            ("coverage_state", "covered"),
            ("entitlement_held", 0),
            ("entitlement_use", "released"),
        ):
            with self.assertRaises(UserError):
                order.write({name: value})


@tagged("post_install", "-at_install")
class TestLedgerGuards(ContractCommon):
    """LESSONS L25: limited quantities are guarded by the database itself."""

    def _refused(self, error, query, params):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(query, params)

    def test_rows_are_neither_changed_nor_removed(self):
        entry = self.visits.entry_ids
        with self.assertRaisesRegex(UserError, "record of facts"):
            entry.quantity = 4
        with self.assertRaisesRegex(UserError, "record of facts"):
            entry.sudo().unlink()
        for query in (
            "UPDATE service_entitlement_entry SET change = 9 WHERE id = %s",
            "DELETE FROM service_entitlement_entry WHERE id = %s",
        ):
            self._refused(psycopg2.errors.RestrictViolation, query, [entry.id])

    def test_balances_are_kept_by_the_ledger_alone(self):
        for name in ("available", "granted"):
            self._refused(
                psycopg2.errors.RestrictViolation,
                f"UPDATE service_entitlement_period SET {name} = 9 WHERE id = %s",
                [self.visits.period_id.id],
            )

    def test_no_row_takes_a_balance_below_zero(self):
        """Whatever a program computes: the database has the last word."""
        period = self.visits.period_id
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env["service.entitlement.entry"]._add(
                [(period, engine.Entry("reserve", 4, -4), {})]
            )
        self.assertEqual(period.available, 3)
