import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

ROUNDS = 5
WORKERS = 4
ITEMS = 24
QUIET = (
    "odoo.sql_db",
    "odoo.addons.service_management.models.mixins.service_queue_mixin",
)


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestEscalationRace(BaseCase):
    """L26: several schedulers and a person at the same work items, really at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._env() as env:
            # What else is open in the database has no part in the test
            env.cr.execute("UPDATE service_workitem SET escalate_at = NULL")
            users = env["res.users"].create(
                [
                    {
                        "name": login,
                        "login": login,
                        "group_ids": [
                            Command.set(
                                env.ref("service_management.group_service_agent").ids
                            )
                        ],
                    }
                    for login in ("race_esc_ann", "race_esc_bob", "race_esc_lea")
                ]
            )
            hours = env["resource.calendar"].create(
                {
                    "name": "Race Always",
                    "company_id": False,
                    "tz": "UTC",
                    "attendance_ids": [Command.clear()]
                    + [
                        Command.create(
                            {
                                "name": "Day",
                                "dayofweek": str(day),
                                "hour_from": 0,
                                "hour_to": 24,
                                "day_period": "morning",
                            }
                        )
                        for day in range(7)
                    ],
                }
            )
            team = env["service.team"].create(
                {
                    "name": "Race Team",
                    "leader_id": users[2].id,
                    "member_ids": [Command.set(users[:2].ids)],
                    "calendar_id": hours.id,
                    "escalation_hours": 100,
                }
            )
            kind = env["service.type"].create(
                {"name": "Race", "code": "race_escalation", "visit_required": False}
            )
            partner = env["res.partner"].create({"name": "Race Customer"})
            self.user_ids, self.team_id = users.ids, team.id
            self.calendar_id, self.type_id = hours.id, kind.id
            self.partner_id = partner.id

    def _env(self):
        return _Transaction(self.registry)

    def _clean_up(self):
        with self._env() as env:
            orders = env["service.order"].search([("type_id", "=", self.type_id)])
            for table in (
                "service_escalation_step",
                "service_sla_clock",
                "service_order_event",
                "service_workitem",
            ):
                env.cr.execute(
                    f"DELETE FROM {table} WHERE order_id = ANY(%s)", [orders.ids]
                )
            for table in ("mail_message", "mail_activity"):
                model = "res_model" if table == "mail_activity" else "model"
                env.cr.execute(
                    f"DELETE FROM {table} WHERE {model} = 'service.order' "
                    "AND res_id = ANY(%s)",
                    [orders.ids],
                )
            env.cr.execute("DELETE FROM service_order WHERE id = ANY(%s)", [orders.ids])
            env.invalidate_all()
            env["service.team"].browse(self.team_id).unlink()
            env["service.type"].browse(self.type_id).unlink()
            env["resource.calendar"].browse(self.calendar_id).unlink()
            env["res.users"].browse(self.user_ids).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _make_items(self, env):
        orders = env["service.order"].create(
            [
                {
                    "partner_id": self.partner_id,
                    "type_id": self.type_id,
                    "description": "race",
                    "user_id": self.user_ids[0],
                    "team_id": self.team_id,
                }
                for __ in range(ITEMS)
            ]
        )
        orders.action_register()
        items = orders.workitem_ids.filtered(lambda item: item.state == "open")
        items.escalate_at = fields.Datetime.now() - timedelta(hours=1)
        return items

    def _at_once(self, works):
        barrier = threading.Barrier(len(works))
        errors = []

        def run(work):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    cr.execute("SELECT count(*) FROM service_order")
                    barrier.wait(timeout=30)
                    cr.rollback()
                    work(env)
            except Exception as error:  # noqa: BLE001  # said by the assertion
                errors.append(repr(error))

        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        # Their log is not asked for: lost races are the point
        with (
            mute_logger(*QUIET),
            patch("odoo.addons.mail.models.mail_mail.MailMail.send", return_value=True),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(errors, [])

    def test_parallel_schedulers_escalate_each_item_once(self):
        for __ in range(ROUNDS):
            with self._env() as env:
                ids = self._make_items(env).ids
            self._at_once(
                [lambda env: env["service.escalation.step"]._cron_escalate()] * WORKERS
            )
            with self._env() as env:
                # What a worker passed over is done by the next run
                env["service.escalation.step"]._cron_escalate()
                items = env["service.workitem"].browse(ids)
                steps = items.order_id.escalation_step_ids
                self.assertEqual(len(steps), ITEMS)
                self.assertEqual(set(steps.mapped("outcome")), {"fired"})
                self.assertEqual(set(items.mapped("escalation_level")), {1})
                kinds = items.order_id.event_ids.mapped("kind")
                self.assertEqual(kinds.count("escalated"), ITEMS)
                self.assertEqual(kinds.count("reassigned"), ITEMS)

    def test_item_that_is_taken_meanwhile_is_taken_or_escalated_first(self):
        for __ in range(ROUNDS):
            with self._env() as env:
                ids = self._make_items(env).ids

            def take(env, ids=ids):
                from odoo.service.model import retrying  # noqa: PLC0415

                user_env = api.Environment(env.cr, self.user_ids[1], {})
                items = user_env["service.workitem"].browse(ids)
                for item in items:
                    retrying(item.action_take, user_env)

            self._at_once(
                [lambda env: env["service.escalation.step"]._cron_escalate(), take]
            )
            with self._env() as env:
                for item in env["service.workitem"].browse(ids):
                    steps = item.order_id.escalation_step_ids.filtered(
                        lambda step: step.outcome == "fired"
                    )
                    # Whoever came first: in the end the taker has it, told at most once
                    self.assertEqual(item.user_id.id, self.user_ids[1])
                    self.assertLessEqual(len(steps), 1)
                    self.assertEqual((item.episode, item.escalation_level), (2, 0))


class _Transaction:
    """An environment whose transaction commits at the end, or rolls back."""

    def __init__(self, registry):
        self.cursor = registry.cursor()

    def __enter__(self):
        self.cursor.__enter__()
        return api.Environment(self.cursor, SUPERUSER_ID, {"tracking_disable": True})

    def __exit__(self, *exc_info):
        self.cursor.__exit__(*exc_info)
