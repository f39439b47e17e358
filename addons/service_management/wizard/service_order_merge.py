from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.service_management.models.channel.service_order_merge import (
    MERGEABLE_STATES,
)


class ServiceOrderMerge(models.TransientModel):
    """Which of several orders stays, and which become part of it."""

    _name = "service.order.merge"
    _description = "Merge Requests"

    survivor_id = fields.Many2one(
        "service.order",
        string="Order That Stays",
        required=True,
        domain="[('id', 'in', order_ids)]",
    )
    order_ids = fields.Many2many("service.order", compute="_compute_order_ids")
    line_ids = fields.One2many("service.order.merge.line", "wizard_id")

    @api.depends("line_ids.order_id")
    def _compute_order_ids(self):
        for wizard in self:
            wizard.order_ids = wizard.line_ids.order_id

    @api.model
    def _prepare(self, orders):
        """Of the orders, the one that is furthest on stays, of equals the oldest."""
        rank = {state: number for number, state in enumerate(MERGEABLE_STATES)}
        survivor = min(
            orders, key=lambda rec: (-rank.get(rec.state, len(rank)), rec.id)
        )
        matches = {match.id: match for match in survivor._find_duplicates()[survivor]}
        explain = self.env["service.order.duplicate"]
        lines = []
        for order in orders.sorted("id"):
            match = matches.get(order.id)
            reasons = explain._prepare_vals(match)["reasons"] if match else ()
            lines.append(
                Command.create(
                    {
                        "order_id": order.id,
                        "is_taken": True,
                        "score": match.score if match else 0,
                        "why": explain._explain(reasons),
                    }
                )
            )
        return self.create([{"survivor_id": survivor.id, "line_ids": lines}])

    def action_merge(self):
        self.ensure_one()
        taken = self.line_ids.filtered("is_taken").order_id - self.survivor_id
        if not taken:
            raise UserError(self.env._("Choose at least one order to merge."))
        taken._merge_into(self.survivor_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.survivor_id.id,
            "views": [[False, "form"]],
        }


class ServiceOrderMergeLine(models.TransientModel):
    _name = "service.order.merge.line"
    _description = "Order to Merge"
    _order = "order_id"

    wizard_id = fields.Many2one(
        "service.order.merge", required=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one("service.order", required=True)
    is_taken = fields.Boolean(string="Merge")
    score = fields.Integer(string="Of 100", readonly=True)
    why = fields.Char(readonly=True)
    channel = fields.Selection(related="order_id.channel", related_sudo=False)
    partner_id = fields.Many2one(related="order_id.partner_id", related_sudo=False)
    date_request = fields.Datetime(related="order_id.date_request", related_sudo=False)
    request = fields.Char(compute="_compute_request")
    stage_id = fields.Many2one(related="order_id.stage_id", related_sudo=False)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id.check_access("read")
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "order_id" in vals:
            self.order_id.check_access("read")
        return result

    @api.depends("order_id.description")
    def _compute_request(self):
        for line in self:
            line.request = " ".join((line.order_id.description or "").split())
