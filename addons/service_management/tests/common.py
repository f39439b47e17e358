from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

# A Monday at 8:00 UTC; tests that speak of working hours freeze time here.
MONDAY = datetime(2026, 3, 2, 8, 0)

ROLES = {
    "agent": "service_management.group_service_agent",
    "dispatcher": "service_management.group_service_dispatcher",
    "technician": "service_management.group_service_technician",
    "point_manager": "service_management.group_service_point_manager",
    "quality": "service_management.group_service_quality",
    "manager": "service_management.group_service_manager",
}


class ServiceCommon(BaseCommon):
    """A user per role, one area with one point and technician, a customer's asset."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_users()
        cls.area = cls.env["service.area"].create(
            {
                "name": "Test City",
                "code": "T-100",
                "level": "city",
                "country_id": cls.env.ref("base.cn").id,
            }
        )
        cls.type_repair = cls.env.ref("service_management.type_repair")
        cls.type_consulting = cls.env.ref("service_management.type_consulting")
        cls.type_repair.requirement_ids.unlink()
        cls.type_repair.fault_required = False
        cls.category = cls.env["product.category"].create(
            {
                "name": "Test Washing Machines",
                "parent_id": cls.env.ref(
                    "service_management.category_large_appliance"
                ).id,
            }
        )
        cls.point = cls._make_point(
            "Test Point", users=cls.point_manager + cls.portal_point
        )
        cls.technician = cls._make_technician(
            "Test Technician", user_id=cls.technician_user.id
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Test Washer",
                "categ_id": cls.category.id,
                "type": "consu",
                "service_warranty_labour": 12,
                "service_warranty_parts": 24,
                "service_warranty_travel": 12,
            }
        )
        cls.part = cls.env["product.product"].create(
            {"name": "Test Pump", "type": "consu", "is_storable": True}
        )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Test Customer",
                "phone": "+86 138 0013 8000",
                "email": "customer@example.com",
                "service_area_id": cls.area.id,
            }
        )
        cls.portal_customer.partner_id.parent_id = cls.customer
        cls.asset = cls.env["service.asset"].create(
            {
                "partner_id": cls.customer.id,
                "product_id": cls.product.id,
                "serial": "TW-0001",
                "install_date": fields.Date.today() - timedelta(days=100),
            }
        )

    @classmethod
    def _make_users(cls):
        for role, group in ROLES.items():
            name = "technician_user" if role == "technician" else role
            user = new_test_user(
                cls.env, login=f"test_{role}", groups=group, name=f"Test {role}"
            )
            setattr(cls, name, user)
        for role in ("customer", "point"):
            user = new_test_user(
                cls.env, login=f"test_portal_{role}", groups="base.group_portal"
            )
            setattr(cls, f"portal_{role}", user)

    @classmethod
    def _make_point(cls, name, users=None, coverage=True, **vals):
        """A partner point that does everything in the test area."""
        partner = cls.env["res.partner"].create({"name": name, "is_company": True})
        point = cls.env["service.point"].create(
            {
                "name": name,
                "partner_id": partner.id,
                "user_ids": [Command.set(users.ids if users else [])],
                **vals,
            }
        )
        if coverage:
            cls.env["service.coverage"].create(
                {"point_id": point.id, "area_id": cls.area.id}
            )
        return point

    @classmethod
    def _make_technician(cls, name, point=None, **vals):
        """A technician who can be planned at any time."""
        return cls.env["service.technician"].create(
            {
                "name": name,
                "point_id": (point or cls.point).id,
                "resource_calendar_id": False,
                **vals,
            }
        )

    @classmethod
    def _make_order(cls, register=True, **vals):
        order = cls.env["service.order"].create(
            {
                "partner_id": cls.customer.id,
                "asset_id": cls.asset.id,
                "type_id": cls.type_repair.id,
                "description": "It does not spin.",
                "user_id": cls.agent.id,
                **vals,
            }
        )
        if register:
            order.action_register()
        return order

    @classmethod
    def _make_accepted_order(cls, **vals):
        order = cls._make_order(**vals)
        order._dispatch()
        order.offer_ids.action_accept()
        return order

    @classmethod
    def _make_visit(cls, order=None, start=None, hours=1.0):
        order = order or cls._make_accepted_order()
        start = start or fields.Datetime.now() + timedelta(days=1)
        return order._plan_visit(cls.technician, start, start + timedelta(hours=hours))

    @classmethod
    def _stock(cls, product, quantity, point=None):
        cls.env["stock.quant"]._update_available_quantity(
            product, (point or cls.point).location_id, quantity
        )
