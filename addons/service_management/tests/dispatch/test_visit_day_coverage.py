from datetime import date, datetime, time, timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install")
class TestVisitDayCoverage(ContractCommon):
    """The day of the visit decides which entitlement it is taken from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "UTC"
        cls.weekend = cls._make_contract(
            {"kind": "on_site", "quantity": 5}, {"kind": "weekend", "quantity": 1}
        ).entitlement_ids.filtered(lambda rec: rec.kind == "weekend")
        cls.contract.action_suspend()

    def _next(self, weekday):
        day = date.today() + timedelta(days=1)
        while day.weekday() != weekday:
            day += timedelta(days=1)
        return datetime.combine(day, time(10))

    def test_a_saturday_uses_what_was_sold_for_it_and_a_monday_gives_it_back(self):
        visit = self._make_visit(start=self._next(5))
        order = visit.order_id
        self.assertEqual(order.entitlement_id, self.weekend)
        self.assertEqual(self.weekend.available, 0)
        monday = self._next(0)
        visit.action_reschedule(monday, monday + timedelta(hours=1))
        self.assertEqual(order.entitlement_id.kind, "on_site")
        self.assertEqual(self.weekend.available, 1)
        self.assertBalanced(self.weekend.contract_id.entitlement_ids)

    def test_without_any_left_a_saturday_is_an_ordinary_visit(self):
        first = self._make_visit(start=self._next(5))
        second = self._make_visit(start=self._next(5) + timedelta(hours=3))
        self.assertEqual(first.order_id.entitlement_id, self.weekend)
        self.assertEqual(second.order_id.entitlement_id.kind, "on_site")
        self.assertEqual(len(second.order_id.entitlement_entry_ids), 1)

    def test_the_technician_that_the_contract_names_is_proposed(self):
        named = self._make_technician("Named")
        self.weekend.contract_id.entitlement_ids.technician_id = named
        order = self._make_accepted_order()
        form = Form(
            self.env["service.visit.plan"].with_context(default_order_id=order.id)
        )
        self.assertEqual(list(form.technician_ids.ids), named.ids)


@tagged("post_install", "-at_install")
class TestBillOverage(ContractCommon):
    def test_what_was_used_beyond_the_quota_is_quoted_once(self):
        self.type_repair.charge_product_id = self.env["product.product"].create(
            {"name": "Visit", "type": "service", "list_price": 180, "taxes_id": False}
        )
        self.visits.write({"overage": "charge", "overage_price": 200})
        orders = self.env["service.order"].union(
            *(self._make_order() for __ in range(5))
        )
        contract = self.contract.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "nothing to bill"):
            contract.action_bill_overage()
        orders._mark_done()
        contract.invalidate_recordset(["unbilled_amount"])
        self.assertEqual(contract.unbilled_amount, 400)
        contract.action_bill_overage()
        lines = orders.charge_line_id
        self.assertEqual(lines.mapped("price_subtotal"), [200, 200])
        self.assertIn(orders[3].name, lines[0].name)
        with self.assertRaisesRegex(UserError, "nothing to bill"):
            contract.action_bill_overage()
        lines.order_id.action_confirm()
        self.assertEqual(lines.order_id._create_invoices().amount_untaxed, 400)
