import contextlib
import json
import socket
import threading
import time
from datetime import timedelta
from unittest.mock import patch

import urllib3
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.engine.webhook import verify
from odoo.addons.service_management.models.channel import webhook_sender
from odoo.addons.service_management.models.channel.service_webhook import (
    ALLOWED_PARAMETER,
)
from odoo.addons.service_management.models.order.service_order_flow import Moments
from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

from .receiver import Receiver


class WebhookCommon(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(ALLOWED_PARAMETER, "127.0.0.1")
        cls.Delivery = cls.env["service.webhook.delivery"]

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 1.0)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def _make_webhook(self, *kinds, **vals):
        return self.env["service.webhook"].create(
            {
                "name": "ERP",
                "url": self.receiver.url,
                "event_ids": [(0, 0, {"kind": kind}) for kind in kinds],
                **vals,
            }
        )

    def _commit(self):
        """What a commit does before it writes."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _send(self):
        self.Delivery._queue_work(None, False)

    def _heard(self):
        return [json.loads(body) for __, body in self.receiver.calls]


@tagged("post_install", "-at_install")
class TestWebhook(WebhookCommon):
    def test_events_are_told_signed_and_in_order(self):
        webhook = self._make_webhook()
        order = self._make_order()
        order.action_cancel("Not wanted any more")
        self._commit()
        self._send()
        heard = self._heard()
        self.assertEqual(
            [told["event"] for told in heard],
            order.event_ids.sorted("id").mapped("kind"),
        )
        self.assertEqual({told["order"]["number"] for told in heard}, {order.name})
        self.assertEqual(heard[-1]["order"]["state"], "cancelled")
        self.assertEqual(heard[-1]["text"], "Not wanted any more")
        headers, body = self.receiver.calls[0]
        now = int(fields.Datetime.now().timestamp())
        signature = headers["X-Service-Signature"]
        self.assertTrue(verify(webhook.secret, signature, body, now))
        self.assertFalse(verify("another", signature, body, now))
        self.assertFalse(verify(webhook.secret, f"t={'1' * 5000},v1=0", body, now))
        self.assertEqual(headers["X-Service-Delivery"], heard[0]["delivery"])
        self.assertEqual(len({told["delivery"] for told in heard}), len(heard))
        self.assertFalse(self.Delivery.search([("queue_state", "!=", "done")]))

    def test_only_what_is_wanted_and_only_of_the_company(self):
        self._make_webhook("registered", "cancelled")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_webhook(name="Theirs", company_id=company.id)
        self._make_order()
        self._commit()
        self.assertEqual(self.Delivery.search([]).mapped("kind"), ["registered"])

    def test_a_webhook_hears_of_no_company_of_others(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        webhook = self._make_webhook().with_user(self.manager)
        with self.assertRaises(AccessError):
            webhook.company_id = company

    def test_without_a_webhook_nothing_is_written_or_asked(self):
        self.env["service.webhook"]._get_subscriptions()
        order = self._make_order()
        self._commit()
        events = order.event_ids
        with self.assertQueryCount(0):
            self.env["service.webhook"]._note_events(events)
        self.assertFalse(self.Delivery.search([]))

    def test_what_a_savepoint_undoes_is_not_told(self):
        self._make_webhook("registered")
        kept = self._make_order()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self._make_order()
            raise ZeroDivisionError
        self._commit()
        self.assertEqual(self.Delivery.search([]).order_id, kept)

    def test_prices_and_private_notes_never_leave(self):
        self._make_webhook()
        order = self._make_order(internal_note="SECRET note")
        order.with_user(self.agent)._log_event("updated", name="SECRET change")
        secret = "SECRET message"
        order.message_post(body=secret)
        self._commit()
        self._send()
        allowed = {
            "id",
            "number",
            "key",
            "channel",
            "type",
            "state",
            "stage",
            "priority",
            "customer_ref",
            "serial",
            "symptom",
            "point",
            "outcome",
            "date_request",
            "date_due",
            "date_done",
            "date_closed",
        }
        for told in self._heard():
            self.assertEqual(set(told), {"delivery", "event", "date", "text", "order"})
            self.assertEqual(set(told["order"]), allowed)
            self.assertNotIn("SECRET", json.dumps(told))
            self.assertNotIn(self.customer.phone, json.dumps(told))

    def test_the_key_of_the_interface_comes_back(self):
        self._make_webhook("registered")
        self.customer.ref = "C-77"
        self.env["service.order"].with_user(self.agent).create_from_api(
            [
                {
                    "key": "shop:1",
                    "type": "repair",
                    "customer_ref": "C-77",
                    "description": "x",
                }
            ]
        )
        self._commit()
        self._send()
        (told,) = self._heard()
        self.assertEqual(told["order"]["key"], "shop:1")

    def test_history_is_no_news(self):
        self._make_webhook()
        order = self.env["service.order"].with_context(service_moments=Moments())
        order._create_from_channel(
            [
                {
                    "channel": "import",
                    "source_key": "old",
                    "partner_id": self.customer.id,
                    "type_id": self.type_repair.id,
                    "description": "x",
                }
            ]
        )
        self._commit()
        self.assertFalse(self.Delivery.search([]))

    # When the receiver fails

    def test_a_failing_receiver_is_tried_again_and_hears_each_once_in_order(self):
        self._make_webhook("registered", "cancelled")
        order = self._make_order()
        order.action_cancel("x")
        self._commit()
        self.receiver.answers = [503, 500]
        start = fields.Datetime.now()
        for minutes in (0, 2, 5, 10, 15):
            with freeze_time(start + timedelta(minutes=minutes)):
                self._send()
        self.assertEqual(
            [told["event"] for told in self._heard()],
            ["registered", "registered", "registered", "cancelled"],
        )
        self.assertEqual(len({told["delivery"] for told in self._heard()}), 2)
        self.assertEqual(set(self.Delivery.search([]).mapped("queue_state")), {"done"})

    def test_another_order_does_not_wait_for_a_refused_call(self):
        webhook = self._make_webhook("registered")
        first, second = self._make_order(), self._make_order()
        self._commit()
        self.receiver.answers = [400]
        with freeze_time(fields.Datetime.now()) as clock:
            self._send()
            self.assertEqual(len(self.receiver.calls), 1)
            self.assertEqual(webhook.failures, 1)
            clock.tick(timedelta(seconds=40))
            self._send()
            numbers = [told["order"]["number"] for told in self._heard()]
            self.assertEqual(numbers, [first.name, second.name])

    def test_what_fails_for_good_is_put_aside_and_can_be_retried(self):
        self._make_webhook("registered", "cancelled")
        order = self._make_order()
        order.action_cancel("x")
        self._commit()
        self.receiver.answers = [410] * 9
        start = fields.Datetime.now()
        for hour in range(30):
            with freeze_time(start + timedelta(hours=7 * hour)):
                self._send()
        states = dict(
            self.Delivery.search([]).mapped(lambda r: (r.kind, r.queue_state))
        )
        self.assertEqual(states, {"registered": "poisoned", "cancelled": "done"})
        poisoned = self.Delivery.search([("queue_state", "=", "poisoned")])
        self.assertIn("410", poisoned.last_error)
        poisoned.with_user(self.manager).action_queue_retry()
        self._send()
        self.assertEqual(poisoned.queue_state, "done")

    def test_redirections_are_not_followed(self):
        self._make_webhook("registered")
        self._make_order()
        self._commit()
        self.receiver.answers = [302]
        self._send()
        self.assertEqual(len(self.receiver.calls), 1)
        self.assertIn("302", self.Delivery.search([]).last_error)

    # Where calls may go

    def test_private_addresses_are_refused_when_entered(self):
        self.env["ir.config_parameter"].set_param(ALLOWED_PARAMETER, "")
        for url in (
            "http://127.0.0.1:8069/",
            "http://localhost/",
            "http://10.0.0.8/x",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "ftp://example.com/",
            "https://user:pw@example.com/",
        ):
            with self.assertRaises(ValidationError, msg=url):
                self._make_webhook(url=url)

    def test_a_name_that_leads_into_the_network_is_refused_when_called(self):
        webhook = self._make_webhook("registered", url="http://innocent.example.com/")
        self._make_order()
        self._commit()
        with patch.object(
            webhook_sender.socket,
            "getaddrinfo",
            lambda host, port, **kw: [(2, 1, 6, "", ("127.0.0.1", port))],
        ):
            self._send()
        self.assertFalse(self.receiver.calls)
        self.assertIn("innocent.example.com", webhook.url)
        self.assertIn("127.0.0.1", self.Delivery.search([]).last_error)

    def test_a_host_that_is_allowed_may_be_private(self):
        self.env["ir.config_parameter"].set_param(ALLOWED_PARAMETER, "erp.local, x")
        self._make_webhook(
            "registered", url=self.receiver.url.replace("127.0.0.1", "erp.local")
        )
        self._make_order()
        self._commit()
        port = self.receiver.server.server_port
        with patch.object(
            webhook_sender.socket,
            "getaddrinfo",
            lambda *args, **kw: [(2, 1, 6, "", ("127.0.0.1", port))],
        ):
            self._send()
        ((headers, __),) = self.receiver.calls
        self.assertEqual(headers["Host"], f"erp.local:{port}")

    def test_an_answer_that_trickles_in_is_ended(self):
        self.patch(webhook_sender, "TOTAL_SECONDS", 1)
        for head in (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n\r\n"):
            server = socket.create_server(("127.0.0.1", 0))
            self.addCleanup(server.close)

            told_all = threading.Event()

            def trickle(server=server, head=head, told_all=told_all):
                caller, __ = server.accept()
                with caller, contextlib.suppress(OSError):
                    caller.sendall(head)
                    for __ in range(300):
                        caller.sendall(b"x")
                        time.sleep(0.2)
                    told_all.set()

            threading.Thread(target=trickle, daemon=True).start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            error = urllib3.exceptions.HTTPError
            with self.subTest(head=head), contextlib.suppress(error):
                webhook_sender.post(url, b"{}", {}, {"*"})
            # Not measured: a busy machine may take long, never till the last byte
            self.assertFalse(told_all.is_set())

    @mute_logger("odoo.addons.service_management.models.mixins.service_queue_mixin")
    def test_nobody_there_is_a_sentence(self):
        self.receiver.close()
        self._make_webhook("registered")
        self._make_order()
        self._commit()
        self._send()
        self.assertIn("cannot be reached", self.Delivery.search([]).last_error)

    # Who may

    def test_webhooks_are_the_managers(self):
        webhook = self._make_webhook("registered")
        self._make_order()
        self._commit()
        records = {
            "webhook": webhook,
            "event": webhook.event_ids,
            "delivery": self.Delivery.search([]),
        }
        check_matrix(
            self,
            records,
            {
                self.manager: {"webhook": "rwcd", "event": "rwcd", "delivery": "rw"},
                self.agent: {},
                self.dispatcher: {},
                self.quality: {},
                self.technician_user: {},
                self.portal_customer: {},
            },
        )
        with self.assertRaises(AccessError):
            webhook.with_user(self.agent).read(["secret"])
        company = self.env["res.company"].create({"name": "Elsewhere"})
        webhook.company_id = company
        self.assertFalse(self.env["service.webhook"].with_user(self.manager).search([]))

    def test_every_event_of_an_order_can_be_wanted(self):
        kinds = dict(self.env["service.webhook.event"]._get_kinds())
        self.assertEqual(
            set(kinds),
            set(self.env["service.order.event"]._fields["kind"].get_values(self.env)),
        )
        self.assertNotIn("ping", kinds)

    def test_the_test_button_sends_a_test(self):
        webhook = self._make_webhook().with_user(self.manager)
        webhook.action_test()
        self._send()
        (told,) = self._heard()
        self.assertEqual((told["event"], told["order"]), ("ping", None))
        old = webhook.secret
        webhook.action_renew_secret()
        self.assertNotEqual(webhook.secret, old)


@tagged("post_install", "-at_install", "service_management_budget")
class TestWebhookBudget(WebhookCommon):
    def test_writing_deliveries_is_flat_in_the_number_of_orders(self):
        self._make_webhook()
        self._make_webhook(name="Another")
        counts = []
        # Up to a hundred rows go into the table by one statement
        for number in (2, 5, 16):
            orders = self.env["service.order"].create(
                [
                    {
                        "partner_id": self.customer.id,
                        "type_id": self.type_repair.id,
                        "description": "x",
                    }
                ]
                * number
            )
            orders.action_register()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env.cr.precommit.run()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
