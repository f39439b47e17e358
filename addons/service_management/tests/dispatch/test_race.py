from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.race import RaceCase

ROUNDS = 50
RIVALS = 8


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestRace(RaceCase):
    """Offers, visits, branches and requests that rivals want at the same moment."""

    def test_parallel_accepts_have_one_winner(self):
        with self._env() as env:
            points = self._make_points(env, RIVALS)
        for __ in range(ROUNDS):
            with self._env() as env:
                order = self._make_order(env)
                offers = [order._offer_to(point).id for point in points.with_env(env)]
            results = self._compete(
                [
                    lambda env, id_=id_: (
                        env["service.offer"].browse(id_).action_accept()
                    )
                    for id_ in offers
                ]
            )
            self.assertEqual(
                sorted(results), ["refused"] * (RIVALS - 1) + ["won"], results
            )
            with self._env() as env:
                order = env["service.order"].browse(order.id)
                accepted = order.offer_ids.filtered(
                    lambda offer: offer.state == "accepted"
                )
                self.assertEqual(order.point_id, accepted.point_id)
                self.assertEqual(len(accepted), 1)
                self.assertEqual(order.event_ids.mapped("kind").count("accepted"), 1)

    def _make_rivals(self):
        """Accepted orders of one point, and its only technician."""
        with self._env() as env:
            point = self._make_points(env, 1)
            technician = self._keep(
                env["service.technician"].create(
                    {
                        "name": "Race",
                        "point_id": point.id,
                        "resource_calendar_id": False,
                    }
                )
            )
            orders = env["service.order"]
            for __ in range(RIVALS):
                orders += self._make_order(env)
            orders._dispatch()
            orders.offer_ids.action_accept()
            return orders.ids, technician.id

    def _compete_for_slot(self, order_ids, technician_id, start):
        def book(env, order_id):
            env["service.order"].browse(order_id)._plan_visit(
                env["service.technician"].browse(technician_id),
                start,
                start + timedelta(hours=1),
            )

        return self._compete(
            [
                lambda env, order_id=order_id: book(env, order_id)
                for order_id in order_ids
            ]
        )

    def test_parallel_bookings_of_a_technician_have_one_winner(self):
        order_ids, technician_id = self._make_rivals()
        start = fields.Datetime.now() + timedelta(days=1)
        for number in range(ROUNDS):
            results = self._compete_for_slot(
                order_ids, technician_id, start + timedelta(hours=2 * number)
            )
            self.assertEqual(
                sorted(results), ["refused"] * (RIVALS - 1) + ["won"], results
            )

    def test_a_booking_waits_for_whoever_books_the_technician(self):
        """Rivals that met at the constraint waited for each other: a deadlock."""
        order_ids, technician_id = self._make_rivals()
        start = fields.Datetime.now() + timedelta(days=1)

        def book(env, order_id, hours):
            env["service.order"].browse(order_id)._plan_visit(
                env["service.technician"].browse(technician_id),
                start + timedelta(hours=hours),
                start + timedelta(hours=hours + 1),
            )

        with self._env() as first, self.registry.cursor() as cr:
            book(first, order_ids[0], 0)
            cr.execute("SET LOCAL lock_timeout = '100ms'")
            with (
                self.assertRaises(psycopg2.errors.LockNotAvailable),
                mute_logger("odoo.sql_db"),
            ):
                book(api.Environment(cr, SUPERUSER_ID, {}), order_ids[1], 2)

    def test_without_the_constraint_the_race_is_lost(self):
        """Proves that the test above would notice a missing guard."""
        order_ids, technician_id = self._make_rivals()
        constraint = "service_visit_crew_no_overlap"
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conname = %s",
                [constraint],
            )
            (definition,) = cr.fetchone()
            cr.execute(f"ALTER TABLE service_visit_crew DROP CONSTRAINT {constraint}")
        try:
            results = self._compete_for_slot(
                order_ids, technician_id, fields.Datetime.now() + timedelta(days=1)
            )
        finally:
            with self.registry.cursor() as cr:
                cr.execute(
                    "DELETE FROM service_visit WHERE order_id = ANY(%s)", [order_ids]
                )
                cr.execute(
                    f"ALTER TABLE service_visit_crew ADD CONSTRAINT {constraint} "
                    f"{definition}"
                )
        self.assertGreater(results.count("won"), 1, results)

    def _make_training(self):
        """An order whose material and invitations are prepared side by side."""
        with self._env() as env:
            env["service.type"].browse(self.type_id).write(
                {
                    "workflow_id": env.ref("service_management.workflow_training").id,
                    "visit_required": False,
                }
            )
            order = self._make_order(env)
            order.action_start_work()
            items = order.workitem_ids.filtered(lambda item: item.state == "open")
            return order.id, items.ids

    def _complete_all(self, item_ids):
        return self._compete(
            [
                lambda env, id_=id_: (
                    env["service.workitem"].browse(id_).action_complete()
                )
                for id_ in item_ids
            ]
        )

    def _get_places(self, order_id):
        with self._env() as env:
            items = env["service.order"].browse(order_id).workitem_ids
            return sorted(
                item.node_id.element_id
                for item in items
                if item.state in ("open", "waiting")
            )

    def test_branches_that_end_at_the_same_moment_are_joined(self):
        for __ in range(ROUNDS // 2):
            order_id, item_ids = self._make_training()
            self.assertEqual(len(item_ids), 2)
            self.assertEqual(self._complete_all(item_ids), ["won", "won"])
            self.assertEqual(self._get_places(order_id), ["hold"])

    def test_without_the_guard_branches_wait_for_each_other(self):
        """Proves that the test above would notice a missing guard."""
        guard = (
            "odoo.addons.service_management.models.order.workflow_run.WorkflowRun."
            "_guard_parallel_work"
        )
        stuck = 0
        with patch(guard, lambda run: None):
            for __ in range(10):
                order_id, item_ids = self._make_training()
                self._complete_all(item_ids)
                stuck += self._get_places(order_id) != ["hold"]
        self.assertTrue(stuck)

    def test_a_task_is_completed_by_one_of_many(self):
        for __ in range(10):
            order_id, item_ids = self._make_training()
            results = self._complete_all([item_ids[0]] * 4)
            self.assertEqual(sorted(results), ["refused"] * 3 + ["won"], results)
            with self._env() as env:
                events = env["service.order"].browse(order_id).event_ids
                self.assertEqual(events.mapped("kind").count("task_done"), 1)

    def test_the_same_request_at_the_same_moment_is_one_order(self):
        vals = {
            "channel": "api",
            "source_key": "race-key",
            "partner_id": self.partner_id,
            "type_id": self.type_id,
            "description": "race",
        }
        for number in range(10):
            request = {**vals, "source_key": f"race-key-{number}"}
            results = self._compete(
                [
                    lambda env, request=request: env[
                        "service.order"
                    ]._create_from_channel([dict(request)])
                ]
                * 4
            )
            self.assertEqual(results, ["won"] * 4)
            with self._env() as env:
                self.assertEqual(
                    env["service.order"].search_count(
                        [("source_key", "=", request["source_key"])]
                    ),
                    1,
                )
