from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


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
    slot_ids = fields.One2many(
        "service.visit.plan.slot", "plan_id", string="Best Times", readonly=True
    )
    obstacle = fields.Char(readonly=True)
    reason = fields.Char(
        help="Needed to break a rule of planning; it is kept in the order's history."
    )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._check_readable()
        for plan in plans.filtered("order_id"):
            slots, plan.obstacle = plan.order_id._search_slots()
            plan.slot_ids = [
                Command.create(
                    {
                        "technician_id": slot["technician_id"],
                        "technician_ids": [Command.set(slot["technician_ids"])],
                        "start": slot["start"],
                        "end": slot["end"],
                        "travel_minutes": slot["travel_minutes"],
                        "why": "; ".join(
                            reason["text"]
                            + (f" {reason['value']}" if reason["value"] else "")
                            for reason in slot["reasons"]
                        ),
                    }
                )
                for slot in slots
            ]
        return plans

    def onchange(self, values, field_names, fields_spec):
        """What is filled in is told about only to who may read it."""
        for name, model in (
            ("order_id", "service.order"),
            ("visit_id", "service.visit"),
        ):
            if values.get(name):
                self.env[model].browse(values[name]).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    def write(self, vals):
        result = super().write(vals)
        if {"order_id", "visit_id"} & vals.keys():
            self._check_readable()
        return result

    def _check_readable(self):
        """Whoever may not read the order is proposed no time for it."""
        self.order_id.check_access("read")
        self.visit_id.check_access("read")

    @api.depends("order_id", "visit_id", "slot_ids")
    def _compute_proposal(self):
        """The visit as it is, else the best of the times that were found."""
        for plan in self:
            visit = plan.visit_id
            plan.duration = plan.order_id.type_id.duration or 1.0
            if visit:
                plan.technician_ids = visit.crew_ids.technician_id
                plan.start = visit.planned_start
                length = visit.planned_end - visit.planned_start
                plan.duration = length.total_seconds() / 3600
                continue
            first = plan.slot_ids[:1]
            if first or not plan.order_id:
                plan.start = first.start
                plan.technician_ids = first.technician_ids
                continue
            slots = plan.order_id._find_slots(count=1)
            plan.start = slots[0]["start"] if slots else False
            plan.technician_ids = (
                self.env["service.technician"].browse(slots[0]["technician_ids"])
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

    def _get_action(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "name": self.env._("Plan a Visit"),
            "view_mode": "form",
            "target": "new",
        }

    def action_confirm(self):
        self.ensure_one()
        if not self.start:
            raise UserError(self.env._("Start is missing: choose when to go."))
        if self.duration <= 0:
            raise UserError(self.env._("Duration (Hours): must be above zero."))
        end = self.start + timedelta(hours=self.duration)
        if (
            self.visit_id
            and self.technician_ids != self.visit_id.crew_ids.technician_id
        ):
            self.visit_id._replan(self.technician_ids, self.start, end, self.reason)
        elif self.visit_id:
            self.visit_id.action_reschedule(self.start, end, self.reason)
        else:
            self.order_id._plan_visit(self.technician_ids, self.start, end, self.reason)
        return {"type": "ir.actions.act_window_close"}


class ServiceVisitPlanSlot(models.TransientModel):
    """A time that was found for the visit, without moving anybody else."""

    _name = "service.visit.plan.slot"
    _description = "Proposed Time"
    _order = "id"
    _rec_name = "start"

    plan_id = fields.Many2one("service.visit.plan", required=True, ondelete="cascade")
    technician_id = fields.Many2one("service.technician", required=True)
    technician_ids = fields.Many2many("service.technician", string="Crew")
    start = fields.Datetime(required=True)
    end = fields.Datetime(required=True)
    travel_minutes = fields.Integer(string="Travel (Minutes)")
    why = fields.Char()

    def action_choose(self):
        """Fill in the time; it is booked with the dialog's own button."""
        self.ensure_one()
        plan = self.plan_id
        plan.check_access("write")
        length = (self.end - self.start).total_seconds() / 3600
        plan.write(
            {
                "technician_ids": [Command.set(self.technician_ids.ids)],
                "start": self.start,
                "duration": length,
            }
        )
        return plan._get_action()
