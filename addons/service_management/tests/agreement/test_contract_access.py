from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.agreement.contract_common import (
    ContractCommon,
)


@tagged("post_install", "-at_install")
class TestContractAccess(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["service.contract.template"].create(
            {"name": "Gold", "line_ids": [(0, 0, {"kind": "on_site"})]}
        )

    def test_who_may_do_what(self):
        records = {
            "contract": self.contract,
            "entitlement": self.visits,
            "period": self.visits.period_ids,
            "entry": self.visits.entry_ids,
            "template": self.template,
            "line": self.template.line_ids,
        }
        read = dict.fromkeys(records, "r")
        check_matrix(
            self,
            records,
            {
                self.agent: read,
                self.dispatcher: read,
                self.quality: read,
                self.technician_user: {},
                self.point_manager: {},
                self.portal_customer: {},
                self.portal_point: {},
                self.manager: read
                | {
                    "contract": "rwcd",
                    "entitlement": "rwcd",
                    "template": "rwcd",
                    "line": "rwcd",
                },
            },
        )

    def test_terms_are_the_same_on_both_sides_of_a_sale(self):
        terms = set(self.env["service.entitlement.terms"]._fields)
        self.assertEqual(self.template.line_ids._name, "service.contract.template.line")
        for record in (self.visits, self.template.line_ids):
            self.assertLessEqual(terms, set(record._fields))
        copied = set(self.visits._prepare_terms_vals())
        editable = {
            name
            for name, field in self.env["service.entitlement.terms"]._fields.items()
            if field.store and name not in ("id", "currency_id")
        }
        self.assertEqual(copied, editable, "a term that is not copied is lost")

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        for record in (self.contract, self.visits, self.visits.entry_ids):
            self.assertFalse(record.with_user(self.manager).has_access("read"))
        periods = self.env["service.entitlement.period"].with_user(self.manager)
        self.assertFalse(periods.search([("contract_id", "=", self.contract.id)]))

    def test_technicians_and_points_see_no_prices_of_contracts(self):
        order = self._make_order()
        hidden = {
            "coverage_view",
            "coverage_price",
            "coverage_reasons",
            "entitlement_id",
        }
        for user in (self.technician_user, self.point_manager, self.portal_customer):
            names = set(order.with_user(user).fields_get())
            self.assertFalse(hidden & names)
        self.assertLessEqual(hidden, set(order.with_user(self.agent).fields_get()))

    def test_an_agent_registers_and_reads_the_coverage(self):
        order = self._make_order(register=False).with_user(self.agent)
        self.assertEqual(order.coverage_view["state"], "covered")
        order.action_register()
        self.assertEqual(order.coverage_state, "covered")

    def test_forms_open_for_managers(self):
        with Form(self.contract.with_user(self.manager)) as form:
            form.name = "Care 2"
        form = Form(self.env["service.contract"].with_user(self.manager))
        form.partner_id = self.customer
        form.template_id = self.template
        contract = form.save()
        self.assertEqual(contract.entitlement_ids.kind, "on_site")
        self.assertEqual(contract.name, "Gold")
        Form(self.visits.with_user(self.manager))
        Form(self.env["service.contract.template"].with_user(self.manager))
