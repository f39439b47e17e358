from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestPartNeed(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.symptom = cls.env["service.fault.code"].create(
            {"kind": "symptom", "code": "T-NOISE", "name": "Noise"}
        )

    def _need(self, order, part=None, quantity=1.0):
        return self.env["service.part.need"].create(
            {
                "order_id": order.id,
                "product_id": (part or self.part).id,
                "quantity": quantity,
            }
        )

    def test_the_free_quantity_is_that_of_the_own_point(self):
        self._stock(self.part, 3)
        self._stock(self.part, 5, self._make_point("Other"))
        need = self._need(self._make_accepted_order())
        self.assertEqual(need.available, 3)

    def test_an_order_without_a_point_holds_nothing(self):
        self._stock(self.part, 3)
        self.assertEqual(self._need(self._make_order()).available, 0)

    @mute_logger("odoo.sql_db")
    def test_a_part_is_expected_once_and_above_zero(self):
        order = self._make_order()
        self._need(order)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._need(order)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._need(self._make_order(), quantity=0)

    def test_usual_parts_are_suggested_once(self):
        self._stock(self.part, 4)
        done = self._make_accepted_order(symptom_id=self.symptom.id)
        visit = self._make_visit(done)
        visit.action_add_part(self.part.id, 2)
        visit.action_done({"outcome": "fixed"})
        order = self._make_order(symptom_id=self.symptom.id)
        order.with_user(self.agent).action_suggest_parts()
        order.with_user(self.agent).action_suggest_parts()
        self.assertRecordValues(
            order.part_need_ids, [{"product_id": self.part.id, "quantity": 2}]
        )
        other = self._make_order()
        other.action_suggest_parts()
        self.assertFalse(other.part_need_ids)

    def test_who_may_say_what_is_expected(self):
        visit = self._make_visit()
        mine = self._need(visit.order_id)
        other = self._need(
            self._make_order(
                partner_id=self.env["res.partner"].create({"name": "Else"}).id,
                asset_id=False,
            )
        )
        check_matrix(
            self,
            {"mine": mine, "other": other},
            {
                self.agent: {"mine": "rwcd", "other": "rwcd"},
                self.dispatcher: {"mine": "rwcd", "other": "rwcd"},
                self.manager: {"mine": "rwcd", "other": "rwcd"},
                self.quality: {"mine": "r", "other": "r"},
                self.technician_user: {"mine": "r"},
                self.point_manager: {"mine": "r"},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def test_orders_cannot_wait_for_each_other(self):
        first, second = self._make_order(), self._make_order()
        second.after_order_ids = first
        with self.assertRaises(ValidationError):
            first.after_order_ids = second
