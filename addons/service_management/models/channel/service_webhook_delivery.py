import json
import time
import uuid
from datetime import timedelta

import urllib3

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine.webhook import sign

from .webhook_sender import RefusedAddress, post

KEPT_DAYS = 30
# A receiver that does not answer is left alone: so long at most.
MAX_PAUSE = timedelta(minutes=30)
AGENT = "service-management-webhook/1"


class ServiceWebhookDelivery(models.Model):
    """One call to another system about one event: the outbox.

    - Written in the transaction of the event: what was rolled back is never told.
    - Sent at least once, always with the same ``delivery`` identity and body; the
      receiver leaves aside what it knows.
    - The calls about one order arrive in the order of its events: a later one waits
      while an earlier one is being tried again. One that has failed for good is put
      aside for a person and holds up no other.
    - The body is made of ``_prepare_body`` alone: neither prices nor notes are in it.
    """

    _name = "service.webhook.delivery"
    _description = "Webhook Delivery"
    _inherit = ["service.queue.mixin"]
    _order = "id desc"
    _rec_name = "uid"

    # Effects outside of the database: one at a time, committed by itself
    _queue_cron = "service_management.cron_service_webhook"
    _queue_batch_size = 1
    _queue_max_tries = 9
    _queue_delays = (1, 2, 5, 15, 30, 60, 120, 360)

    webhook_id = fields.Many2one(
        "service.webhook", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="webhook_id.company_id", store=True, precompute=True, index=True
    )
    uid = fields.Char(
        string="Delivery ID",
        required=True,
        readonly=True,
        default=lambda self: str(uuid.uuid4()),
    )
    kind = fields.Selection(
        selection="_get_kinds", string="Event", required=True, readonly=True
    )
    order_id = fields.Many2one(
        "service.order", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    event_id = fields.Many2one(
        "service.order.event",
        string="Order Event",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    body = fields.Text(
        compute="_compute_body",
        store=True,
        precompute=True,
        help="What is sent, as it was when it happened.",
    )
    status = fields.Integer(string="Response", readonly=True, aggregator=None)
    answer = fields.Text(string="Text of the Answer", readonly=True)

    _uid_uniq = models.Constraint("UNIQUE (uid)", "This delivery is known already.")
    _order_idx = models.Index(
        "(webhook_id, order_id, id) WHERE queue_state = 'pending'"
    )

    @api.model
    def _get_kinds(self):
        kinds = self.env["service.webhook.event"]._get_kinds()
        return [*kinds, ("ping", self.env._("Test"))]

    @api.depends("event_id", "kind", "uid")
    def _compute_body(self):
        for delivery in self:
            delivery.body = json.dumps(
                delivery._prepare_body(), ensure_ascii=False, separators=(",", ":")
            )

    def _prepare_body(self) -> dict:
        """What the other system hears; nothing else ever leaves."""
        event = self.event_id
        return {
            "delivery": self.uid,
            "event": self.kind,
            "date": _iso(event.date or fields.Datetime.now()),
            "text": event.name if event.is_public and event.name else None,
            "order": self._prepare_order_body() if self.order_id else None,
        }

    def _prepare_order_body(self) -> dict:
        order = self.order_id
        is_api = order.channel == "api" and order.source_key
        return {
            "id": order.id,
            "number": order.name,
            # As the other system called it: our prefix names the user of the key
            "key": order.source_key.partition(":")[2] if is_api else None,
            "channel": order.channel,
            "type": order.type_id.code or None,
            "state": order.state,
            "stage": order.stage_id.name,
            "priority": order.priority,
            "customer_ref": order.commercial_partner_id.ref or None,
            "serial": order.asset_id.serial or None,
            "symptom": order.symptom_id.code or None,
            "point": order.point_id.name or None,
            "outcome": order.outcome or None,
            **{
                name: _iso(order[name])
                for name in ("date_request", "date_due", "date_done", "date_closed")
            },
        }

    # The queue

    @api.model
    def _queue_due_domain(self):
        """Not what waits for a receiver that is left alone, or that is archived."""
        now = fields.Datetime.now()
        return (
            super()._queue_due_domain()
            & Domain("webhook_id.active", "=", True)
            & (
                Domain("webhook_id.paused_until", "=", False)
                | Domain("webhook_id.paused_until", "<=", now)
            )
        )

    def _queue_process(self):
        self.ensure_one()
        webhook = self.webhook_id
        now = fields.Datetime.now()
        earlier = self._find_earlier()
        if earlier:
            return max(earlier.next_try_at, now)
        status, answer = self._send()
        self.write({"status": status, "answer": answer})
        if not 200 <= status < 300:
            raise UserError(
                self.env._(
                    "The receiver answered %(status)s: %(answer)s",
                    status=status,
                    answer=answer.strip() or "-",
                )
            )
        webhook.write({"failures": 0, "paused_until": False, "last_good_at": now})
        return None

    def _find_earlier(self):
        """An earlier call about the same order that is still to be made."""
        if not self.order_id:
            return self.browse()
        return self.search(
            [
                ("webhook_id", "=", self.webhook_id.id),
                ("order_id", "=", self.order_id.id),
                ("queue_state", "=", "pending"),
                ("id", "<", self.id),
            ],
            limit=1,
        )

    def _send(self) -> tuple[int, str]:
        webhook = self.webhook_id
        body = self.body.encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": AGENT,
            "X-Service-Event": self.kind,
            "X-Service-Delivery": self.uid,
            "X-Service-Signature": sign(webhook.secret, int(time.time()), body),
        }
        try:
            return post(webhook.url, body, headers, webhook._get_allowed_hosts())
        except RefusedAddress as error:
            raise UserError(webhook._explain_private(str(error))) from error
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise UserError(
                self.env._("The receiver cannot be reached: %s", str(error)[:300])
            ) from error

    def _queue_fail(self, sentence):
        """As ever; and the receiver is left alone for a time."""
        webhook = self.webhook_id
        failures = webhook.failures + 1
        pause = min(timedelta(seconds=10 * 2 ** min(failures, 10)), MAX_PAUSE)
        webhook.write(
            {"failures": failures, "paused_until": fields.Datetime.now() + pause}
        )
        return super()._queue_fail(sentence)

    def action_queue_retry(self):
        """Try again at once, whatever the receiver did before."""
        self.check_access("write")
        self.webhook_id.write({"paused_until": False})
        return super().action_queue_retry()

    @api.autovacuum
    def _gc_done(self):
        """What arrived is kept for a month."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search(
            [("queue_state", "=", "done"), ("done_at", "<", limit)], limit=10_000
        ).unlink()


def _iso(moment) -> str | None:
    return f"{moment.isoformat(timespec='seconds')}Z" if moment else None
