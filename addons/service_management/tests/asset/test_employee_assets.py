from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestEmployeeAssets(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(
            cls.env, login="test_clerk", groups="base.group_user", email="c@example.com"
        )
        cls.employee = cls.env["hr.employee"].create(
            {"name": "Test Clerk", "user_id": cls.clerk.id}
        )
        cls.laptop = cls.env["service.asset"].create(
            {
                "is_internal": True,
                "product_id": cls.product.id,
                "serial": "LAPTOP-1",
                "employee_id": cls.employee.id,
            }
        )

    def _ask(self, asset, user=None, text="The screen stays dark."):
        wizard = (
            self.env["service.asset.request"]
            .with_user(user or self.clerk)
            .create({"asset_id": asset.id, "description": text})
        )
        wizard.action_send()
        return wizard

    def test_an_employee_sees_what_he_uses_and_nothing_else(self):
        assets = self.env["service.asset"].with_user(self.clerk)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_asset_mine"
        )
        self.assertEqual(assets.search([]), self.laptop)
        self.assertEqual(action["res_model"], "service.asset")
        self.assertTrue(assets.get_view(view_type="kanban")["arch"])
        with self.assertRaises(AccessError):
            self.asset.with_user(self.clerk).read(["serial"])
        with self.assertRaises(AccessError):
            self.laptop.with_user(self.clerk).write({"place": "Home"})
        with self.assertRaises(AccessError):
            self.env["service.order"].with_user(self.clerk).search([])

    def test_two_clicks_make_a_request_that_he_can_follow(self):
        self.assertEqual(
            self.laptop.with_user(self.clerk).action_request_service()["res_model"],
            "service.asset.request",
        )
        wizard = self._ask(self.laptop)
        order = self.env["service.order"].search([("asset_id", "=", self.laptop.id)])
        self.assertRecordValues(
            order,
            [
                {
                    "requester_id": self.clerk.partner_id.id,
                    "partner_id": self.env.company.partner_id.id,
                    "description": "The screen stays dark.",
                    "state": "new",
                    "email": "c@example.com",
                }
            ],
        )
        self.assertIn(order.name, self.laptop.with_user(self.clerk).own_requests)
        wizard.action_send()
        self.assertEqual(
            self.env["service.order"].search_count([("asset_id", "=", self.laptop.id)]),
            1,
        )

    def test_an_employee_chooses_a_free_time_or_is_called(self):
        site = self.env.company.partner_id
        site.service_area_id = self.area
        day = fields.Date.today() + timedelta(days=3)
        slot = self.env["service.slot"].create(
            {"point_id": self.point.id, "dayofweek": str(day.weekday()), "capacity": 1}
        )
        requests = self.env["service.asset.request"].with_user(self.clerk)
        request = requests.create(
            {"asset_id": self.laptop.id, "description": "It stays dark."}
        )
        choice = request.window_choices[0]
        request.window = choice["value"]
        request.action_send()
        order = self.env["service.order"].search([("asset_id", "=", self.laptop.id)])
        self.assertEqual((order.slot_start, order.slot_end), slot._get_times(day))

        other = requests.create(
            {
                "asset_id": self.laptop.id,
                "description": "Again.",
                "window": choice["value"],
            }
        )
        self.assertNotIn(
            choice["value"], [one["value"] for one in other.window_choices]
        )
        params = other.action_send()["params"]
        self.assertEqual(params["type"], "warning")
        self.assertIn("has just been taken", params["message"])
        late = self.env["service.order"].search(
            [("asset_id", "=", self.laptop.id), ("id", "!=", order.id)]
        )
        self.assertTrue(late.activity_ids)

        foreign = requests.create({"asset_id": self.asset.id, "description": "x"})
        self.assertFalse(foreign.window_choices)

    def test_nobody_asks_for_what_others_use(self):
        for asset in (self.asset, self.laptop.copy({"serial": "LAPTOP-2"})):
            asset.employee_id = False
            with self.assertRaises(AccessError):
                self._ask(asset)
        with self.assertRaises(UserError):
            self._ask(self.laptop, text=" ")
        self.laptop.state = "retired"
        with self.assertRaises(AccessError):
            self._ask(self.laptop)

    def test_what_is_shared_is_everybodys_or_of_the_department(self):
        departments = self.env["hr.department"].create(
            [{"name": "Test Office"}, {"name": "Test Works"}]
        )
        colleague = new_test_user(
            self.env, login="test_colleague", groups="base.group_user"
        )
        self.env["hr.employee"].create(
            {
                "name": "Test Colleague",
                "user_id": colleague.id,
                "department_id": departments[0].id,
            }
        )
        projector, copier, press, spare = self.env["service.asset"].create(
            [
                {
                    "is_internal": True,
                    "is_shared": serial != "SPARE",
                    "product_id": self.product.id,
                    "serial": serial,
                    "department_id": department.id,
                }
                for serial, department in (
                    ("PROJECTOR", self.env["hr.department"]),
                    ("COPIER", departments[0]),
                    ("PRESS", departments[1]),
                    ("SPARE", departments[0]),
                )
            ]
        )
        self.employee.department_id = departments[0]
        assets = self.env["service.asset"]
        domain = [("is_mine", "=", True)]
        self.assertEqual(
            assets.with_user(self.clerk).search([]), self.laptop + projector + copier
        )
        # What the desk may see is not what it uses
        self.assertFalse(
            assets.with_user(self.agent).search(domain)
            - projector.with_user(self.agent)
        )
        self.assertEqual(
            assets.with_user(self.clerk).search(domain),
            assets.search([("id", "in", (self.laptop + projector + copier).ids)]),
        )
        self._ask(copier, text="Paper jam.")
        for asset in (press, spare):
            with self.assertRaises(AccessError):
                self._ask(asset)
        # A colleague sees that it was reported, and not what the clerk's laptop has
        self._ask(self.laptop)
        order = self.env["service.order"].search([("asset_id", "=", copier.id)])
        self.assertIn(order.name, copier.with_user(colleague).own_requests)
        self.assertFalse(
            assets.with_user(colleague).search([("id", "=", self.laptop.id)])
        )
        # Only what the company itself has is shared
        copier.is_internal = False
        self.assertFalse(assets.with_user(colleague).search([("id", "=", copier.id)]))

    def test_another_one_sees_no_requests_of_the_first(self):
        self._ask(self.laptop)
        heir = new_test_user(self.env, login="test_heir", groups="base.group_user")
        self.laptop.employee_id = self.env["hr.employee"].create(
            {"name": "Test Heir", "user_id": heir.id}
        )
        self.assertFalse(self.laptop.with_user(heir).own_requests)
        self.assertFalse(self.env["service.asset"].with_user(self.clerk).search([]))

    def test_sales_still_see_what_a_contract_may_cover(self):
        seller = new_test_user(
            self.env, login="test_seller", groups="sales_team.group_sale_salesman"
        )
        assets = self.env["service.asset"].with_user(seller)
        self.assertIn(self.asset, assets.search([]))
        self.assertNotIn(self.laptop, assets.search([]))
