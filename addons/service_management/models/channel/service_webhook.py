import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from odoo.addons.service_management.engine.webhook import is_public, split_url

ALLOWED_PARAMETER = "service_management.webhook_private_hosts"
NOTED = "service_management.webhook_events"


class ServiceWebhook(models.Model):
    """Another system that wants to hear what happens to orders.

    What happened is written down for it in the same transaction, so that it hears of
    everything that was committed and of nothing else; see ``service.webhook.delivery``.
    """

    _name = "service.webhook"
    _description = "Webhook"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    url = fields.Char(string="URL", required=True)
    secret = fields.Char(
        required=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(32),
        groups="service_management.group_service_manager",
        help="Both sides know it: the receiver checks the signature of a call with it.",
    )
    event_ids = fields.One2many(
        "service.webhook.event",
        "webhook_id",
        string="Events",
        copy=True,
        help="What the other system hears of. Empty: everything.",
    )
    waiting_count = fields.Integer(string="Waiting", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    # While the receiver does not answer, it is left alone for a time.
    failures = fields.Integer(string="Failures in a Row", readonly=True, copy=False)
    paused_until = fields.Datetime(readonly=True, copy=False)
    last_good_at = fields.Datetime(string="Last Answered", readonly=True, copy=False)

    def _compute_counts(self):
        groups = self.env["service.webhook.delivery"]._read_group(
            [
                ("webhook_id", "in", self.ids),
                ("queue_state", "in", ("pending", "poisoned")),
            ],
            ["webhook_id", "queue_state"],
            ["__count"],
        )
        counts = {(webhook.id, state): count for webhook, state, count in groups}
        for webhook in self:
            webhook.waiting_count = counts.get((webhook.id, "pending"), 0)
            webhook.failed_count = counts.get((webhook.id, "poisoned"), 0)

    @api.constrains("url")
    def _check_url(self):
        allowed = self._get_allowed_hosts()
        for webhook in self:
            try:
                __, host, __ = split_url(webhook.url)
            except ValueError as error:
                texts = {
                    "not_a_url": self.env._(
                        "The URL must begin with https:// or http://."
                    ),
                    "with_password": self.env._(
                        "The URL must not hold a password: calls are signed."
                    ),
                }
                raise ValidationError(texts[str(error)]) from error
            is_address = host.replace(".", "").isdigit() or ":" in host
            is_private = host == "localhost" or (is_address and not is_public(host))
            if is_private and not {"*", host} & allowed:
                raise ValidationError(self._explain_private(host))

    @api.model
    def _explain_private(self, host):
        return self.env._(
            "%(host)s is in the network behind this server. An administrator can allow "
            "the host in the system parameter %(parameter)s.",
            host=host,
            parameter=ALLOWED_PARAMETER,
        )

    @api.model
    def _get_allowed_hosts(self) -> set[str]:
        # sudo: ir.config_parameter: which hosts are allowed is for the check alone
        value = self.env["ir.config_parameter"].sudo().get_param(ALLOWED_PARAMETER, "")
        return {host.strip().lower() for host in value.split(",") if host.strip()}

    @api.model_create_multi
    def create(self, vals_list):
        webhooks = super().create(vals_list)
        self.env.registry.clear_cache()
        return webhooks

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # What it has become is theirs too, or they would hear of another company
            self.check_access("write")
        if {"active", "company_id", "event_ids"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # Buttons

    def action_test(self):
        """Queue a call that means nothing, to see whether it arrives."""
        self.check_access("write")
        # sudo: service.webhook.delivery: made by what happens, and by this button
        deliveries = self.env["service.webhook.delivery"].sudo()
        deliveries.create([{"webhook_id": rec.id, "kind": "ping"} for rec in self])
        return self.action_view_deliveries()

    def action_renew_secret(self):
        for webhook in self:
            webhook.secret = secrets.token_urlsafe(32)
        return True

    def action_view_deliveries(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_webhook_delivery"
        )
        return action | {"domain": [("webhook_id", "in", self.ids)], "context": {}}

    # What happened

    @api.model
    @ormcache()
    def _get_subscriptions(self) -> dict:
        """``{company: {webhook: kinds}}`` of the active ones; no kinds: all."""
        found = {}
        for webhook in self.sudo().search([("active", "=", True)]):
            kinds = frozenset(webhook.event_ids.mapped("kind"))
            found.setdefault(webhook.company_id.id, {})[webhook.id] = kinds
        return found

    @api.model
    def _note_events(self, events):
        """Remember events until the transaction is committed: then the order is what
        it has become, and one statement writes all deliveries."""
        if not self._get_subscriptions():
            return
        precommit = self.env.cr.precommit
        noted = precommit.data.get(NOTED)
        if noted is None:
            noted = precommit.data[NOTED] = []
            precommit.add(self._write_deliveries)
        noted.extend(events.ids)

    def _write_deliveries(self):
        ids = self.env.cr.precommit.data.pop(NOTED, [])
        # sudo: service.order.event, service.webhook.delivery: written for the other
        # system whoever acted; what it may hear is the delivery's to decide.
        # Of what a savepoint has undone nothing is left.
        worker = self.sudo().with_context(lang=None, allowed_company_ids=[])
        events = worker.env["service.order.event"].browse(ids).exists()
        subscriptions = self._get_subscriptions()
        worker.env["service.webhook.delivery"].create(
            [
                {
                    "webhook_id": webhook_id,
                    "kind": event.kind,
                    "event_id": event.id,
                    "order_id": event.order_id.id,
                }
                for event in events
                for webhook_id, kinds in subscriptions.get(
                    event.order_id.company_id.id, {}
                ).items()
                if not kinds or event.kind in kinds
            ]
        )
        worker.env.flush_all()


class ServiceWebhookEvent(models.Model):
    """One kind of event that a webhook wants to hear of."""

    _name = "service.webhook.event"
    _description = "Webhook Event"
    _order = "kind"
    _rec_name = "kind"

    webhook_id = fields.Many2one(
        "service.webhook", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(selection="_get_kinds", required=True)

    _kind_uniq = models.Constraint(
        "UNIQUE (webhook_id, kind)", "This event is in the list already."
    )

    @api.model
    def _get_kinds(self):
        field = self.env["service.order.event"]._fields["kind"]
        return field._description_selection(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
