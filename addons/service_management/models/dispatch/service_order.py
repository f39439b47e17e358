from datetime import datetime
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.service_management.models.base.turns import wait_in_line
from odoo.addons.service_management.models.order.service_order import URGENT

DISPATCHABLE_STATES = ("new", "offered")
PLANNABLE_STATES = ("accepted", "scheduled", "in_progress")


class VisitPlan(NamedTuple):
    """A visit to be: who goes to which order, from when to when (UTC)."""

    order: models.Model
    technicians: models.Model
    start: datetime
    end: datetime


class ServiceOrder(models.Model):
    """How an order finds its service point and its visits."""

    _inherit = "service.order"

    offer_ids = fields.One2many("service.offer", "order_id", copy=False)
    visit_ids = fields.One2many("service.visit", "order_id", copy=False)
    technician_id = fields.Many2one(
        "service.technician",
        compute="_compute_visit_summary",
        store=True,
        index="btree_not_null",
    )
    planned_start = fields.Datetime(
        string="Visit On", compute="_compute_visit_summary", store=True
    )
    offer_count = fields.Integer(compute="_compute_dispatch_counts")
    visit_count = fields.Integer(compute="_compute_dispatch_counts")

    @api.depends(
        "visit_ids.is_blocking", "visit_ids.planned_start", "visit_ids.crew_ids"
    )
    def _compute_visit_summary(self):
        for order in self:
            last = order.visit_ids.filtered("is_blocking").sorted("planned_start")[-1:]
            order.technician_id = last.technician_id
            order.planned_start = last.planned_start

    @api.depends("offer_ids", "visit_ids")
    def _compute_dispatch_counts(self):
        # Technicians see visits and not to whom else the order was offered
        sees_offers = self.env["service.offer"].has_access("read")
        sees_visits = self.env["service.visit"].has_access("read")
        for order in self:
            order.offer_count = len(order.offer_ids) if sees_offers else 0
            order.visit_count = len(order.visit_ids) if sees_visits else 0

    # Offers

    def action_dispatch(self):
        """Offer the orders to their best candidates."""
        self._check_dispatcher()
        self._check_state(("new",))
        self._check_signal("offered")
        self._dispatch()
        return True

    def action_open_dispatch(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order.dispatch",
            "name": self.env._("Choose a Service Point"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _dispatch(self):
        """Offer each order to the cheapest candidate that has not refused it yet.

        Where the service type says so, all candidates that could do it are asked at
        once and the first to accept has it.
        """
        decisions = self._rank_candidates(take_capacity=True)
        choices = []
        for order in self:
            decision = decisions[order.id]
            if decision.best:
                choices += [
                    (order, decision, ranked)
                    for ranked in order._get_offer_choices(decision)
                ]
            else:
                order._log_event("unserved", data=decision.as_json())
        return self._send_offers(choices, is_pool=None)

    def _offer_to(self, point, reason=None):
        """Offer to a point that a dispatcher chose instead of the first in rank."""
        self.ensure_one()
        self._check_dispatcher()
        self._check_state(DISPATCHABLE_STATES)
        decision = self._rank_candidates()[self.id]
        ranked = self._check_choice(decision, point, reason)
        before = self.offer_ids
        self._send_offers([(self, decision, ranked)])
        return self.offer_ids - before

    def action_assign(self, point_id, reason=None):
        """Give the order to a point without asking it (a dispatcher's right)."""
        self.ensure_one()
        self._check_dispatcher()
        self._check_state(DISPATCHABLE_STATES)
        point = self.env["service.point"].browse(point_id)
        decision = self._rank_candidates()[self.id]
        ranked = self._check_choice(decision, point, reason)
        waiting = self.offer_ids.filtered(
            lambda offer: offer.state == "offered" and offer.point_id == point
        )
        # sudo: service.offer: a dispatcher was checked for
        offer = waiting.sudo() or self.env["service.offer"].sudo().create(
            self._prepare_offer_vals(decision, ranked)
        )
        self._log_event("assigned", name=point.display_name)
        return offer._accept("office")

    def _check_choice(self, decision, point, reason):
        """The point's place in the decision; a refused point needs a reason."""
        ranked = decision.find(point.id)
        if not ranked.eligible:
            text = decision.reasons_as_text(ranked)
            if not reason:
                raise UserError(
                    self.env._(
                        "%(point)s was refused: %(why)s. Give a reason to choose it "
                        "all the same.",
                        point=point.display_name,
                        why=text,
                    )
                )
            self._log_event(
                "overridden", name=f"{point.display_name} · {text} · {reason}"
            )
        return ranked

    def _lock_in_turn(self):
        """Wait for the orders, always in the same order, before answering an offer.

        Who comes second fails to serialise, runs again and sees the first answer.
        """
        wait_in_line(self)

    def _on_offer_accepted(self, offers):
        """The point has the order; other points are told that it is taken."""
        others = self.offer_ids.filtered(lambda offer: offer.state == "offered")
        others._answer("withdrawn")
        for point, accepted in offers.grouped("point_id").items():
            # sudo: service.order: the point follows from the accepted offer
            accepted.order_id.sudo().write({"point_id": point.id})
        self._log_event(
            "accepted",
            names=[order.point_id.display_name for order in self],
            is_public=True,
        )
        self._set_state("accepted")

    def _back_to_dispatch(self):
        """Orders that no offer waits for any longer look for a point again."""
        idle = self.filtered(
            lambda order: (
                order.state == "offered"
                and "offered" not in order.offer_ids.mapped("state")
            )
        )
        idle._set_state("new")

    def action_redispatch(self, reason=None):
        """Take the order back from its point, which may not have begun."""
        self._check_dispatcher()
        self._check_state(("accepted", "scheduled"))
        self._release_dispatch()
        # sudo: service.order: the point follows from its offers
        self.sudo().write({"point_id": False})
        self._log_event("withdrawn", name=reason or "")
        self._set_state("new")
        return True

    def _release_dispatch(self):
        result = super()._release_dispatch()
        # sudo: service.offer, service.visit: ended by whoever may end the order
        self.sudo().offer_ids.filtered(
            lambda offer: offer.state in ("offered", "accepted")
        )._answer("withdrawn")
        self.sudo().visit_ids.filtered(
            lambda visit: visit.state in ("planned", "en_route", "on_site")
        ).write({"state": "cancelled"})
        return result

    def action_reopen(self, reason=None):
        self.check_access("write")
        # sudo: service.offer: a reopened order may be accepted anew
        self.sudo().offer_ids.filtered(lambda offer: offer.state == "accepted")._answer(
            "withdrawn"
        )
        return super().action_reopen(reason)

    # Work items

    def _prepare_workitem_vals(self, node=None) -> dict:
        vals = super()._prepare_workitem_vals(node)
        waiting = self.offer_ids.filtered(lambda offer: offer.state == "offered")
        if vals["step"] == "answer" and waiting:
            vals |= {"point_id": waiting[-1:].point_id.id, "user_id": False}
        elif vals["step"] == "visit":
            vals["technician_id"] = self.technician_id.id
        return vals

    def _get_step_deadline(self, step):
        if step == "answer":
            waiting = self.offer_ids.filtered(lambda offer: offer.state == "offered")
            if waiting:
                return max(waiting.mapped("expires_at"))
        if step == "visit":
            ends = self.visit_ids.filtered("is_blocking").mapped("planned_end")
            if ends:
                return max(ends)
        return super()._get_step_deadline(step)

    def _renew_visit_actors(self):
        """Open work on a visit is of whoever goes now."""
        # sudo: service.workitem: the actor follows from the visit
        for item in self.sudo().workitem_ids:
            if item.state == "open" and item.step == "visit":
                item.technician_id = item.order_id.technician_id

    # Visits

    def action_open_plan(self):
        self.ensure_one()
        return self._get_plan_action({"default_order_id": self.id})

    def _get_plan_action(self, context) -> dict:
        """The dialog, stored: its proposals have buttons of their own."""
        plan = self.env["service.visit.plan"].create(
            {
                name.removeprefix("default_"): value
                for name, value in context.items()
                if name.startswith("default_")
            }
        )
        return plan._get_action()

    def _plan_visit(self, technicians, start, end, reason=None):
        """Book a crew for the order; the database refuses a double booking."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_plan()
        self._check_state(PLANNABLE_STATES)
        self._check_plan(technicians, start, end, reason)
        wait_in_line(technicians, allow_referencing=True)
        try:
            with self.env.cr.savepoint():
                return self._create_visits([VisitPlan(self, technicians, start, end)])
        except psycopg2.errors.ExclusionViolation:
            raise self._get_booked_error(technicians, start) from None

    @api.model
    def _create_visits(self, plans):
        """Visits for ``plans`` as they are, events and states in bulk (no checks)."""
        # sudo: service.visit: callers have checked who may plan; the order's event
        # tells what a creation message would repeat
        visits = (
            self.env["service.visit"]
            .sudo()
            .with_context(mail_create_nolog=True)
            .create(
                [
                    {
                        "order_id": plan.order.id,
                        "point_id": plan.order.point_id.id,
                        "planned_start": plan.start,
                        "planned_end": plan.end,
                        "crew_ids": [
                            Command.create({"technician_id": technician.id})
                            for technician in plan.technicians
                        ],
                    }
                    for plan in plans
                ]
            )
        )
        visits.crew_ids.flush_recordset()
        orders = visits.order_id.sudo(self.env.su)
        orders._log_event(
            "scheduled",
            names=[visit._get_time_text() for visit in visits],
            is_public=True,
        )
        orders._set_state("scheduled")
        return visits

    def _check_may_plan(self):
        user = self.env.user
        if self.env.su or user.has_group("service_management.group_service_dispatcher"):
            return
        # sudo: service.order: whose orders they are is what is checked
        points = self.sudo().point_id
        if not points or points - user._get_own_service_points():
            raise AccessError(
                self.env._("Only the order's service point may plan its visits.")
            )

    def _check_plan(self, technicians, start, end, reason=None):
        """Refuse a plan that breaks a rule, unless a dispatcher gives a reason."""
        if not technicians:
            raise UserError(self.env._("Technician is missing: choose who goes."))
        if end <= start:
            raise UserError(self.env._("The visit must end after it starts."))
        # sudo: service.technician: a point plans with technicians it cannot read
        gone = technicians.sudo().filtered(lambda technician: not technician.active)
        if gone:
            raise UserError(
                self.env._(
                    "%(technicians)s: archived, nobody who can be sent.",
                    technicians=", ".join(gone.mapped("name")),
                )
            )
        broken = self._find_broken_rules(technicians, start, end)
        if not broken:
            return
        text = "; ".join(broken)
        if not reason:
            raise UserError(text)
        self._check_dispatcher()
        self._log_event("overridden", name=f"{text} · {reason}")

    def _find_broken_rules(self, technicians, start, end) -> list[str]:
        """One sentence for each rule the plan breaks; technicians read as superuser."""
        # sudo: service.technician: a point plans with technicians it cannot read
        crew = technicians.sudo()
        broken = []
        for technician in crew.filtered(lambda tech: tech.point_id != self.point_id):
            broken.append(
                self.env._(
                    "%(technician)s does not belong to %(point)s",
                    technician=technician.name,
                    point=self.point_id.display_name,
                )
            )
        absent = crew.filtered(lambda tech: not tech._is_working(start, end))
        if self.priority == URGENT:
            absent = absent.filtered(lambda tech: not tech._is_standing_by(start, end))
        for technician in absent:
            broken.append(
                self.env._(
                    "%(technician)s does not work at this time",
                    technician=technician.name,
                )
            )
        return broken + self._find_broken_crew_rules(crew, start, end)

    def _get_booked_error(self, technicians, start):
        local = fields.Datetime.context_timestamp(self, start)
        return UserError(
            self.env._(
                "%(technicians)s already has a visit at this time (%(time)s). Choose "
                "another time or another technician.",
                technicians=", ".join(technicians.sudo().mapped("name")),
                time=f"{local:%Y-%m-%d %H:%M}",
            )
        )
