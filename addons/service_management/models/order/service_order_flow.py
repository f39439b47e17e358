from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..base.numbers import next_numbers
from .service_order import FINISHED_STATES


class Moments(dict):
    """Order id → datetime of a replayed history, for the context ``service_moments``.

    A class of its own: what callers from outside send as context is plain JSON and
    can never be one, so nobody backdates an event.
    """


class ServiceOrder(models.Model):
    """What happens to an order: each transition writes an event and tells the
    workflow, which moves the order on. All work on sets."""

    _inherit = "service.order"

    # Transitions

    def action_register(self):
        """Turn drafts into registered requests: number, warranty, contract."""
        self.check_access("write")
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts._check_registrable()
        # Numbers before anything else: a refused registration leaves no gap to explain
        numbers = next_numbers(self.env, "service.order", len(drafts))
        drafts._assign_each("name", numbers)
        drafts._decide_warranty()
        drafts._find_contracts()
        drafts._log_event("registered", is_public=True)
        drafts._set_state("new")
        return True

    def action_start_work(self):
        """An agent answers a request that needs no visit."""
        self.check_access("write")
        self._check_state(("new",))
        self._check_signal("in_progress")
        self._set_state("in_progress")
        return True

    def action_done(self):
        """The work is finished: what remains is to confirm with the customer."""
        self.check_access("write")
        self._check_state(("new", "in_progress"))
        missing = self.filtered(lambda order: not order.outcome)
        if missing:
            raise UserError(
                self.env._(
                    "Outcome is missing on %(orders)s: choose what came of the work.",
                    orders=", ".join(missing.mapped("display_name")),
                )
            )
        self._check_signal("done")
        self._mark_done()
        return True

    def action_close(self):
        self.check_access("write")
        self._check_state(("done",))
        self._check_signal("closed")
        self._note_closed()
        self._set_state("closed")
        return True

    def action_cancel(self, reason=None):
        self.check_access("write")
        self._check_not_state(FINISHED_STATES)
        self._release_dispatch()
        self._log_event("cancelled", name=reason or "", is_public=True)
        self._set_state("cancelled", result=reason)
        return True

    def action_reopen(self, reason=None):
        """Back to work: the customer is not content, or closing was a mistake."""
        self.check_access("write")
        self._check_state(FINISHED_STATES)
        # sudo: service.order: dates and point are the flow's to set
        self.sudo().write({"date_done": False, "date_closed": False, "point_id": False})
        self._log_event("reopened", name=reason or "", is_public=True)
        self._set_state("new")
        return True

    def _confirm_by_customer(self):
        """The customer says that the work is right: a finished order is closed, or
        goes the way that its workflow draws from here."""
        self._check_state(("done",))
        self._log_event("confirmed", is_public=True)
        moved = self._throw_message("portal_confirmation")
        return (self - moved).action_close()

    def _mark_done(self, date=None):
        self._note_done(date)
        self._set_state("done")
        self._after_done()

    def _note_done(self, date=None):
        for moment, orders in self._group_by_moment(date):
            # sudo: service.order: the date of completion is the flow's to set
            orders.sudo().write({"date_done": moment})
        self._log_event("done", date=date, is_public=True)

    def _note_closed(self):
        for moment, orders in self._group_by_moment():
            # sudo: service.order: the closing date is the flow's to set
            orders.sudo().write({"date_closed": moment})
        self._log_event("closed", is_public=True)

    def _after_done(self):
        """Hook: the orders in ``self`` have just been done."""

    def _release_dispatch(self):
        """Hook: free whatever dispatch holds for orders that end early."""

    # Work items, opened by the workflow (service_order_workflow)

    def _on_transition(self, state):
        """Hook: the orders in ``self`` have just come to ``state``."""

    def _prepare_workitem_vals(self, node=None) -> dict:
        """Who acts at this node of the workflow; without one, whoever owns the
        order."""
        self.ensure_one()
        attrs = node.attrs if node else {"step": "task", "actor": "owner"}
        vals = {
            "order_id": self.id,
            "step": attrs["step"],
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
        }
        actor = attrs["actor"]
        if actor in ("role", "team"):
            team = attrs["team_id"] or self.team_id.id
            vals |= {"team_id": team, "user_id": False if team else self.user_id.id}
        elif actor == "creator_manager":
            vals |= self._get_creator_manager()
        elif actor in ("point", "technician") and self.point_id:
            vals |= {"point_id": self.point_id.id, "user_id": False}
        return vals

    def _get_creator_manager(self) -> dict:
        """The leader of the creator's team, or of the order's; else the owner."""
        # sudo: service.team: who leads is for the flow to know
        teams = self.env["service.team"].sudo()
        own = teams.search(
            [("member_ids", "in", self.create_uid.ids), ("leader_id", "!=", False)],
            limit=1,
        )
        team = own or self.sudo().team_id
        return {"user_id": (team.leader_id or self.user_id).id, "team_id": team.id}

    def _renew_step_deadlines(self, step):
        """What an open work item waits for has moved: so does its deadline."""
        # sudo: service.workitem: the deadline follows from the order
        for item in self.sudo().workitem_ids:
            if item.state == "open" and item.step == step:
                deadline = item.order_id._get_step_deadline(step)
                item.deadline = deadline or item.deadline

    def _get_step_deadline(self, step):
        """Hook: until when a task of ``step`` should be done, where the order itself
        says so (an offer that expires, a visit that is planned)."""
        return

    def _get_workitem_deadlines(self, hours: float) -> dict:
        """Order id → until when a task with this limit should be done.

        :param hours: working hours of the order's calendar; 0 takes the company's
            usual hours by the clock
        """
        if hours:
            return self._get_working_deadline(hours)
        return {
            order.id: order._get_moment()
            + timedelta(hours=order.company_id.service_workitem_hours)
            for order in self
        }

    # When

    @api.model
    def _get_moments(self):
        """The times of a replayed history, ``None`` in ordinary life."""
        moments = self.env.context.get("service_moments")
        return moments if isinstance(moments, Moments) else None

    def _get_moment(self):
        """Now; while a history is replayed, the order's own time."""
        moments = self._get_moments()
        if moments is None:
            return fields.Datetime.now()
        return moments.get(self.id) or self.date_request

    def _group_by_moment(self, date=None):
        """(moment, orders) pairs: one pair, unless history is replayed."""
        if date or self._get_moments() is None:
            return [(date or fields.Datetime.now(), self)]
        return list(self.grouped(lambda order: order._get_moment()).items())

    # Checks

    def _check_registrable(self):
        required = ("partner_id", "type_id", "description")
        for order in self:
            missing = [name for name in required if not order[name]]
            if order.type_id.fault_required and not order.symptom_id:
                missing.append("symptom_id")
            if missing:
                labels = order.fields_get(missing, ["string"])
                raise UserError(
                    self.env._(
                        "To register the request, fill in: %(fields)s.",
                        fields=", ".join(labels[name]["string"] for name in missing),
                    )
                )

    def _check_state(self, states):
        self._check_not_state(
            {state for state in self.mapped("state") if state not in states}
        )

    def _check_not_state(self, states):
        wrong = self.filtered(lambda order: order.state in states)
        if wrong:
            stage = wrong[0].stage_id.name
            raise UserError(
                self.env._(
                    "%(order)s is in the stage '%(stage)s': this is not possible now.",
                    order=wrong[0].display_name,
                    stage=stage,
                )
            )

    def _check_dispatcher(self):
        if not self.env.su and not self.env.user.has_group(
            "service_management.group_service_dispatcher"
        ):
            raise UserError(
                self.env._("Only a dispatcher may do this. Ask one to take it over.")
            )

    def _find_contracts(self):
        """Link each order without a contract to the one that covers its asset."""
        orders = self.filtered(lambda order: not order.contract_id)
        contracts = self.env["service.contract"].search(
            Domain("commercial_partner_id", "in", orders.commercial_partner_id.ids)
            & Domain("state", "=", "active")
        )
        by_customer = contracts.grouped("commercial_partner_id")
        for order in orders:
            for contract in by_customer.get(order.commercial_partner_id, ()):
                if contract._is_covering(order.asset_id, order.date_fault):
                    order.contract_id = contract
                    break

    # Values

    def _assign_each(self, name, values):
        """Give each order its own value of a field that only the flow sets.

        One statement for all at the next flush: a write per order would run the whole
        of `write` for each, which is most of the cost of a batch.
        """
        # sudo: service.order: what the flow decides is not for a person to write
        orders_sudo, field = self.sudo(), self._fields[name]
        orders_sudo.modified([name], before=True)
        with self.env.protecting([field], orders_sudo):
            for order, value in zip(orders_sudo, values, strict=True):
                order[name] = value
        orders_sudo.modified([name])

    # Events

    def _log_event(
        self, kind, name="", data=None, date=None, is_public=False, names=None
    ):
        """Append one fact of ``kind`` to each order.

        ``names`` gives each order its own text, in the order of ``self``.
        """
        # sudo: service.order.event: whoever may act is recorded, none may write it
        events = (
            self.env["service.order.event"]
            .sudo()
            ._append(
                self.ids,
                kind,
                names or [name] * len(self),
                [date or order._get_moment() for order in self],
                data=data,
                is_public=is_public,
            )
        )
        self._on_events(events)
        return events

    def _on_events(self, events):
        """Hook: ``events`` (superuser's) were just added to the orders in ``self``."""
