from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time

# The board shows days, not seasons: what is longer is a report.
MAX_DAYS = 14
# Waiting orders in the list; the most urgent ones, with the number of all.
MAX_WAITING = 500
WAITING_STATES = ("new", "offered", "accepted")
SHOWN_STATES = ("planned", "en_route", "on_site", "done")
# Of a row of the payload; the client reads rows by these names.
VISIT_FIELDS = (
    "order_id",
    "planned_start",
    "planned_end",
    "state",
    "is_locked",
    "travel_minutes",
    "slot_start",
    "slot_end",
)
TECHNICIAN_COLUMNS = ("id", "name", "point_id", "position", "skills", "hours")
POINT_COLUMNS = ("id", "name", "kind", "position")
VISIT_COLUMNS = (
    "id",
    "order_id",
    "technician_ids",
    "start",
    "end",
    "state",
    "locked",
    "travel",
    "slot",
)
ORDER_COLUMNS = (
    "id",
    "name",
    "state",
    "type_id",
    "priority",
    "due",
    "customer",
    "place",
    "position",
    "point_id",
    "minutes",
    "preferred",
    "asked_points",
)


class ServiceDispatchBoard(models.AbstractModel):
    """What the dispatcher's board shows: waiting orders, technicians, their visits.

    Everything is read set-wise with the rights of whoever looks: the number of
    queries depends neither on the technicians nor on the visits. Rows are plain
    lists (``columns`` names their entries), moments are seconds since 1970 (UTC),
    positions (latitude, longitude) or ``False``.
    """

    _name = "service.dispatch.board"
    _description = "Dispatch Board"

    @api.model
    @api.readonly
    def get_board(self, date_from, days=1, filters=None):
        """The board of ``days`` days from ``date_from`` on, in the reader's time zone.

        :param str date_from: the first day, ``YYYY-MM-DD``
        :param dict filters: ``point_id`` (with the points below it), ``type_id``,
            ``skill_id``, ``state`` of the visits, ``text`` in the waiting orders
        :return: ``{"days": [moments that the days begin at, and the end], "columns",
            "technicians", "points", "visits", "orders", "waiting" (order ids),
            "waiting_count", "leaves", "standbys", "types", "skills", "rights"}``
        """
        self._check_may_look()
        filters = self._check_filters(filters)
        bounds = self._get_days(date_from, days)
        start, end = bounds[0], bounds[-1]
        technicians = self._find_technicians(filters)
        visits = self._find_visits(technicians, start, end, filters)
        waiting, waiting_count = self._find_waiting(filters)
        orders = visits.sudo().order_id | waiting.sudo()
        points = (technicians.point_id | orders.point_id).sudo()
        return {
            "days": [_seconds(day) for day in bounds],
            "columns": {
                "technicians": TECHNICIAN_COLUMNS,
                "points": POINT_COLUMNS,
                "visits": VISIT_COLUMNS,
                "orders": ORDER_COLUMNS,
            },
            "technicians": self._read_technicians(technicians, start, end),
            "points": self._read_points(points),
            "visits": self._read_visits(visits),
            "orders": self._read_orders(orders),
            "waiting": waiting.ids,
            "waiting_count": waiting_count,
            "leaves": self._read_leaves(technicians, start, end),
            "standbys": self._read_standbys(technicians, start, end),
            "types": self._read_types(),
            "skills": self._read_skills(technicians),
            "rights": self._get_rights(),
        }

    @api.model
    @api.readonly
    def get_changes(self, order_ids, date_from, days=1, filters=None):
        """What a board has to replace when these orders have changed.

        :return: ``{"order_ids", "visits", "orders", "waiting"}``: all that is left
            of ``order_ids`` on this board; what is not named is gone from it
        """
        self._check_may_look()
        filters = self._check_filters(filters)
        bounds = self._get_days(date_from, days)
        orders = self.env["service.order"].search([("id", "in", order_ids)])
        visits = self._find_visits(
            self._find_technicians(filters), bounds[0], bounds[-1], filters, orders
        )
        waiting = orders.filtered_domain(self._get_waiting_domain(filters))
        return {
            "order_ids": order_ids,
            "visits": self._read_visits(visits),
            "orders": self._read_orders((visits.order_id | waiting).sudo()),
            "waiting": waiting.ids,
        }

    # Who, and what of it

    def _check_may_look(self):
        if not (self._is_dispatcher() or self._is_point_manager()):
            raise AccessError(
                self.env._("The board is for dispatchers and managers of points.")
            )

    def _is_dispatcher(self) -> bool:
        return self.env.su or self.env.user.has_group(
            "service_management.group_service_dispatcher"
        )

    def _is_point_manager(self) -> bool:
        return self.env.user.has_group("service_management.group_service_point_manager")

    def _get_rights(self) -> dict:
        """What the buttons of the board may offer; the operations check for
        themselves."""
        return {"dispatcher": self._is_dispatcher(), "user_id": self.env.uid}

    def _check_filters(self, filters) -> dict:
        """Only what is known and of the right kind; a typing error is no domain."""
        filters = dict(filters or {})
        known = {"point_id": int, "type_id": int, "skill_id": int}
        known |= {"state": str, "text": str}
        for name, value in filters.items():
            if name not in known or (value and not isinstance(value, known[name])):
                raise UserError(
                    self.env._("The board has no such filter: %(name)s.", name=name)
                )
        return {name: value for name, value in filters.items() if value}

    def _get_days(self, date_from, days) -> list[datetime]:
        """The moments (UTC) at which the days begin, and the end of the last one."""
        if not 1 <= days <= MAX_DAYS:
            raise UserError(
                self.env._("The board shows from 1 to %(days)s days.", days=MAX_DAYS)
            )
        first = fields.Date.to_date(date_from)
        return [
            local_time.start_of(first + timedelta(days=number), self.env.tz.zone)
            for number in range(days + 1)
        ]

    # Finding, with the reader's rights

    def _find_technicians(self, filters):
        domain = Domain.TRUE
        if "point_id" in filters:
            domain &= Domain("point_id", "child_of", filters["point_id"])
        if "skill_id" in filters:
            today = fields.Date.context_today(self)
            domain &= Domain(
                "skill_ids",
                "any",
                Domain("skill_id", "=", filters["skill_id"])
                & (Domain("valid_to", "=", False) | Domain("valid_to", ">=", today)),
            )
        return self.env["service.technician"].search_fetch(
            domain, ["name", "point_id", "resource_id"], order="point_id, name, id"
        )

    def _find_visits(self, technicians, start, end, filters, orders=None):
        domain = (
            Domain("crew_ids.technician_id", "in", technicians.ids)
            & Domain("planned_start", "<", end)
            & Domain("planned_end", ">", start)
            & Domain("state", "in", SHOWN_STATES)
        )
        if "type_id" in filters:
            domain &= Domain("order_id.type_id", "=", filters["type_id"])
        if "state" in filters:
            domain &= Domain("state", "=", filters["state"])
        if orders is not None:
            domain &= Domain("order_id", "in", orders.ids)
        return self.env["service.visit"].search_fetch(
            domain, VISIT_FIELDS, order="planned_start, id"
        )

    def _get_waiting_domain(self, filters):
        """Orders that somebody has to go to and for whom no visit is booked."""
        domain = Domain("state", "in", WAITING_STATES)
        domain &= Domain("type_id.visit_required", "=", True)
        if "type_id" in filters:
            domain &= Domain("type_id", "=", filters["type_id"])
        if "point_id" in filters:
            below = ("child_of", filters["point_id"])
            served = Domain("point_id", *below)
            served |= Domain(
                "offer_ids", "any", [("state", "=", "offered"), ("point_id", *below)]
            )
            # Nobody's yet: those where the branch could go
            served |= Domain("point_id", "=", False) & (
                Domain("area_id", "=", False)
                | Domain("area_id", "child_of", self._get_served_area_ids(filters))
            )
            domain &= served
        if "text" in filters:
            domain &= Domain.OR(
                Domain(name, "ilike", filters["text"])
                for name in ("name", "partner_id.name", "area_id.name")
            )
        return domain

    def _get_served_area_ids(self, filters) -> list[int]:
        # sudo: service.coverage: where a branch works is no secret to its network
        rows = self.env["service.coverage"].sudo()
        groups = rows._read_group(
            [("point_id", "child_of", filters["point_id"])], ["area_id"]
        )
        return [area.id for (area,) in groups if area]

    def _find_waiting(self, filters):
        domain = self._get_waiting_domain(filters)
        order_model = self.env["service.order"]
        found = order_model.search(
            domain, limit=MAX_WAITING + 1, order="date_due, priority desc, id"
        )
        if len(found) <= MAX_WAITING:
            return found, len(found)
        return found[:MAX_WAITING], order_model.search_count(domain)

    # Reading what was found

    def _read_technicians(self, technicians, start, end) -> list[list]:
        # sudo: res.partner, resource: who may see a technician sees where and when
        # the technician works, never why not
        technicians_sudo = technicians.sudo()
        positions = self._get_base_positions(technicians_sudo)
        skills = self._get_skills(technicians_sudo)
        hours = technicians_sudo._get_work_hours(start, end)
        return [
            [
                technician.id,
                technician.name,
                technician.point_id.id,
                positions[technician.id],
                skills.get(technician.id, []),
                [[_seconds(since), _seconds(until)] for since, until in hours[key]],
            ]
            for key, technician in (
                (technician.id, technician) for technician in technicians_sudo
            )
        ]

    def _get_base_positions(self, technicians) -> dict:
        """Where each technician's day begins: the own base, else the point."""
        technicians.point_id.partner_id.fetch(["partner_latitude", "partner_longitude"])
        return {
            technician.id: technician._get_base_position() or False
            for technician in technicians
        }

    def _get_skills(self, technicians) -> dict:
        """Ids of the skills that each technician has today."""
        today = fields.Date.context_today(self)
        rows = self.env["service.technician.skill"].sudo()
        groups = rows._read_group(
            Domain("technician_id", "in", technicians.ids)
            & Domain("valid_from", "<=", today)
            & (Domain("valid_to", "=", False) | Domain("valid_to", ">=", today)),
            ["technician_id"],
            ["skill_id:array_agg"],
        )
        return {technician.id: skill_ids for technician, skill_ids in groups}

    def _read_points(self, points) -> list[list]:
        points.partner_id.fetch(["partner_latitude", "partner_longitude"])
        return [
            [point.id, point.name, point.kind, _position(point.partner_id)]
            for point in points
        ]

    def _read_visits(self, visits) -> list[list]:
        crews = dict(
            self.env["service.visit.crew"]
            .sudo()  # sudo: service.visit.crew: who goes is part of the visit
            ._read_group(
                [("visit_id", "in", visits.ids)],
                ["visit_id"],
                ["technician_id:array_agg"],
            )
        )
        return [
            [
                visit.id,
                visit.order_id.id,
                crews.get(visit, []),
                _seconds(visit.planned_start),
                _seconds(visit.planned_end),
                visit.state,
                visit.is_locked,
                visit.travel_minutes or False,
                bool(visit.slot_start)
                and [_seconds(visit.slot_start), _seconds(visit.slot_end)],
            ]
            for visit in visits
        ]

    def _read_orders(self, orders) -> list[list]:
        """``orders`` as superuser: whose they are was decided by finding them; the
        customer's name and place belong to the job."""
        orders.fetch(
            ["name", "state", "type_id", "priority", "date_due", "sla_due_at"]
            + ["partner_id", "site_id", "area_id", "point_id", "date_preferred"]
        )
        orders.partner_id.fetch(["name"])
        orders.site_id.fetch(["partner_latitude", "partner_longitude", "street"])
        orders.area_id.fetch(["name", "latitude", "longitude"])
        asked = self._get_asked_points(orders)
        return [
            [
                order.id,
                order.name,
                order.state,
                order.type_id.id,
                int(order.priority or 0),
                _seconds(order.sla_due_at or order.date_due),
                order.partner_id.name or "",
                " ".join(
                    part for part in (order.area_id.name, order.site_id.street) if part
                ),
                order._get_position() or False,
                order.point_id.id,
                round((order.type_id.duration or 1.0) * 60),
                order.date_preferred or "",
                asked.get(order.id, []),
            ]
            for order in orders
        ]

    def _get_asked_points(self, orders) -> dict:
        """Ids of the points whose answer each order waits for."""
        groups = self.env["service.offer"]._read_group(
            [("order_id", "in", orders.ids), ("state", "=", "offered")],
            ["order_id"],
            ["point_id:array_agg"],
        )
        return {order.id: point_ids for order, point_ids in groups}

    def _read_leaves(self, technicians, start, end) -> list[list]:
        """(technician id, start, end, name) of time off; holidays have their name,
        somebody's own leave has none."""
        # sudo: resource: as for the hours
        resources = technicians.sudo().resource_id
        owners = {tech.resource_id.id: tech.id for tech in technicians.sudo()}
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search_fetch(
                Domain("date_from", "<", end)
                & Domain("date_to", ">", start)
                & Domain("time_type", "=", "leave")
                & (
                    Domain("resource_id", "in", resources.ids)
                    | Domain("resource_id", "=", False)
                    & Domain("calendar_id", "in", [*resources.calendar_id.ids, False])
                    & Domain("company_id", "in", [*self.env.companies.ids, False])
                ),
                ["date_from", "date_to", "resource_id", "name"],
            )
        )
        return [
            [
                owners.get(leave.resource_id.id, False),
                _seconds(leave.date_from),
                _seconds(leave.date_to),
                "" if leave.resource_id else leave.name or "",
            ]
            for leave in leaves
        ]

    def _read_standbys(self, technicians, start, end) -> list[list]:
        """(technician id, start, end, where) of who stands by; on call has no place."""
        standbys = self.env["service.standby"].search_fetch(
            Domain("technician_id", "in", technicians.ids)
            & Domain("start", "<", end)
            & Domain("end", ">", start),
            ["technician_id", "start", "end", "place_id"],
            order="start, id",
        )
        return [
            [
                standby.technician_id.id,
                _seconds(standby.start),
                _seconds(standby.end),
                # sudo: service.point: where somebody waits belongs to the standby
                standby.sudo().place_id.name or "",
            ]
            for standby in standbys
        ]

    def _read_types(self) -> list[list]:
        types = self.env["service.type"].search_fetch(Domain.TRUE, ["name", "color"])
        return [[record.id, record.name, record.color] for record in types]

    def _read_skills(self, technicians) -> list[list]:
        rows = self.env["service.technician.skill"].sudo()
        groups = rows._read_group(
            [("technician_id", "in", technicians.ids)], ["skill_id"]
        )
        skills = self.env["hr.skill"].sudo().union(*(skill for (skill,) in groups))
        return sorted(([skill.id, skill.name] for skill in skills), key=lambda x: x[1])


def _seconds(moment) -> int | bool:
    """Seconds since 1970 of a naive UTC moment; ``False`` for none."""
    if not moment:
        return False
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def _moment(seconds) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=int(seconds))


def _position(partner):
    if partner.partner_latitude or partner.partner_longitude:
        return (partner.partner_latitude, partner.partner_longitude)
    return False
