from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.models.order.service_order import FLOW_FIELDS
from odoo.addons.service_management.tests.common import ServiceCommon

# What the service desk writes by hand
DESK_FIELDS = {
    "area_id",
    "asset_id",
    "category_id",
    "channel",
    "company_id",
    "condition_id",
    "contract_id",
    "date_due",
    "date_fault",
    "date_preferred",
    "date_request",
    "defect_id",
    "description",
    "email",
    "entitlement_kind",
    "entitlement_quantity",
    "internal_note",
    "outcome",
    "outcome_note",
    "parent_id",
    "partner_id",
    "phone",
    "plan_date",
    "priority",
    "product_id",
    "repair_code_id",
    "requester_id",
    "section_id",
    "site_id",
    "symptom_id",
    "team_id",
    "type_id",
    "user_id",
}


@tagged("post_install", "-at_install")
class TestWrittenFields(ServiceCommon):
    def test_every_column_of_an_order_is_decided_on(self):
        """A new column is written by hand, or it belongs to ``FLOW_FIELDS``: the list
        of what is refused is never found too short by accident."""
        columns = {
            name
            for name, field in self.env["service.order"]._fields.items()
            if field.store
            and field.column_type
            and "service_management" in field._modules
            # who made and changed it, and when
            and not name.startswith(("create_", "write_"))
        }
        decided = DESK_FIELDS | FLOW_FIELDS
        self.assertEqual(columns - decided, set())
        self.assertFalse(FLOW_FIELDS & DESK_FIELDS)
        self.assertFalse(DESK_FIELDS - columns)

    def test_what_follows_from_others_is_not_written(self):
        """Merged by hand with another customer's, one would read the other's mail."""
        order, other = self._make_order(), self._make_order()
        order = order.with_user(self.agent)
        for vals in (
            {"merged_into_id": other.id},
            {"commercial_partner_id": self.point.partner_id.id},
            {"technician_id": self.technician.id},
            {"planned_start": "2026-01-01 08:00:00"},
            {"phone_key": "1"},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                order.write(vals)

    def test_where_an_order_came_from_is_not_written(self):
        """Else one hangs an order on another's sale, and its mails on another inbox."""
        order = self._make_order().with_user(self.agent)
        inbox = self.env["service.inbox"].search([], limit=1)
        for vals in (
            {"handover_model": "sale.order"},
            {"handover_res_id": 1},
            {"handover_template_id": False},
            {"import_id": False},
            {"inbox_id": inbox.id},
            {"is_compared": True},
            {"sale_order_id": 1},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, r"\w+: set by"):
                order.write(vals)

    def test_what_is_written_by_hand_is_compared_again(self):
        order = self._make_order()
        order.is_compared = True
        order.with_user(self.agent).description = "Leaks"
        self.assertFalse(order.is_compared)
