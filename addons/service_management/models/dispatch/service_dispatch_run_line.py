from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

LINE_STATES = [
    ("proposed", "Proposed"),
    ("kept", "Stays"),
    ("unserved", "Not Served"),
    ("applied", "Applied"),
    ("refused", "Refused"),
]
# What a dispatcher may change in a proposal.
EDITABLE = {"is_accepted", "is_locked", "point_id"}


class ServiceDispatchRunLine(models.Model):
    """What a batch dispatch proposes for one order, and why."""

    _name = "service.dispatch.run.line"
    _description = "Proposal of a Batch Dispatch"
    _order = "run_id desc, priority desc, id"
    _rec_name = "order_id"

    run_id = fields.Many2one(
        "service.dispatch.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="run_id.company_id", store=True, precompute=True, index=True
    )
    run_state = fields.Selection(related="run_id.state", string="State of the Batch")
    order_id = fields.Many2one(
        "service.order", required=True, index=True, readonly=True, ondelete="cascade"
    )
    type_id = fields.Many2one(related="order_id.type_id")
    area_id = fields.Many2one(related="order_id.area_id")
    priority = fields.Selection(related="order_id.priority", store=True)
    date_due = fields.Datetime(related="order_id.date_due")
    state = fields.Selection(LINE_STATES, required=True, readonly=True)
    point_now_id = fields.Many2one(
        "service.point",
        readonly=True,
        help="The service point whose offer waits for an answer.",
    )
    point_id = fields.Many2one(
        "service.point",
        string="Proposed Point",
        domain="[('id', 'in', candidate_ids)]",
        help="Choose another candidate to lock the order to it, then compute again.",
    )
    candidate_ids = fields.Many2many(
        "service.point", compute="_compute_candidate_ids", string="Possible Points"
    )
    greedy_point_id = fields.Many2one(
        "service.point",
        string="Point One by One",
        readonly=True,
        help="Who would have it if points were chosen for one order after the other.",
    )
    is_accepted = fields.Boolean(
        string="Agreed", help="Only ticked rows become offers."
    )
    is_locked = fields.Boolean(
        string="Locked", help="Stays with this point when it is computed again."
    )
    is_other = fields.Boolean(
        compute="_compute_is_other",
        store=True,
        help="Another point than choosing one by one would have taken.",
    )
    cost = fields.Float(readonly=True, digits=(8, 2))
    greedy_cost = fields.Float(string="Cost One by One", readonly=True, digits=(8, 2))
    slot_price = fields.Float(
        string="Slot Is Worth",
        readonly=True,
        digits=(8, 2),
        help="What one more slot of the proposed point would save in this batch.",
    )
    why_data = fields.Json(readonly=True)
    why = fields.Char(compute="_compute_why")
    reason_data = fields.Json(readonly=True, prefetch=False)
    reasons = fields.Json(compute="_compute_reasons")
    candidate_data = fields.Json(readonly=True, prefetch=False)
    candidates = fields.Json(
        compute="_compute_reasons", help="The best candidates and the first refused."
    )
    error = fields.Char(string="Why Refused", readonly=True)

    @api.depends("candidate_data")
    def _compute_candidate_ids(self):
        for line in self:
            line.candidate_ids = [
                candidate["point_id"]
                for candidate in line.candidate_data or ()
                if candidate.get("rank")
            ]

    @api.depends("point_id", "greedy_point_id")
    def _compute_is_other(self):
        for line in self:
            line.is_other = line.point_id != line.greedy_point_id

    @api.depends("reason_data", "candidate_data")
    @api.depends_context("lang")
    def _compute_reasons(self):
        order = self.env["service.order"]
        for line in self:
            line.reasons = order._add_reason_texts(line.reason_data)
            line.candidates = [
                {**candidate, "reasons": order._add_reason_texts(candidate["reasons"])}
                if "reasons" in candidate
                else candidate
                for candidate in line.candidate_data or ()
            ]

    @api.depends("why_data", "error")
    @api.depends_context("lang")
    def _compute_why(self):
        for line in self:
            line.why = line.error or line._describe(line.why_data or {})

    def _describe(self, data) -> str:
        """One sentence for a person, in the reader's language."""
        code = data.get("code")
        if code == "first":
            return self.env._("The best point for this order.")
        if code == "locked":
            return self.env._("Locked by the dispatcher.")
        if code == "kept":
            return self.env._("A change would not be worth it.")
        if code == "other":
            return self.env._(
                "%(point)s would cost %(less).2f less, but its slots are worth "
                "%(price).2f to other orders.",
                point=data["point"],
                less=data["less"],
                price=data["price"],
            )
        if code == "full":
            return self.env._(
                "Every point that could have it is needed for orders that matter more."
            )
        if code == "nobody":
            labels = self.env["service.order"]._get_reason_labels()
            return self.env._(
                "No point may have it: %(why)s.",
                why="; ".join(
                    f"{labels.get(name, name)} ({count})"
                    for name, count in data["refused"].items()
                ),
            )
        if code == "uncovered":
            return self.env._("No service point covers the area of the site.")
        return ""

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - EDITABLE:
                raise AccessError(
                    self.env._("The result of a batch dispatch is not changed by hand.")
                )
            self._check_open()
        if "point_id" in vals and not self.env.su:
            self._check_candidate(vals["point_id"])
            vals = {**vals, "is_locked": True, "is_accepted": True}
            result = super().write(vals)
            # sudo: service.dispatch.run.line: follows from the choice
            self.sudo().write({"state": "proposed", "why_data": {"code": "locked"}})
            return result
        return super().write(vals)

    def _check_open(self):
        for line in self:
            # sudo: service.dispatch.run: whether the proposal is open
            if line.sudo().run_id.state != "proposed" or line.state in (
                "applied",
                "refused",
            ):
                raise UserError(
                    self.env._(
                        "%(order)s was dealt with already.", order=line.order_id.name
                    )
                )

    def _check_candidate(self, point_id):
        for line in self:
            if point_id not in line.candidate_ids.ids:
                raise UserError(
                    self.env._(
                        "%(order)s cannot go there in a batch: choose one of its "
                        "candidates, or assign it by hand with a reason.",
                        order=line.order_id.name,
                    )
                )

    def action_toggle_lock(self):
        for line in self:
            line.is_locked = not line.is_locked
        return True

    def action_apply(self):
        """Apply this row only."""
        self.run_id._check_dispatcher()
        self.check_access("write")
        self._check_open()
        # sudo: service.dispatch.run.line: a dispatcher was checked for
        self.sudo().run_id._apply(self.sudo())
        return True

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
