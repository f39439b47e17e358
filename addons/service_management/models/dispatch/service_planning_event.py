"""What happens during the day and asks for a repair of its plan.

A technician who is away, a visit that is cancelled or takes too long, an urgent order:
each proposes a repair of the running day at its point (``_propose_repair``). Nothing is
moved without a person unless the company says so.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_management.models.order.service_order import URGENT


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    is_overrun = fields.Boolean(
        string="Takes Too Long",
        readonly=True,
        copy=False,
        help="The crew was still there after the planned end; a repair of the day was "
        "asked for.",
    )

    def action_cancel(self, reason=None):
        # sudo: service.visit: whoever may cancel; the plan looks at all of the day
        today = self.sudo()._filter_today()
        result = super().action_cancel(reason)
        for visit in today:
            self.env["service.planning.run"]._propose_repair(
                visit.point_id,
                self.env._("Cancelled: %(order)s", order=visit.order_id.name),
            )
        return result

    def _filter_today(self):
        """Visits that are still to come or under way on the running day."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda visit: (
                visit.state in ("planned", "en_route", "on_site")
                and visit.planned_end > now
                and visit.company_id._get_service_day(visit.planned_start)
                == visit.company_id._get_service_day(now)
            )
        )


class ServiceTechnician(models.Model):
    _inherit = "service.technician"

    def _add_leave(self, start, end, name=""):
        visits = super()._add_leave(start, end, name)
        today = visits._filter_today()
        if today:
            self.env["service.planning.run"]._propose_repair(
                today.point_id,
                self.env._(
                    "Away: %(technicians)s",
                    technicians=", ".join(self.sudo().mapped("name")),
                ),
                today.order_id,
            )
        return visits


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _on_transition(self, state):
        result = super()._on_transition(state)
        # What is replayed from a log is of another day.
        if state == "accepted" and self._get_moments() is None:
            for order in self.sudo():
                if (
                    order.priority >= URGENT
                    and order.type_id.visit_required
                    and order.point_id.technician_ids
                    and not order.planned_start
                ):
                    self.env["service.planning.run"]._propose_repair(
                        order.point_id,
                        self.env._("Urgent: %(order)s", order=order.name),
                        order,
                    )
        return result


class ServicePlanningRun(models.Model):
    _inherit = "service.planning.run"

    @api.model
    def _compute_waiting(self):
        self._ask_for_overruns()
        return super()._compute_waiting()

    @api.model
    def _ask_for_overruns(self):
        """Propose a repair for each visit that takes too long, once."""
        now = fields.Datetime.now()
        # sudo: service.visit: the job looks at every visit
        late = (
            self.env["service.visit"]
            .sudo()
            .search(
                Domain("state", "=", "on_site")
                & Domain("is_overrun", "=", False)
                & Domain("planned_end", "<", now)
                & Domain("planned_end", ">", now - timedelta(days=1))
            )
        )
        late = late.filtered(
            lambda visit: (
                visit.planned_end
                + timedelta(minutes=visit.company_id.service_overrun_minutes)
                < now
            )
        )
        late.is_overrun = True
        # The job that looks speaks no user's language
        reader = self._get_repair_user(self.env["service.order"])
        env = self.with_context(lang=reader.lang or self.env.lang).env
        for visit in late:
            self._propose_repair(
                visit.point_id,
                env._("Takes too long: %(order)s", order=visit.order_id.name),
            )
