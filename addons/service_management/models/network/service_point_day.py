from datetime import timedelta

from odoo import api, fields, models

# Days that the calendar on the form looks ahead
AHEAD_DAYS = 28


class ServicePoint(models.Model):
    """A point's day: is it open, what does it take, are its papers valid?"""

    _inherit = "service.point"

    document_ids = fields.One2many("service.point.document", "point_id")
    capacity_ids = fields.One2many("service.point.capacity", "point_id", copy=True)
    closure_ids = fields.One2many("service.point.closure", "point_id")
    documents_end = fields.Date(
        string="Documents Valid Until",
        compute="_compute_documents_end",
        store=True,
        help="The first day a mandatory document ends without a newer one; after it "
        "the point gets no new orders.",
    )
    document_warning = fields.Char(compute="_compute_document_warning")
    next_closed = fields.Char(
        string="Closed Soon",
        compute="_compute_next_closed",
        help="Closed days of the next four weeks, public holidays included.",
    )

    @api.depends(
        "kind",
        "ownership",
        "document_ids.type_id.is_mandatory",
        "document_ids.type_id.kind",
        "document_ids.type_id.ownership",
        "document_ids.valid_to",
        "document_ids.verification",
    )
    def _compute_documents_end(self):
        for point in self:
            ends = {}
            for document in point.document_ids:
                kept = document.type_id
                if (
                    document.verification == "verified"
                    and kept.is_mandatory
                    and kept._concerns(point.kind, point.ownership)
                ):
                    end = document.valid_to or fields.Date.to_date("9999-12-31")
                    ends[kept] = max(end, ends.get(kept, end))
            last = min(ends.values(), default=None)
            point.documents_end = last if last and last.year < 9999 else False

    @api.depends("documents_end", "document_ids.verification", "kind", "ownership")
    def _compute_document_warning(self):
        for point in self:
            missing = point._get_missing_documents()
            names = ", ".join(missing.mapped("name"))
            point.document_warning = (
                self.env._("Missing or expired: %(documents)s", documents=names)
                if names
                else False
            )

    def _compute_next_closed(self):
        today = fields.Date.context_today(self)
        closed = {point.id: [] for point in self}
        for step in range(AHEAD_DAYS):
            day = today + timedelta(days=step)
            for point_id in self._get_closed_points(day, weekends=False):
                closed[point_id].append(f"{day:%m-%d}")
        for point in self:
            point.next_closed = ", ".join(closed.get(point.id, ())[:10]) or False

    def _get_missing_documents(self):
        """The mandatory types of which the point has no valid, checked document."""
        self.ensure_one()
        wanted = (
            self.env["service.document.type"]
            ._get_for(self.kind, self.ownership)
            .filtered("is_mandatory")
        )
        # sudo: service.point.document: that one is missing is no secret of it
        valid = self.sudo().document_ids.filtered(
            lambda document: document.state in ("valid", "expiring")
        )
        return wanted - valid.type_id

    # The day

    def _get_zone(self, company) -> str:
        """The time zone that a point's hours are in; without a point, the company's."""
        return self.resource_calendar_id.tz or company._get_service_zone()

    def _get_day_capacity(self, day) -> dict:
        """How much each point can take on a day, and whether it is open.

        A point on probation takes no more than its limit. The number of queries does
        not depend on how many points there are.

        :return: ``{point id: {"orders": n, "hours": h, "types": {type id: {"orders",
            "hours"}}, "open": bool}}``; 0 means without a limit
        """
        # sudo: service.point.capacity: limits count, whoever asks
        rows = self.env["service.point.capacity"].sudo()
        rows = rows.search_fetch(
            [("point_id", "in", self.ids)],
            ["point_id", "type_id", "orders_a_day", "hours_a_day"],
        )
        closed = self._get_closed_points(day)
        result = {}
        for point in self.sudo():
            orders = point.daily_capacity
            if point.state == "probation":
                limits = [n for n in (orders, point.probation_orders) if n]
                orders = min(limits, default=0)
            result[point.id] = {
                "orders": orders,
                "hours": 0.0,
                "types": {},
                "open": point.id not in closed,
            }
        for row in rows:
            capacity = result[row.point_id.id]
            if row.type_id:
                capacity["types"][row.type_id.id] = {
                    "orders": row.orders_a_day,
                    "hours": row.hours_a_day,
                }
                continue
            limits = [n for n in (capacity["orders"], row.orders_a_day) if n]
            capacity["orders"] = min(limits, default=0)
            capacity["hours"] = row.hours_a_day
        return result

    def _get_closed_points(self, day, weekends=True) -> set:
        """Ids of the points that are closed on a day: by their own closed days, those
        of a point above, or their opening hours and public holidays.

        :param weekends: whether days without opening hours count as closed
        """
        return self._get_points_off(day, weekends) | self._get_points_with_closure(day)

    def _get_points_with_closure(self, day) -> set:
        """Ids of the points that have a closed day of their own, or a point above."""
        # sudo: service.point.closure: whether a point is open is no secret
        closures = self.env["service.point.closure"].sudo()
        rows = closures.search_fetch(
            [("date_from", "<=", day), ("date_to", ">=", day)], ["point_id"]
        )
        closed_ids = set(rows.point_id.ids)
        closed = set()
        for point in self.sudo() if closed_ids else ():
            path = {int(key) for key in (point.parent_path or "").split("/") if key}
            if path & closed_ids:
                closed.add(point.id)
        return closed

    def _get_points_off(self, day, weekends) -> set:
        """Hook: ids of the points whose opening hours leave the day free."""
        return set()

    # Who may get orders

    def _get_dispatch_refusals(self, day) -> dict:
        """``{point id: code}`` of the points that get no orders on a day whatever they
        cover."""
        refusals = {}
        for point in self.sudo():
            if point.documents_end and point.documents_end < day:
                refusals[point.id] = "document"
        return refusals
