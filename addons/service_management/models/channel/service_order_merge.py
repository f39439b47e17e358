from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

# Work that somebody has begun is not undone by merging.
MERGEABLE_STATES = ("draft", "new", "offered", "accepted", "scheduled")
# What the order that stays takes over where it does not know itself.
FILLED_FIELDS = (
    "partner_id",
    "requester_id",
    "phone",
    "email",
    "site_id",
    "type_id",
    "asset_id",
    "product_id",
    "category_id",
    "symptom_id",
    "condition_id",
    "date_preferred",
)


class ServiceOrder(models.Model):
    """Requests that came in twice become one; nothing of either is lost."""

    _inherit = "service.order"

    merged_into_id = fields.Many2one(
        "service.order",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    merged_ids = fields.One2many("service.order", "merged_into_id")

    def action_open_merge(self):
        """The orders in ``self``, or the likely duplicates of the only one."""
        self.check_access("write")
        others = self
        if len(self) == 1:
            matches = self._find_duplicates()[self]
            others |= self.browse([match.id for match in matches])
        if len(others) < 2:
            raise UserError(
                self.env._(
                    "No open order looks like the same request. Choose the orders in a "
                    "list to merge them all the same."
                )
            )
        wizard = self.env["service.order.merge"]._prepare(others)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Requests"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _merge_into(self, survivor):
        """The orders in ``self`` become part of ``survivor``.

        - Messages, attachments, activities, followers, calls, mails and follow-up
          orders move; what the survivor does not know it takes over.
        - Each is cancelled in the usual way, which frees what it holds; its events
          stay with it, and both sides have an event about the other.
        - A request that is sent again with the key of one of them finds the survivor.
        """
        self._check_mergeable(survivor)
        survivor._take_over(self)
        for order in self:
            survivor.message_post(body=order._describe_merged())
        self._move_related(survivor)
        names = ", ".join(self.mapped("display_name"))
        reason = self.env._("Merged into %s", survivor.display_name)
        self._log_event("merged", name=reason, data={"into": survivor.id})
        survivor._log_event("merged", name=names, data={"orders": self.ids})
        self.action_cancel(reason)
        # sudo: service.order: set by merging alone
        (self | self.sudo().merged_ids).sudo().merged_into_id = survivor
        self._end_proposals(survivor)
        return True

    def _check_mergeable(self, survivor):
        orders = self | survivor
        orders.check_access("write")
        if survivor in self or not self:
            raise UserError(self.env._("Choose the order that stays, and others."))
        if survivor.state in FINISHED_STATES:
            survivor._check_not_state(FINISHED_STATES)
        for order in self:
            if order.state not in MERGEABLE_STATES:
                raise UserError(
                    self.env._(
                        "%(order)s is in the stage '%(stage)s': somebody works on it. "
                        "Keep this one and merge the others into it.",
                        order=order.display_name,
                        stage=order.stage_id.name,
                    )
                )
        if len(orders.company_id) > 1:
            raise UserError(self.env._("Orders of two companies cannot be merged."))
        customers = orders.commercial_partner_id
        if len(customers) > 1:
            raise UserError(
                self.env._(
                    "These are orders of %(customers)s: one customer would read the "
                    "messages of the other.",
                    customers=", ".join(customers.mapped("display_name")),
                )
            )

    def _take_over(self, others):
        vals = {}
        for name in FILLED_FIELDS:
            value = next((order[name] for order in others if order[name]), False)
            if value and not self[name]:
                is_record = isinstance(value, models.BaseModel)
                vals[name] = value.id if is_record else value
        notes = [
            order.internal_note for order in (self, *others) if order.internal_note
        ]
        if len(notes) > (1 if self.internal_note else 0):
            vals["internal_note"] = "\n\n".join(notes)
        if not self.description:
            vals["description"] = next(
                (order.description for order in others if order.description), False
            )
        priority = max(order.priority for order in (self, *others))
        if priority != self.priority:
            vals["priority"] = priority
        if vals:
            self.write(vals)

    def _describe_merged(self) -> Markup:
        channel = dict(self._fields["channel"]._description_selection(self.env))
        return Markup("<p>%s</p><p>%s</p>") % (
            self.env._(
                "%(order)s (%(channel)s, %(date)s) was merged into this order:",
                order=self.display_name,
                channel=channel[self.channel],
                date=format_datetime(self.env, self.date_request),
            ),
            self.description or "",
        )

    def _move_related(self, survivor):
        # sudo: mail.message, ir.attachment, mail.activity, service.call: whoever may
        # merge the orders moves all that hangs on them, also what others wrote
        for model, thread_field, id_field in (
            ("mail.message", "model", "res_id"),
            ("ir.attachment", "res_model", "res_id"),
            ("mail.activity", "res_model", "res_id"),
        ):
            self.env[model].sudo().search(
                [(thread_field, "=", self._name), (id_field, "in", self.ids)]
            ).write({id_field: survivor.id})
        survivor.message_subscribe(partner_ids=self.message_partner_ids.ids)
        for model, field in self._get_moved_relations():
            self.env[model].sudo().search([(field, "in", self.ids)]).write(
                {field: survivor.id}
            )
        # What points at an order by model and id is not followed by the cache
        (self | survivor).invalidate_recordset()

    @api.model
    def _get_moved_relations(self) -> list[tuple[str, str]]:
        """Hook: ``(model, field)`` of what points at an order and moves with it."""
        return [
            ("service.call", "order_id"),
            ("service.inbox.message", "order_id"),
            ("service.request.import.line", "order_id"),
            ("service.order", "parent_id"),
        ]

    def _end_proposals(self, survivor):
        # sudo: service.order.duplicate: proposals end with the merging
        pairs = (
            self.env["service.order.duplicate"]
            .sudo()
            .search(
                [
                    ("state", "=", "proposed"),
                    "|",
                    ("order_id", "in", self.ids),
                    ("other_id", "in", self.ids),
                ]
            )
        )
        both = self | survivor
        merged = pairs.filtered(
            lambda rec: rec.order_id in both and rec.other_id in both
        )
        merged.state = "merged"
        (pairs - merged).state = "over"

    # What is sent again, or answered, after merging

    def _map_by_source(self, orders) -> dict:
        return {
            key: order.merged_into_id or order
            for key, order in super()._map_by_source(orders).items()
        }

    @api.model
    def _find_by_mail_reference(self, texts, address=""):
        order, is_signed = super()._find_by_mail_reference(texts, address)
        # sudo: service.order: where a merged order went is not a secret of the order
        return order.sudo().merged_into_id.sudo(self.env.su) or order, is_signed
