from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.models.order.service_order import URGENT

from .service_order import DISPATCHABLE_STATES

RETURNABLE_STATES = ("accepted", "scheduled")


class ServiceOrder(models.Model):
    """How orders are offered: to one point after the other, or to all at once; until
    when a point may answer; how a point gives an accepted order back."""

    _inherit = "service.order"

    def _get_offer_choices(self, decision) -> list:
        """The candidates that are asked now: the best, or everybody in a pool."""
        self.ensure_one()
        limit = self.type_id.pool_size if self.type_id.dispatch_mode == "pool" else 1
        return [ranked for ranked in decision.ranked if ranked.eligible][:limit]

    @api.model
    def _send_offers(self, choices, is_pool=False):
        """Make the offers as chosen; points that accept by themselves do it at once.

        :param choices: list of ``(order, decision, ranked)``; the candidates of an
            order in the order they were ranked
        :param is_pool: whoever is first has it; ``None``: as the service type says
        :return: the orders that are offered now
        """
        if not choices:
            return self.browse()
        orders = self.browse(dict.fromkeys(order.id for order, *__ in choices))
        points = self.env["service.point"].browse(
            {ranked.candidate.key for *__, ranked in choices}
        )
        on_call = orders._get_points_on_call_now(points)
        vals_list = [
            order._prepare_offer_vals(decision, ranked, on_call)
            | {
                "is_pool": order.type_id.dispatch_mode == "pool"
                if is_pool is None
                else is_pool
            }
            for order, decision, ranked in choices
        ]
        # sudo: service.offer: made by the flow, with its reasons
        offers = self.env["service.offer"].sudo().create(vals_list)
        by_order = offers.grouped("order_id")
        orders._log_event(
            "offered",
            names=[
                ", ".join(by_order[order].point_id.mapped("display_name"))
                for order in orders
            ],
        )
        orders.filtered(lambda order: order.state == "new")._set_state("offered")
        offers._accept_by_itself()
        offers._ask_for_mail()
        return orders

    def _get_points_on_call_now(self, points):
        """The points with somebody on standby now; none where no order is urgent."""
        if not any(order.priority >= URGENT for order in self):
            return points.browse()
        moment = self[:1]._get_moment()
        # sudo: service.technician: who is on call is the same for all
        technicians = points.sudo().technician_ids
        return technicians._get_on_standby(
            moment, moment + timedelta(seconds=1)
        ).point_id

    def _prepare_offer_vals(self, decision, ranked, on_call=()) -> dict:
        """Values of an offer.

        :param on_call: the points that answer urgent offers at once, open or not
        """
        self.ensure_one()
        # sudo: service.point: the opening hours count, whoever offers
        point = self.env["service.point"].sudo().browse(ranked.candidate.key)
        return {
            "order_id": self.id,
            # Known here: else each offer would be made twice to compute it
            "company_id": self.company_id.id,
            "point_id": point.id,
            "coverage_id": ranked.candidate.row,
            "day": decision.day,
            "offered_at": self._get_moment(),
            "expires_at": self._get_offer_deadline(point, point in on_call),
            "rank": ranked.rank,
            "reason_data": decision.reasons_as_json(ranked),
            "candidate_data": decision.as_json(also=point.id),
        }

    def _get_offer_deadline(self, point, is_on_call=False):
        """Until when ``point`` may answer: hours of its own opening time from now.

        A point without any opening hours is taken to be always there; for an urgent
        order also one that has somebody on standby.
        """
        self.ensure_one()
        company = self.company_id
        hours = company.service_offer_hours
        if self.priority >= URGENT:
            hours = min(hours, company.service_offer_urgent_hours)
        hours_of_point = self.env["resource.calendar"]._get_service_calendar(
            point.resource_calendar_id.id or 0, ""
        )
        moment = self._get_moment()
        around_the_clock = moment + timedelta(hours=hours)
        if hours_of_point.is_never_open or (is_on_call and self.priority >= URGENT):
            return around_the_clock
        return hours_of_point.add(moment, round(hours * 3600)) or around_the_clock

    # Everybody at once

    def action_offer_pool(self):
        """Offer the order to every point that may have it: the first to accept wins."""
        self.ensure_one()
        self._check_dispatcher()
        self._check_state(DISPATCHABLE_STATES)
        decision = self._rank_candidates()[self.id]
        asked = self.offer_ids.filtered(lambda offer: offer.state == "offered").point_id
        choices = [
            (self, decision, ranked)
            for ranked in decision.ranked
            if ranked.eligible and ranked.candidate.key not in asked.ids
        ]
        if not choices:
            raise UserError(
                self.env._(
                    "There is nobody left to offer %(order)s to: every service point "
                    "was asked already or is refused.",
                    order=self.name,
                )
            )
        self._send_offers(choices, is_pool=True)
        return True

    # Giving an order back

    def action_open_hand_back(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order.hand.back",
            "name": self.env._("Hand the Order Back"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_hand_back(self, reason_id=None, note=""):
        """The point gives an order back that it has accepted and not begun.

        The reason is kept with its offer, the next candidate is asked.
        """
        self._check_may_hand_back()
        # sudo: service.order: the point was checked; flow fields follow
        orders_sudo = self.sudo()
        orders_sudo._lock_in_turn()
        orders_sudo._check_state(RETURNABLE_STATES)
        begun = orders_sudo.visit_ids.filtered(
            lambda visit: visit.state in ("en_route", "on_site")
        )
        if begun:
            raise UserError(
                self.env._(
                    "%(visit)s has begun: finish or cancel it first.",
                    visit=begun[0].display_name,
                )
            )
        reason = self.env["service.reject.reason"].browse(reason_id).exists()
        if not reason:
            raise UserError(
                self.env._("Reason is missing: say why you hand the order back.")
            )
        orders_sudo.offer_ids.filtered(lambda offer: offer.state == "accepted")._answer(
            "returned", reject_reason_id=reason.id, note=note
        )
        points = [order.point_id.display_name for order in orders_sudo]
        orders_sudo._release_dispatch()
        orders_sudo.write({"point_id": False})
        orders_sudo._log_event(
            "returned", names=[f"{point} · {reason.display_name}" for point in points]
        )
        orders_sudo._set_state("new")
        orders_sudo._dispatch()
        return True

    def _check_may_hand_back(self):
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_group("service_management.group_service_dispatcher"):
            return
        # sudo: service.order: whose orders they are is what is checked
        points = self.sudo().point_id
        if not points or points - user._get_own_service_points():
            raise AccessError(
                self.env._("Only the order's service point may hand it back.")
            )
