from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceOrderDispatch(models.TransientModel):
    """Who could serve an order now: every candidate, chosen or refused, and why."""

    _name = "service.order.dispatch"
    _description = "Choose a Service Point"

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    area_id = fields.Many2one(related="order_id.area_id")
    type_id = fields.Many2one(related="order_id.type_id")
    category_id = fields.Many2one(related="order_id.category_id")
    line_ids = fields.One2many(
        "service.order.dispatch.line",
        "dispatch_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    other_point_id = fields.Many2one(
        "service.point",
        string="Another Point",
        domain="[('state', 'in', ('probation', 'active', 'suspended')),"
        " ('company_id', '=', company_id)]",
        help="A service point that no row of coverage brings here.",
    )
    company_id = fields.Many2one(related="order_id.company_id")
    reason = fields.Char(
        help="Needed to choose a point that a rule refuses; it is kept in the order's "
        "history."
    )

    @api.depends("order_id")
    def _compute_line_ids(self):
        for wizard in self:
            decision = wizard.order_id._rank_candidates().get(wizard.order_id.id)
            wizard.line_ids = [
                fields.Command.create(wizard._prepare_line(decision, ranked))
                for ranked in (decision.ranked if decision else ())
            ]

    def _prepare_line(self, decision, ranked) -> dict:
        return {
            "point_id": ranked.candidate.key,
            "rank": ranked.rank or 0,
            "is_eligible": ranked.eligible,
            "cost": ranked.cost or 0.0,
            "reasons": self.order_id._add_reason_texts(
                decision.reasons_as_json(ranked)
            ),
        }

    def action_add_point(self):
        """List the other point with what speaks against it: it may be chosen then like
        any that was refused."""
        self.ensure_one()
        point = self.other_point_id
        if point and point not in self.line_ids.point_id:
            decision = self.order_id._rank_candidates()[self.order_id.id]
            ranked = decision.find(point.id)
            self.line_ids = [
                fields.Command.create(self._prepare_line(decision, ranked))
            ]
        self.other_point_id = False
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Choose a Service Point"),
            "view_mode": "form",
            "target": "new",
        }

    def action_offer_pool(self):
        self.ensure_one()
        self.order_id.action_offer_pool()
        return {"type": "ir.actions.act_window_close"}


class ServiceOrderDispatchLine(models.TransientModel):
    _name = "service.order.dispatch.line"
    _description = "Candidate"
    _order = "is_eligible desc, rank, id"

    dispatch_id = fields.Many2one(
        "service.order.dispatch", required=True, ondelete="cascade"
    )
    point_id = fields.Many2one("service.point", required=True, readonly=True)
    rank = fields.Integer(readonly=True)
    is_eligible = fields.Boolean(readonly=True)
    cost = fields.Float(readonly=True, digits=(8, 3))
    reasons = fields.Json(readonly=True)
    satisfaction = fields.Float(related="point_id.satisfaction")

    def action_offer(self):
        self.ensure_one()
        self._check_reason()
        self.dispatch_id.order_id._offer_to(self.point_id, self.dispatch_id.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_assign(self):
        self.ensure_one()
        self._check_reason()
        self.dispatch_id.order_id.action_assign(
            self.point_id.id, self.dispatch_id.reason
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_reason(self):
        if not self.is_eligible and not self.dispatch_id.reason:
            raise UserError(
                self.env._(
                    "%(point)s was refused. Write the reason above to choose it all "
                    "the same.",
                    point=self.point_id.display_name,
                )
            )
