from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.service_management.tests.race import RaceCase

ROUNDS = 50
RIVALS = 4


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestPartRace(RaceCase):
    """LESSONS L24: one unit is left, four visits use it at the same moment.

    Each visit has moves of its own: in one shared transfer the race would hide. Real
    transactions; everything made here is removed again.
    """

    def setUp(self):
        super().setUp()
        with self._env() as env:
            point = self._make_points(env, 1)
            self.point_id, self.location_id = point.id, point.location_id.id
            self.part_id = self._keep(
                env["product.product"].create(
                    {"name": "Race Part", "type": "consu", "is_storable": True}
                )
            ).id
            self.technician_id = self._keep(
                env["service.technician"].create(
                    {
                        "name": "Race",
                        "point_id": point.id,
                        "resource_calendar_id": False,
                    }
                )
            ).id

    def _clean_up(self):
        with self._env() as env:
            for table in ("stock_move_line", "stock_move", "stock_quant"):
                env.cr.execute(
                    f"DELETE FROM {table} WHERE product_id = %s", [self.part_id]
                )
        return super()._clean_up()

    def _run_round(self, number):
        """How the rivals ended, and what is left."""
        start = fields.Datetime.now() + timedelta(days=1 + number)
        with self._env() as env:
            quants = env["stock.quant"]
            location = env["stock.location"].browse(self.location_id)
            part = env["product.product"].browse(self.part_id)
            held = quants._get_available_quantity(part, location)
            quants._update_available_quantity(part, location, 1 - held)
            orders = env["service.order"]
            for __ in range(RIVALS):
                orders += self._make_order(env)
            orders._dispatch()
            orders.offer_ids.action_accept()
            technician = env["service.technician"].browse(self.technician_id)
            visit_ids = []
            for place, order in enumerate(orders):
                begin = start + timedelta(hours=2 * place)
                visit = order._plan_visit(technician, begin, begin + timedelta(hours=1))
                visit.action_add_part(self.part_id, 1)
                visit_ids.append(visit.id)
        results = self._compete(
            [
                lambda env, id_=id_: (
                    env["service.visit"].browse(id_).action_done({"outcome": "fixed"})
                )
                for id_ in visit_ids
            ]
        )
        with self._env() as env:
            left = sum(
                env["stock.quant"]
                .search(
                    [
                        ("product_id", "=", self.part_id),
                        ("location_id", "=", self.location_id),
                    ]
                )
                .mapped("quantity")
            )
        return results, left

    def test_the_last_part_is_used_once(self):
        for number in range(ROUNDS):
            results, left = self._run_round(number)
            self.assertEqual(
                sorted(results), ["refused"] * (RIVALS - 1) + ["won"], results
            )
            self.assertEqual(left, 0)

    def _run_reservations(self):
        """Four jobs reserve the last part, each by a movement of its own."""
        with self._env() as env:
            quants = env["stock.quant"]
            location = env["stock.location"].browse(self.location_id)
            part = env["product.product"].browse(self.part_id)
            held = quants._get_available_quantity(part, location)
            if held != 1:
                quants._update_available_quantity(part, location, 1 - held)
            orders = env["service.order"]
            for __ in range(RIVALS):
                orders += self._make_order(env)
            orders._dispatch()
            orders.offer_ids.action_accept()
            need_ids = (
                env["service.part.need"]
                .create(
                    [
                        {"order_id": order.id, "product_id": self.part_id}
                        for order in orders
                    ]
                )
                .ids
            )
        results = self._compete(
            [
                lambda env, id_=id_: (
                    env["service.part.need"].browse(id_).action_reserve()
                )
                for id_ in need_ids
            ]
        )
        with self._env() as env:
            needs = env["service.part.need"].browse(need_ids)
            reserved = sum(needs.mapped("reserved_quantity"))
            needs._release()
        return results, reserved

    def test_l24_the_last_part_is_reserved_once(self):
        for _number in range(ROUNDS):
            results, reserved = self._run_reservations()
            self.assertEqual(
                sorted(results), ["refused"] * (RIVALS - 1) + ["won"], results
            )
            self.assertEqual(reserved, 1)

    def test_l24_without_the_guard_it_is_reserved_twice(self):
        guard = (
            "odoo.addons.service_management.models.parts.service_part_guard."
            "ServicePartGuard._touch"
        )
        with patch(guard, lambda model, places: None):
            lost = any(
                self._run_reservations()[0].count("won") > 1
                for _number in range(ROUNDS)
            )
        self.assertTrue(lost)

    def test_without_the_guard_it_is_used_twice(self):
        """Proves that the test above would notice a missing guard."""
        guard = (
            "odoo.addons.service_management.models.parts.service_part_guard."
            "ServicePartGuard._touch"
        )
        lost = False
        with patch(guard, lambda model, places: None):
            for number in range(ROUNDS):
                results, left = self._run_round(number)
                lost = lost or results.count("won") > 1 or left < 0
                if lost:
                    break
        self.assertTrue(lost)
