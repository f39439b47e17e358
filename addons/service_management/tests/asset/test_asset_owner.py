from datetime import date

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestAssetOwner(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.env["res.partner"].create({"name": "Test Buyer"})

    def test_registering_records_the_first_owner(self):
        asset = self.env["service.asset"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "delivery_date": "2026-01-05",
                "install_date": "2026-01-10",
            }
        )
        self.assertRecordValues(
            asset.owner_ids,
            [
                {
                    "partner_id": self.customer.id,
                    "date_from": date(2026, 1, 5),
                    "date_to": False,
                }
            ],
        )

    def test_transfer_keeps_who_owned_it_before_and_takes_components_along(self):
        component = self.asset.copy({"serial": "TW-PUMP", "parent_id": self.asset.id})
        self.asset.owner_ids.flush_recordset()
        heard = []
        self.patch(
            self.registry["service.asset"],
            "_after_transfer",
            lambda assets, old, new, day: heard.append((assets, old, new, day)),
        )
        self.asset.with_user(self.agent).action_transfer(self.buyer, "2026-12-01")
        self.assertEqual((self.asset | component).partner_id, self.buyer)
        self.assertEqual(self.asset.site_id, self.buyer)
        self.assertEqual(
            heard,
            [(self.asset | component, self.customer, self.buyer, date(2026, 12, 1))],
        )
        new, old = self.asset.owner_ids
        self.assertEqual((new.partner_id, new.date_to), (self.buyer, False))
        self.assertEqual(
            (old.partner_id, old.date_to), (self.customer, date(2026, 11, 30))
        )

    def test_another_customer_written_in_the_form_is_a_change_of_owner(self):
        with Form(self.asset.with_user(self.agent)) as form:
            form.partner_id = self.buyer
        self.assertEqual(self.asset.owner_ids.partner_id, self.customer | self.buyer)

    def test_transfer_before_the_present_owner_is_refused(self):
        self.asset.action_transfer(self.buyer, "2026-12-01")
        with self.assertRaisesRegex(UserError, "Test Buyer since"):
            self.asset.action_transfer(self.customer, "2026-11-30")

    def test_transfer_by_hand_keeps_its_reason(self):
        wizard = (
            self.env["service.asset.transfer"]
            .with_user(self.agent)
            .with_context(active_ids=self.asset.ids)
            .create({"partner_id": self.buyer.id, "reason": "Flat sold"})
        )
        wizard.action_apply()
        self.assertEqual(self.asset.partner_id, self.buyer)
        self.assertIn("Flat sold", self.asset.message_ids.mapped("body")[0])

    def test_owners_are_facts(self):
        owner = self.asset.owner_ids
        for user in (self.manager, self.env.user):
            with self.assertRaises(UserError):
                owner.with_user(user).write({"partner_id": self.buyer.id})
        with self.assertRaises(UserError):
            owner.unlink()
        with self.assertRaises(AccessError):
            self.env["service.asset.owner"].with_user(self.manager).create(
                {
                    "asset_id": self.asset.id,
                    "partner_id": self.buyer.id,
                    "date_from": "2020-01-01",
                }
            )
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation):
            self.env.cr.execute(
                "UPDATE service_asset_owner SET date_from = '2000-01-01' WHERE id = %s",
                (owner.id,),
            )

    def test_former_owners_are_for_desk_and_quality_only(self):
        for user in (self.agent, self.quality):
            self.assertTrue(self.asset.owner_ids.with_user(user).mapped("partner_id"))
        for user in (self.technician_user, self.portal_customer):
            with self.assertRaises(AccessError):
                self.asset.owner_ids.with_user(user).mapped("partner_id")

    def test_l13_components_cannot_go_round_in_a_circle(self):
        component = self.asset.copy({"serial": "C-1", "parent_id": self.asset.id})
        part = self.asset.copy({"serial": "C-2", "parent_id": component.id})
        with self.assertRaises(ValidationError):
            self.asset.parent_id = part

    def test_history_counts_orders_visits_parts_and_papers(self):
        self._stock(self.part, 5)
        order = self._make_accepted_order()
        visit = self._make_visit(order)
        visit.action_add_part(self.part.id, 1)
        visit.action_done({"outcome": "fixed"})
        self.env["ir.attachment"].create(
            {"name": "plate.jpg", "res_model": "service.asset", "res_id": self.asset.id}
        )
        asset = self.asset.with_user(self.agent)
        self.assertEqual(
            (
                asset.order_count,
                asset.visit_count,
                asset.part_move_count,
                asset.document_count,
            ),
            (1, 1, 1, 1),
        )
        visits = asset.action_view_visits()
        self.assertEqual(self.env[visits["res_model"]].search(visits["domain"]), visit)
        moves = asset.action_view_part_moves()
        self.assertEqual(
            self.env[moves["res_model"]].search(moves["domain"]).product_id, self.part
        )

    def test_history_counts_cost_the_same_for_one_and_for_many(self):
        names = ["order_count", "visit_count", "part_move_count", "document_count"]
        many = self.env["service.asset"].create(
            [
                {"partner_id": self.customer.id, "product_id": self.product.id}
                for _number in range(30)
            ]
        )
        self.asset.with_user(self.agent).read(names)
        used = []
        for assets in (many[:1], many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            assets.with_user(self.agent).read(names)
            used.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*used)

    def test_properties_are_those_of_the_category(self):
        self.category.service_asset_properties_definition = [
            {"name": "power", "string": "Power", "type": "integer"}
        ]
        self.asset.properties = {"power": 2200}
        self.assertEqual(self.asset.properties["power"], 2200)
        new = self.env["service.asset"].create(
            {
                "partner_id": self.customer.id,
                "product_id": self.product.id,
                "properties": {"power": 1800},
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(new.properties["power"], 1800)

    def test_what_to_know_of_an_asset_before_going_there(self):
        self.category.service_asset_properties_definition = [
            {"name": "power", "string": "Power (W)", "type": "integer"},
            {"name": "gas", "string": "Gas", "type": "selection",
             "selection": [["lpg", "Bottled"], ["cng", "Natural"]]},
            {"name": "wall", "string": "On the Wall", "type": "boolean"},
            {"name": "made", "string": "Checked On", "type": "date"},
            {"name": "empty", "string": "Says Nothing", "type": "char"},
            {"name": "keys", "string": "Key Holder", "type": "many2one",
             "comodel": "res.partner"},
            {"name": "line", "string": "Line", "type": "separator"},
        ]  # fmt: skip
        self.asset.write(
            {
                "place": "Room 12",
                "note": "Ring twice.",
                "properties": {
                    "power": 2200,
                    "gas": "cng",
                    "wall": True,
                    "made": "2026-03-02",
                    "keys": self.customer.id,
                },
            }
        )
        motor = self.asset.copy({"serial": "MOTOR-1", "parent_id": self.asset.id})
        self.asset.copy(
            {"serial": "OLD-1", "parent_id": self.asset.id, "state": "retired"}
        )
        self.assertEqual(
            self.asset._get_site_facts(),
            {
                "place": "Room 12",
                "note": "Ring twice.",
                "part_of": "",
                "components": [motor.name],
                "properties": [
                    {"label": "Power (W)", "text": "2200"},
                    {"label": "Gas", "text": "Natural"},
                    {"label": "On the Wall", "text": "Yes"},
                    {"label": "Checked On", "text": "03/02/2026"},
                    {"label": "Key Holder", "text": self.customer.display_name},
                ],
            },
        )
        self.assertEqual(motor._get_site_facts()["part_of"], self.asset.name)

    def test_internal_assets_belong_to_the_company_and_follow_the_employee(self):
        department = self.env["hr.department"].create({"name": "Test IT"})
        employee = self.env["hr.employee"].create(
            {
                "name": "Test Clerk",
                "user_id": self.agent.id,
                "department_id": department.id,
            }
        )
        asset = (
            self.env["service.asset"]
            .with_user(self.agent)
            .create(
                {
                    "is_internal": True,
                    "product_id": self.product.id,
                    "employee_id": employee.id,
                    "code": "IT-0001",
                }
            )
        )
        self.assertRecordValues(
            asset,
            [
                {
                    "partner_id": self.env.company.partner_id.id,
                    "department_id": department.id,
                    "user_id": self.agent.id,
                }
            ],
        )
        with Form(asset) as form:
            form.place = "Floor 12"
