from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceVisitPlan(models.TransientModel):
    """Book a visit, or move one that is booked."""

    _name = "service.visit.plan"
    _description = "Plan a Visit"

    order_id = fields.Many2one("service.order", required=True, readonly=True)
    visit_id = fields.Many2one("service.visit", readonly=True)
    point_id = fields.Many2one(related="order_id.point_id", related_sudo=False)
    date_preferred = fields.Char(related="order_id.date_preferred", related_sudo=False)
    date_due = fields.Datetime(related="order_id.date_due", related_sudo=False)
    technician_ids = fields.Many2many(
        "service.technician",
        string="Crew",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    start = fields.Datetime(compute="_compute_proposal", store=True, readonly=False)
    duration = fields.Float(
        string="Duration (Hours)",
        compute="_compute_proposal",
        store=True,
        readonly=False,
    )
    preference_note = fields.Char(compute="_compute_preference_note")
    reason = fields.Char(
        help="Needed to break a rule of planning; it is kept in the order's history."
    )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._check_readable()
        return plans

    def write(self, vals):
        result = super().write(vals)
        if {"order_id", "visit_id"} & vals.keys():
            self._check_readable()
        return result

    def _check_readable(self):
        """Whoever may not read the order is proposed no time for it."""
        self.order_id.check_access("read")
        self.visit_id.check_access("read")

    @api.depends("order_id", "visit_id")
    def _compute_proposal(self):
        """The visit as it is, else the first free time of the point."""
        for plan in self:
            visit = plan.visit_id
            plan.duration = plan.order_id.type_id.duration or 1.0
            if visit:
                plan.technician_ids = visit.crew_ids.technician_id
                plan.start = visit.planned_start
                length = visit.planned_end - visit.planned_start
                plan.duration = length.total_seconds() / 3600
                continue
            slots = plan._get_first_slot()
            plan.start = slots[0]["start"] if slots else False
            plan.technician_ids = (
                self.env["service.technician"].browse(slots[0]["technician_id"])
                if slots
                else False
            )

    @api.depends("order_id", "technician_ids")
    def _compute_preference_note(self):
        """What speaks for whom though no rule asks for it."""
        texts = {
            "designated": self.env._("wanted by the customer"),
            "language": self.env._("speaks the customer's language"),
        }
        for plan in self:
            crew = plan.order_id.point_id.technician_ids
            wanted = (
                plan.order_id._get_technician_preferences(crew) if plan.order_id else {}
            )
            notes = []
            for technician in crew.sudo():  # sudo: a point plans with whom it has
                facts = [texts[code] for code in wanted.get(technician.id, ())]
                if facts:
                    notes.append(f"{technician.name}: {', '.join(facts)}")
            plan.preference_note = "; ".join(notes)

    def _get_first_slot(self) -> list:
        """The first free time, if possible of whom the contract or the customer
        names."""
        order, now = self.order_id, fields.Datetime.now()
        if not order:
            return []
        # sudo: service.entitlement: whoever plans follows it without reading contracts
        named = (
            order.sudo().entitlement_id.technician_id & order.point_id.technician_ids
        )
        if not named:
            crew = order.point_id.technician_ids
            wanted = order._get_technician_preferences(crew)
            named = crew.filtered(lambda tech: "designated" in wanted[tech.id])
        slots = order._get_free_slots(now, technicians=named, limit=1) if named else []
        return slots or order._get_free_slots(now, limit=1)

    def action_confirm(self):
        self.ensure_one()
        if not self.start:
            raise UserError(self.env._("Start is missing: choose when to go."))
        if self.duration <= 0:
            raise UserError(self.env._("Duration (Hours): must be above zero."))
        end = self.start + timedelta(hours=self.duration)
        if self.visit_id:
            self.visit_id.action_reschedule(self.start, end, self.reason)
        else:
            self.order_id._plan_visit(self.technician_ids, self.start, end, self.reason)
        return {"type": "ir.actions.act_window_close"}
