from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.service_management.engine import local_time

# As far ahead as customers choose a window, and how many they are shown
DAYS_AHEAD = 14
WINDOWS_SHOWN = 12
# A window that begins sooner is for the telephone
NOTICE = timedelta(hours=2)


class ServiceOrder(models.Model):
    """The window that a customer chose: promised, kept in planning, given back."""

    _inherit = "service.order"

    slot_booking_ids = fields.One2many(
        "service.slot.booking", "order_id", readonly=True, copy=False
    )
    slot_booking_id = fields.Many2one(
        "service.slot.booking",
        string="Promised Window",
        compute="_compute_slot_booking_id",
    )
    slot_start = fields.Datetime(
        string="Promised From", compute="_compute_slot_booking_id"
    )
    slot_end = fields.Datetime(
        string="Promised Until", compute="_compute_slot_booking_id"
    )

    @api.depends("slot_booking_ids.state")
    def _compute_slot_booking_id(self):
        for order in self:
            # sudo: service.slot.booking: who may read the order may see its promise
            booking = order.sudo().slot_booking_ids.filtered(
                lambda booking: booking.state == "held"
            )[:1]
            order.slot_booking_id = booking
            order.slot_start = booking.start
            order.slot_end = booking.end

    def _get_promised_slot(self):
        self.ensure_one()
        if self.slot_start:
            return self.slot_start, self.slot_end
        return super()._get_promised_slot()

    def _get_free_windows(self, days=DAYS_AHEAD, limit=WINDOWS_SHOWN) -> list[dict]:
        """Windows that the order could be promised, the soonest first.

        :return: ``{"start", "end", "free", "zone"}`` (UTC; the zone is to tell it in),
            summed over the points that could have the order
        """
        self.ensure_one()
        now = fields.Datetime.now()
        free, zones = Counter(), {}
        for slot, start, end in self._get_windows(days):
            if start >= now + NOTICE:
                free[start, end] += slot.capacity
                zones.setdefault((start, end), slot._get_zone())
        # sudo: service.slot.booking: how many places are left, not whose they are
        held = (
            self.env["service.slot.booking"]
            .sudo()
            .search_fetch(
                [
                    ("point_id", "in", self._get_window_points().ids),
                    ("state", "=", "held"),
                    ("start", ">=", now),
                ],
                ["slot_id", "start", "end"],
            )
        )
        for booking in held:
            window = (booking.start, booking.end)
            if window in free and self._is_window_for(booking.slot_id):
                free[window] -= 1
        return [
            {
                "start": start,
                "end": end,
                "free": places,
                "zone": zones[start, end],
            }
            for (start, end), places in sorted(free.items())
            if places > 0
        ][:limit]

    def _get_windows(self, days):
        """(window, start, end) of the next days, the best point's windows first; none
        on a day on which its point is closed."""
        points = self._get_window_points()
        rank = {point.id: number for number, point in enumerate(points)}
        # sudo: service.slot: customers choose among windows of points they cannot read
        slots = (
            self.env["service.slot"].sudo().search([("point_id", "in", points.ids)])
        ).sorted(lambda slot: rank[slot.point_id.id])
        first = self.company_id._get_service_day()
        closed = {}
        for slot in slots.filtered(self._is_window_for):
            for number in range(days):
                day = first + timedelta(days=number)
                times = slot._get_times(day)
                if not times:
                    continue
                if day not in closed:
                    # A window on a day without opening hours is meant
                    closed[day] = slots.point_id._get_closed_points(day, weekends=False)
                if slot.point_id.id not in closed[day]:
                    yield slot, *times

    def _get_window_points(self):
        # sudo: service.order: which points could come, for a customer who sees none
        return self.sudo()._get_slot_points()

    def _is_window_for(self, slot) -> bool:
        return not slot.type_ids or self.sudo().type_id in slot.type_ids

    def _book_slot(self, start, end):
        """Promise the window to the customer; what was promised before is given back.

        :raises UserError: nobody has a place left; it names other windows
        """
        self.ensure_one()
        order = self.sudo()  # sudo: callers have checked who may book for the order
        if order.state in ("done", "closed", "cancelled"):
            raise UserError(self.env._("This request is finished."))
        before = order.slot_booking_id
        if before and (before.start, before.end) == (start, end):
            return before
        candidates = [
            slot
            for slot, since, until in order._get_windows(DAYS_AHEAD + 1)
            if (since, until) == (start, end)
            and start >= fields.Datetime.now() + NOTICE
        ]
        before._release()
        for slot in candidates:
            booking = slot._take(order, start, end)
            if booking:
                order.invalidate_recordset(["slot_booking_ids"])
                order._on_slot_booked(booking)
                return booking
        raise UserError(order._get_window_taken_text())

    def _on_slot_booked(self, booking):
        """The visit of another time has to be planned anew."""
        planned = self.visit_ids.filtered(lambda visit: visit.state == "planned")
        outside = planned.filtered(
            lambda visit: not booking.start <= visit.planned_start < booking.end
        )
        self._log_event(
            "slot_booked",
            name=self._get_window_text(booking.start, booking.end),
            is_public=True,
        )
        (planned - outside).write(
            {"slot_start": booking.start, "slot_end": booking.end}
        )
        if outside.filtered("is_locked"):
            raise UserError(
                self.env._("The visit is fixed. Please call us to have it moved.")
            )
        if outside:
            outside.action_cancel(self.env._("The customer chose another time."))

    def _get_window_text(self, start, end, zone=None) -> str:
        """A window in words, in the time of the point that comes."""
        if not zone:
            # sudo: service.slot.booking, service.point: only whose clock counts
            booking = self.sudo().slot_booking_ids.filtered(
                lambda booking: booking.start == start
            )[:1]
            point = booking.point_id or self.sudo().point_id
            zone = point._get_zone(self.sudo().company_id)
        first = format_datetime(self.env, start, tz=zone, dt_format="yyyy-MM-dd HH:mm")
        last = local_time.to_local(end, zone)
        return f"{first} - {last:%H:%M}"

    def _get_window_taken_text(self) -> str:
        others = [
            self._get_window_text(window["start"], window["end"], window["zone"])
            for window in self._get_free_windows(limit=3)
        ]
        if not others:
            return self.env._(
                "This time has just been taken by somebody else. Tell us when it would "
                "suit you, and we will call you."
            )
        return self.env._(
            "This time has just been taken by somebody else. Still free: %(times)s.",
            times="; ".join(others),
        )

    # The way of the order

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state in ("done", "closed", "cancelled"):
            # sudo: service.slot.booking: the promise ends with the order
            self.sudo().slot_booking_ids._release(
                "released" if state == "cancelled" else "kept"
            )
        return result

    def _on_offer_accepted(self, offers):
        result = super()._on_offer_accepted(offers)
        for order in self.sudo().filtered("slot_booking_id"):
            order._move_slot_to_point()
        return result

    def _move_slot_to_point(self):
        """The promise stays; the place in it is the new point's, if that has one."""
        booking = self.slot_booking_id
        if booking.point_id == self.point_id:
            return
        for slot, start, end in self._get_windows(DAYS_AHEAD + 1):
            if (start, end) == (booking.start, booking.end):
                booking._release()
                if slot._take(self, start, end):
                    self.invalidate_recordset(["slot_booking_ids"])
                    return
                booking.state = "held"
                return

    # Planning

    def _find_broken_rules(self, technicians, start, end):
        broken = super()._find_broken_rules(technicians, start, end)
        promise = self.sudo()._get_promised_slot()
        if promise and not promise[0] <= start < promise[1]:
            broken.append(
                self.env._(
                    "the customer was promised %(window)s",
                    window=self._get_window_text(*promise),
                )
            )
        return broken

    @api.model
    def _create_visits(self, plans):
        visits = super()._create_visits(plans)
        # sudo: service.visit: the promise of the order is the promise of its visit
        for visit in visits.sudo():
            promise = visit.order_id._get_promised_slot()
            if promise:
                visit.write({"slot_start": promise[0], "slot_end": promise[1]})
        return visits
