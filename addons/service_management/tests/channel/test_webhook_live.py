import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import odoo
from odoo.tests import get_db_name, tagged
from odoo.tools import config, mute_logger

from odoo.addons.service_management.engine.webhook import verify
from odoo.addons.service_management.models.channel.service_webhook import (
    ALLOWED_PARAMETER,
)

from .live import LiveCase
from .receiver import Receiver

SECRET = "the secret of the test"
# A process of its own that works on the queue, as the server's cron does.
WORKER = """
import sys
import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
odoo.tools.config.parse_config(sys.argv[2:])
with Registry(sys.argv[1]).cursor() as cr:
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["service.webhook.delivery"]._queue_run()
"""


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestWebhookLive(LiveCase):
    """Real commits, a real receiver, and a worker that is killed."""

    def setUp(self):
        super().setUp()
        with self._env() as env:
            parameters = env["ir.config_parameter"]
            parameters.search([("key", "=", ALLOWED_PARAMETER)]).unlink()
            parameters.set_param(ALLOWED_PARAMETER, "127.0.0.1")
            env.cr.execute("DELETE FROM service_webhook")
        self.registry.clear_cache()

    def _clean_up(self):
        with self._env() as env:
            env.cr.execute("DELETE FROM service_webhook")
            env["ir.config_parameter"].search(
                [("key", "=", ALLOWED_PARAMETER)]
            ).unlink()
            env.registry.clear_cache()
        return super()._clean_up()

    def _listen(self, **options):
        receiver = Receiver(**options)
        self.addCleanup(receiver.close)
        with self._env() as env:
            env["service.webhook"].create(
                {
                    "name": "Live",
                    "url": receiver.url,
                    "secret": SECRET,
                    "event_ids": [(0, 0, {"kind": "registered"})],
                }
            )
        return receiver

    def _file(self, *keys):
        with self._env() as env:
            code = env["service.fault.code"].search([("kind", "=", "symptom")])[0].code
        body = {
            "requests": [
                {
                    "key": key,
                    "customer_name": "Live Customer",
                    "phone": "139 0000 4711",
                    "type": "repair",
                    "symptom": code,
                    "description": "x",
                }
                for key in keys
            ]
        }
        answers = self.post("/json/2/service.order/create_from_api", body).json()
        return [answer["number"] for answer in answers]

    def _work(self):
        """What the cron does; a pause of the receiver is over."""
        with self._env() as env:
            env.cr.execute("UPDATE service_webhook SET paused_until = NULL")
            env.cr.execute(
                "UPDATE service_webhook_delivery SET next_try_at = now() at time zone "
                "'UTC' WHERE queue_state = 'pending'"
            )
        with self._env() as env:
            env["service.webhook.delivery"]._queue_run()

    def _numbers(self, receiver):
        return [json.loads(body)["order"]["number"] for __, body in receiver.calls]

    def test_committed_events_arrive_and_rolled_back_ones_never(self):
        receiver = self._listen(answers=[503])
        numbers = self._file("a", "b")
        cr = self.registry.cursor()
        try:
            env = odoo.api.Environment(cr, self.user_id, {})
            order = (
                env["service.order"]
                .sudo()
                .create(
                    {
                        "partner_id": env.user.partner_id.id,
                        "type_id": env.ref("service_management.type_consulting").id,
                        "description": "never committed",
                    }
                )
            )
            order.action_register()
            env.flush_all()
            cr.precommit.run()  # as far as a commit comes that fails at the end
        finally:
            cr.rollback()
            cr.close()
        for __ in range(3):
            self._work()
        self.assertEqual(sorted(set(self._numbers(receiver))), sorted(numbers))
        for headers, body in receiver.calls:
            signature = headers["X-Service-Signature"]
            time = int(signature.split(",")[0].removeprefix("t="))
            self.assertTrue(verify(SECRET, signature, body, time))
        with self._env() as env:
            left = env["service.webhook.delivery"].search([])
            self.assertEqual(left.mapped("queue_state"), ["done"] * 2)

    @mute_logger("odoo.addons.service_management.models.mixins.service_queue_mixin")
    def test_l28_a_worker_killed_in_mid_call_loses_nothing(self):
        heard, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def wait(number):
            if number == 2:
                heard.set()
                go_on.wait(timeout=30)

        receiver = self._listen(before=wait)
        numbers = self._file("a", "b", "c")
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, get_db_name(), *self._get_options()],
            env={**os.environ, "PYTHONPATH": str(Path(odoo.__path__[0]).parent)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.assertTrue(heard.wait(timeout=120), "the worker calls")
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            go_on.set()
        with self._env() as env:
            states = env["service.webhook.delivery"].search([], order="id")
            self.assertEqual(
                states.mapped("queue_state"), ["done", "pending", "pending"]
            )
        for __ in range(3):
            self._work()
        deliveries = [json.loads(body)["delivery"] for __, body in receiver.calls]
        self.assertEqual(self._numbers(receiver)[0], numbers[0])
        self.assertEqual(set(self._numbers(receiver)), set(numbers))
        self.assertEqual(len(set(deliveries)), 3)
        self.assertEqual(
            deliveries.count(deliveries[1]), 2, "told again, same identity"
        )
        self.assertEqual(receiver.calls[1][1], self._again(receiver, deliveries))

    def _again(self, receiver, deliveries):
        """The body of the second call about what the killed worker was telling."""
        place = deliveries.index(deliveries[1], 2)
        return receiver.calls[place][1]

    def _get_options(self):
        return [
            "--addons-path",
            ",".join(config["addons_path"]),
            "--no-http",
            "--db_host",
            config["db_host"] or "",
            "--db_user",
            config["db_user"] or "",
            "--data-dir",
            config["data_dir"],
        ]
