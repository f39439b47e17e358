import random
from datetime import datetime, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time

from .planning_facts import time_of

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ServiceSlot(models.Model):
    """A window of the week that customers may choose, and how many of them.

    A place in it is a row with a number: the database lets nobody have the same place
    twice, so the window is never promised to more customers than it holds.
    """

    _name = "service.slot"
    _description = "Customer Window"
    _inherit = ["service.owner.mixin"]
    _order = "point_id, dayofweek, hour_from, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    point_id = fields.Many2one(
        "service.point",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="point_id.company_id", store=True, index=True)
    type_ids = fields.Many2many(
        "service.type",
        context={"active_test": False},
        string="Service Types",
        help="Offered for orders of these types. Empty: for every type.",
    )
    dayofweek = fields.Selection(WEEKDAYS, string="Day of the Week", required=True)
    hour_from = fields.Float(required=True, default=9.0)
    hour_to = fields.Float(required=True, default=12.0)
    capacity = fields.Integer(
        required=True, default=4, help="To how many customers the window is promised."
    )

    _hours_in_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "A window must end after it starts, within a day.",
    )
    _capacity_limit = models.Constraint(
        "CHECK (capacity BETWEEN 0 AND 1000)",
        "A window holds between 0 and 1000 customers.",
    )

    @api.depends("dayofweek", "hour_from", "hour_to", "point_id.name")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = dict(self._fields["dayofweek"]._description_selection(self.env))
        for slot in self:
            hours = " - ".join(
                f"{time_of(hour or 0.0):%H:%M}"
                for hour in (slot.hour_from, slot.hour_to)
            )
            slot.name = (
                f"{slot.point_id.name or ''} {labels.get(slot.dayofweek, '')} {hours}"
            )

    def _get_times(self, day) -> tuple[datetime, datetime] | None:
        """Start and end (UTC) of the window on a day, if it is open on it."""
        self.ensure_one()
        if str(day.weekday()) != self.dayofweek:
            return None
        zone = self._get_zone()
        start, end = (
            local_time.to_utc(datetime.combine(day, time_of(hour)), zone)
            for hour in (self.hour_from, self.hour_to)
        )
        return start, end

    def _get_zone(self) -> str:
        """The time zone that the hours of the window are in."""
        return self.point_id._get_zone(self.company_id)

    def _take(self, order, start, end):
        """A place in the window, or an empty record: there is none left.

        Places are tried until the database lets one be taken; two who try the same
        one wait for each other, and the second goes on to the next.
        """
        self.ensure_one()
        # sudo: service.slot.booking: whoever may book for the order was checked
        bookings_sudo = self.env["service.slot.booking"].sudo()
        taken = bookings_sudo._get_taken(self, start)
        free = [seat for seat in range(1, self.capacity + 1) if seat not in taken]
        random.shuffle(free)
        for seat in free:
            try:
                with self.env.cr.savepoint():
                    return bookings_sudo.create(
                        {
                            "slot_id": self.id,
                            "order_id": order.id,
                            "start": start,
                            "end": end,
                            "seat": seat,
                        }
                    )
            except psycopg2.errors.UniqueViolation:
                continue
        return bookings_sudo


class ServiceSlotBooking(models.Model):
    """A customer's place in a window, kept until the visit or given back."""

    _name = "service.slot.booking"
    _description = "Promised Window"
    _order = "start desc, id desc"
    _rec_name = "order_id"

    slot_id = fields.Many2one(
        "service.slot", string="Window", required=True, index=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    point_id = fields.Many2one(related="slot_id.point_id", store=True, index=True)
    start = fields.Datetime(required=True, index=True)
    end = fields.Datetime(required=True)
    seat = fields.Integer(required=True)
    state = fields.Selection(
        [
            ("held", "Promised"),
            ("kept", "Appointment Kept"),
            ("released", "Given Back"),
            ("expired", "Expired"),
        ],
        default="held",
        required=True,
        index=True,
    )

    _seat_uniq = models.UniqueIndex(
        "(slot_id, start, seat) WHERE state = 'held'",
        "This place in the window is taken.",
    )
    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'held'",
        "An order is promised one window at a time.",
    )
    _seat_positive = models.Constraint(
        "CHECK (seat > 0)", "Places are counted from one."
    )

    @api.model
    def _get_taken(self, slot, start) -> set[int]:
        return set(
            self.search(
                [
                    ("slot_id", "=", slot.id),
                    ("start", "=", start),
                    ("state", "=", "held"),
                ]
            ).mapped("seat")
        )

    def _release(self, state="released"):
        held = self.filtered(lambda booking: booking.state == "held")
        held.state = state
        held.flush_recordset(["state"])

    @api.autovacuum
    def _gc_expired(self):
        """What nobody came to in a day is no promise any more."""
        limit = fields.Datetime.now() - timedelta(days=1)
        self.sudo().search(
            Domain("state", "=", "held") & Domain("end", "<", limit), limit=10000
        )._release("expired")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if any(booking.state == "held" for booking in self):
            raise UserError(
                self.env._("A window that is promised is given back, not deleted.")
            )
