from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install")
class TestContractSale(ContractCommon):
    """Services are sold like goods: the sale makes the contract, and renews it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["service.contract.template"].create(
            {
                "name": "Gold",
                "months": 12,
                "renewal_days": 60,
                "renewal_uplift": 5,
                "reminder_days": 30,
                "provider_duties": "We come within a day.",
                "line_ids": [
                    Command.create({"kind": "on_site", "quantity": 4}),
                    Command.create({"kind": "hotline", "is_unlimited": True}),
                ],
            }
        )
        cls.service = cls.env["product.product"].create(
            {
                "name": "Gold Service",
                "type": "service",
                "list_price": 1000,
                "taxes_id": False,
                "invoice_policy": "order",
                "service_contract_template_id": cls.template.id,
            }
        )

    def _sell(self, confirm=True, **line):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.manager.id,
                "order_line": [
                    Command.create({"product_id": self.service.id, **line}),
                ],
            }
        )
        if confirm:
            order.action_confirm()
        return order

    def test_a_confirmed_sale_makes_the_contract_once(self):
        start = self.today + timedelta(days=5)
        sale = self._sell(
            product_uom_qty=2,
            service_date_start=start,
            service_asset_ids=[Command.set(self.asset.ids)],
        )
        contract = sale.order_line.service_contract_ids
        self.assertRecordValues(
            contract,
            [
                {
                    "name": "Gold",
                    "state": "active",
                    "partner_id": self.customer.id,
                    "user_id": self.manager.id,
                    "date_start": start,
                    "date_end": start + relativedelta(years=1, days=-1),
                    "amount": 2000,
                    "asset_ids": self.asset.ids,
                    "renewal": "quotation",
                }
            ],
        )
        self.assertIn("within a day", contract.provider_duties)
        self.assertEqual(contract.entitlement_ids.mapped("quantity"), [8, 2])
        self.assertEqual(sale.service_contract_count, 1)
        self.assertFalse(sale.order_line._make_service_contracts())
        # Its terms are its own: the template may change
        self.template.line_ids.quantity = 99
        self.assertEqual(contract.entitlement_ids[0].quantity, 8)

    def test_a_sale_of_other_things_makes_none(self):
        sale = self._sell(confirm=False)
        sale.order_line.product_id = self.part
        sale.action_confirm()
        self.assertFalse(sale.service_contract_count)

    def test_the_form_asks_for_start_and_assets(self):
        sale = self._sell(confirm=False)
        with Form(sale) as form, form.service_line_ids.edit(0) as line:
            line.service_date_start = self.today
            line.service_asset_ids.add(self.asset)
        sale.action_confirm()
        self.assertEqual(sale.order_line.service_contract_ids.asset_ids, self.asset)

    def test_salespeople_sell_contracts_without_being_service_managers(self):
        salesman = self._make_salesman()
        sale = self._sell(confirm=False).with_user(salesman)
        sale.user_id = salesman
        sale.action_confirm()
        contract = sale.order_line.service_contract_ids
        self.assertEqual(contract.state, "active")
        self.assertTrue(contract.has_access("read"))
        self.assertFalse(contract.has_access("write"))

    def _make_salesman(self):
        return self.env["res.users"].create(
            {
                "name": "Sales",
                "login": "test_sales",
                "group_ids": [
                    Command.set(
                        [self.env.ref("sales_team.group_sale_salesman_all_leads").id]
                    )
                ],
            }
        )

    def test_the_sale_is_invoiced_by_odoo(self):
        sale = self._sell()
        contract = sale.order_line.service_contract_ids
        self.assertEqual(contract.invoice_status, "to invoice")
        sale._create_invoices()
        contract.invalidate_recordset()
        self.assertEqual(contract.invoice_count, 1)
        self.assertEqual(contract.invoice_status, "invoiced")

    def test_a_cancelled_sale_covers_nothing(self):
        sale = self._sell()
        contract = sale.order_line.service_contract_ids
        sale._action_cancel()
        self.assertEqual(contract.state, "closed")
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(sale.order_line.service_contract_ids, contract)
        self.assertEqual(contract.state, "active")

    def test_the_renewal_is_quoted_ahead_once_and_continues_the_contract(self):
        sale = self._sell(
            service_date_start=self.today - timedelta(days=320),
            service_asset_ids=[Command.set(self.asset.ids)],
        )
        contract = sale.order_line.service_contract_ids
        self.env["service.contract"]._quote_renewals()
        quotation = contract.renewal_order_id
        self.assertEqual(quotation.state, "draft")
        self.assertEqual(quotation.order_line.price_unit, 1050)
        self.assertEqual(
            contract.activity_ids.summary,
            f"Send the renewal quotation {quotation.name}",
        )
        self.env["service.contract"]._quote_renewals()
        self.assertEqual(contract.renewal_order_id, quotation)
        with self.assertRaisesRegex(UserError, "being renewed already"):
            contract._quote_renewal()
        quotation.action_confirm()
        renewed = contract.renewal_ids
        self.assertEqual(renewed.date_start, contract.date_end + timedelta(days=1))
        self.assertEqual(renewed.asset_ids, self.asset)
        self.assertEqual(renewed.state, "active")

    def test_a_contract_written_by_hand_is_renewed_by_the_form(self):
        contract = self.contract
        with self.assertRaisesRegex(UserError, "Product is missing"):
            contract._quote_renewal()
        contract.template_id = self.template
        form = Form(
            self.env["service.contract.renew"].with_context(
                default_contract_id=contract.id
            )
        )
        self.assertEqual(form.product_id, self.service)
        form.uplift = 10
        form.save().action_confirm()
        self.assertEqual(contract.renewal_order_id.order_line.price_unit, 1100)

    def test_one_contract_that_cannot_be_quoted_holds_up_none(self):
        first, second = (
            self._sell(
                service_date_start=self.today - timedelta(days=320)
            ).order_line.service_contract_ids
            for __ in range(2)
        )
        self.env.cr.execute(
            SQL(
                "ALTER TABLE sale_order ADD CONSTRAINT test_poison "
                "CHECK (origin IS NULL OR origin <> %s)",
                first.code,
            )
        )
        with self.assertLogs("odoo.addons.service_management", "ERROR"):
            self.env["service.contract"]._quote_renewals()
        self.assertFalse(first.renewal_order_id)
        self.assertIn("could not handle", first.activity_ids.summary)
        self.assertTrue(second.renewal_order_id)


@tagged("post_install", "-at_install")
class TestContractLife(ContractCommon):
    def test_the_end_is_announced_once(self):
        self.contract.write(
            {"date_end": self.today + timedelta(days=20), "user_id": self.manager.id}
        )
        self.env["service.contract"]._remind()
        self.env["service.contract"]._remind()
        activity = self.contract.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        activity.action_done()
        self.env["service.contract"]._remind()
        self.assertFalse(self.contract.activity_ids, "done is done")
        self.contract.date_end += timedelta(days=1)
        self.env["service.contract"]._remind()
        self.assertTrue(self.contract.activity_ids, "another end is another reminder")

    def test_suspension_has_a_reason_and_may_add_its_days(self):
        wizard = self.env["service.contract.suspend"].create(
            {"contract_id": self.contract.id}
        )
        with self.assertRaisesRegex(UserError, "Reason is missing"):
            wizard.action_confirm()
        wizard.reason = "not paid"
        wizard.action_confirm()
        self.assertEqual(self.contract.state, "suspended")
        end = self.contract.date_end
        self.contract.suspended_on = self.today - timedelta(days=12)
        wizard = self.env["service.contract.suspend"].create(
            {"contract_id": self.contract.id, "extend": True}
        )
        wizard.action_confirm()
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self.contract.date_end, end + timedelta(days=12))
        self.assertEqual(self.visits.period_ids.date_end, self.contract.date_end)
        self.assertLedger(self.visits, [("grant", 3.0, 3.0)])

    def test_a_later_end_goes_on_where_the_last_period_ended(self):
        contract = self._make_contract(
            {"kind": "on_site", "period": "quarter"}, days=(-10, 140)
        )
        self.assertEqual(len(contract.entitlement_ids.period_ids), 2)
        contract.date_end += timedelta(days=100)
        periods = contract.entitlement_ids.period_ids.sorted("date_start")
        self.assertEqual(len(periods), 3)
        self.assertEqual(periods[1].date_end + timedelta(days=1), periods[2].date_start)
        self.assertEqual(periods[2].date_end, contract.date_end)

    def test_what_has_ended_is_closed_and_what_is_left_expires(self):
        ended = self._make_contract({"kind": "on_site"}, days=(-400, -36))
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["service.contract"]._keep()
        self.env.invalidate_all()
        self.assertEqual(ended.state, "closed")
        self.assertEqual(ended.entitlement_ids.period_ids.mapped("available"), [0])
        self.assertEqual(self.contract.state, "active")

    def test_the_nightly_run_is_a_job_that_can_be_watched(self):
        cron = self.env.ref("service_management.cron_keep_contracts")
        job = self.env.ref("service_management.job_keep_contracts")
        self.assertEqual(job._name, "service.job")
        self.assertEqual(job.cron_id, cron)
        self.assertIn("_cron_keep", cron.code)
