import threading
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

ROUNDS = 50
RIVALS = 8


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestRace(BaseCase):
    """Real transactions at the same moment; everything made here is removed again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.created = []

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._env() as env:
            self.area_id = self._keep(
                env["service.area"].create(
                    {
                        "name": "Race City",
                        "code": "RACE",
                        "level": "city",
                        "country_id": env.ref("base.cn").id,
                    }
                )
            ).id
            partner = self._keep(env["res.partner"].create({"name": "Race Customer"}))
            partner.service_area_id = self.area_id
            self.partner_id = partner.id
            self.type_id = self._keep(
                env["service.type"].create({"name": "Race", "code": "race_test"})
            ).id

    def _env(self):
        return _Transaction(self.registry)

    def _keep(self, records):
        self.created.append((records._name, records.ids))
        return records

    def _clean_up(self):
        """Remove in reverse, past the rules that protect real records."""
        tables = [
            "service_visit_crew",
            "service_visit",
            "service_offer",
            "service_workitem",
            "service_order_event",
        ]
        with self._env() as env:
            orders = env["service.order"].search([("type_id", "=", self.type_id)])
            for table in tables[1:]:
                env.cr.execute(
                    f"DELETE FROM {table} WHERE order_id = ANY(%s)", [orders.ids]
                )
            env.cr.execute(
                "DELETE FROM mail_message WHERE model = 'service.order' "
                "AND res_id = ANY(%s)",
                [orders.ids],
            )
            env.cr.execute("DELETE FROM service_order WHERE id = ANY(%s)", [orders.ids])
            env.invalidate_all()
            for model, ids in reversed(self.created):
                env[model].browse(ids).exists().unlink()
            self.created.clear()

    def _make_points(self, env, count):
        partners = self._keep(
            env["res.partner"].create([{"name": f"Race {n}"} for n in range(count)])
        )
        points = self._keep(
            env["service.point"].create(
                [
                    {
                        "name": partner.name,
                        "code": partner.name,
                        "partner_id": partner.id,
                    }
                    for partner in partners
                ]
            )
        )
        self._keep(
            env["service.coverage"].create(
                [{"point_id": point.id, "area_id": self.area_id} for point in points]
            )
        )
        return points

    def _make_order(self, env):
        order = env["service.order"].create(
            {
                "partner_id": self.partner_id,
                "type_id": self.type_id,
                "description": "race",
            }
        )
        order.action_register()
        return order

    def _compete(self, works):
        """Run the works in threads that start together; how each one ended."""
        barrier = threading.Barrier(len(works))
        results = [None] * len(works)

        def run(number, work):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    cr.execute("SELECT count(*) FROM service_order")  # opens a snapshot
                    barrier.wait(timeout=30)
                    retrying(lambda: work(env), env)
                results[number] = "won"
            except UserError:
                results[number] = "refused"
            except psycopg2.Error as error:
                results[number] = repr(error)

        threads = [
            threading.Thread(target=run, args=entry) for entry in enumerate(works)
        ]
        # A loser runs again at once instead of after a second or two
        with (
            mute_logger("odoo.sql_db", "odoo.service.model"),
            patch("odoo.service.model.random.uniform", lambda low, high: 0.01 * high),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return results

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


class _Transaction:
    """An environment whose transaction commits at the end, or rolls back."""

    def __init__(self, registry):
        self.cursor = registry.cursor()

    def __enter__(self):
        self.cursor.__enter__()
        return api.Environment(self.cursor, SUPERUSER_ID, {"tracking_disable": True})

    def __exit__(self, *exc_info):
        self.cursor.__exit__(*exc_info)
