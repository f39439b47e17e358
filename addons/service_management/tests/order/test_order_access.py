from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon

# role: what it may do with an order that is (of its own point or crew, of others)
ORDER_RIGHTS = {
    "agent": ("rwc", "rwc"),
    "dispatcher": ("rwc", "rwc"),
    "technician_user": ("r", ""),
    "point_manager": ("r", ""),
    "quality": ("r", "r"),
    "manager": ("rwc", "rwc"),
}
# The records that come with an order: who reads them, own and foreign
RELATED_READ = {
    "service.asset": {
        "agent": (1, 1),
        "dispatcher": (1, 1),
        "technician_user": (1, 0),
        "point_manager": (1, 0),
        "quality": (1, 1),
        "manager": (1, 1),
    },
}
RELATED_READ["service.warranty"] = RELATED_READ["service.asset"]
RELATED_READ["service.order.event"] = RELATED_READ["service.asset"]
RELATED_READ["service.workitem"] = RELATED_READ["service.asset"]
RELATED_READ["service.visit"] = RELATED_READ["service.asset"]
RELATED_READ["service.visit.crew"] = RELATED_READ["service.asset"]
RELATED_READ["service.offer"] = RELATED_READ["service.asset"] | {
    "technician_user": (0, 0)
}
RELATED_READ["service.contract"] = {
    "agent": (1, 1),
    "dispatcher": (1, 1),
    "technician_user": (0, 0),
    "point_manager": (0, 0),
    "quality": (1, 1),
    "manager": (1, 1),
}
# Written only by the flow, with superuser rights
NOBODY_WRITES = (
    "service.order.event",
    "service.workitem",
    "service.offer",
    "service.visit.crew",
)


@tagged("post_install", "-at_install")
class TestAccess(ServiceCommon):
    """Role x operation x own or foreign record, for lists, reads and counts alike."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._make_world(cls.point, cls.technician, "own")
        cls.area_2 = cls.area.copy({"name": "Other City", "code": "T-200"})
        point_2 = cls._make_point("Other Point", coverage=False)
        cls.env["service.coverage"].create(
            {"point_id": point_2.id, "area_id": cls.area_2.id}
        )
        technician_2 = cls._make_technician("Other Technician", point=point_2)
        cls.foreign = cls._make_world(point_2, technician_2, "foreign", cls.area_2)

    @classmethod
    def _make_world(cls, point, technician, label, area=None):
        customer = cls.env["res.partner"].create(
            {"name": label, "service_area_id": (area or cls.area).id}
        )
        asset = cls.env["service.asset"].create(
            {
                "partner_id": customer.id,
                "product_id": cls.product.id,
                "purchase_date": "2026-01-01",
            }
        )
        contract = cls.env["service.contract"].create(
            {"name": label, "partner_id": customer.id, "date_end": "2099-01-01"}
        )
        order = cls._make_order(partner_id=customer.id, asset_id=asset.id)
        order._dispatch()
        order.offer_ids.action_accept()
        assert order.point_id == point, "the world was not dispatched"
        visit = order._plan_visit(technician, *cls._get_tomorrow(2))
        return {
            "service.order": order,
            "service.asset": asset,
            "service.warranty": asset.warranty_ids,
            "service.contract": contract,
            "service.order.event": order.event_ids,
            "service.workitem": order.workitem_ids,
            "service.offer": order.offer_ids,
            "service.visit": visit,
            "service.visit.crew": visit.crew_ids,
        }

    @classmethod
    def _get_tomorrow(cls, hours):
        start = fields.Datetime.now() + timedelta(days=1)
        return start, start + timedelta(hours=hours)

    def _can(self, records, user, operation):
        return records.with_user(user).has_access(operation)

    def test_orders_by_role(self):
        for role, (own, foreign) in ORDER_RIGHTS.items():
            user = getattr(self, role)
            for world, rights in ((self.own, own), (self.foreign, foreign)):
                order = world["service.order"]
                for letter, operation in (("r", "read"), ("w", "write")):
                    with self.subTest(role=role, operation=operation, rights=rights):
                        self.assertEqual(
                            self._can(order, user, operation), letter in rights
                        )
                found = (
                    self.env["service.order"]
                    .with_user(user)
                    .search_count([("id", "=", order.id)])
                )
                self.assertEqual(bool(found), "r" in rights, role)
            with self.subTest(role=role, operation="create"):
                self.assertEqual(
                    self.env["service.order"].with_user(user).has_access("create"),
                    "c" in own,
                )

    def test_related_records_by_role(self):
        for model, rights in RELATED_READ.items():
            for role, expected in rights.items():
                user = getattr(self, role)
                for world, may in zip((self.own, self.foreign), expected, strict=True):
                    records = world[model]
                    self.assertTrue(records, model)
                    with self.subTest(model=model, role=role):
                        self.assertEqual(self._can(records, user, "read"), bool(may))
                        if may or self.env[model].with_user(user).has_access("read"):
                            count = (
                                self.env[model]
                                .with_user(user)
                                .search_count([("id", "in", records.ids)])
                            )
                            self.assertEqual(count, len(records) if may else 0)

    def test_what_only_the_flow_writes(self):
        for model in NOBODY_WRITES:
            for role in ORDER_RIGHTS:
                user = getattr(self, role)
                for operation in ("write", "create", "unlink"):
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )

    def test_a_user_without_a_role_sees_nothing(self):
        user = self.env["res.users"].create({"name": "Nobody", "login": "test_no_role"})
        for model, records in self.own.items():
            with self.subTest(model=model):
                self.assertFalse(self._can(records, user, "read"))

    def test_internal_notes_stay_with_the_desk(self):
        order = self.own["service.order"]
        order.internal_note = "difficult customer"
        self.assertEqual(
            order.with_user(self.agent).read(["internal_note"])[0]["internal_note"],
            "difficult customer",
        )
        for user in (self.technician_user, self.point_manager, self.quality):
            with self.assertRaises(AccessError):
                order.with_user(user).read(["internal_note"])
            with self.assertRaises(AccessError):
                self.env["service.order"].with_user(user).search(
                    [("internal_note", "ilike", "difficult")]
                )

    def test_a_refused_offer_hides_the_order_from_the_point(self):
        order = self._make_order(description="x")
        order._dispatch()
        seen = order.with_user(self.point_manager)
        self.assertTrue(seen.has_access("read"))
        reason = self.env["service.reject.reason"].search([], limit=1)
        order.offer_ids.with_user(self.point_manager).action_reject(reason.id)
        self.assertFalse(seen.has_access("read"))

    def test_orders_of_another_company_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        order = self.own["service.order"]
        self.env.cr.execute(
            "UPDATE service_order SET company_id = %s WHERE id = %s",
            [company.id, order.id],
        )
        order.invalidate_recordset()
        self.assertFalse(order.with_user(self.manager).has_access("read"))
