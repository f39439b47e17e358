from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal, to_local

PLAN_DAYS = 7
MAX_SLOTS = 40
FILTER_STATES = {
    "open": ("accepted", "scheduled", "in_progress"),
    "plan": ("accepted",),
    "planned": ("scheduled", "in_progress"),
    "done": ("done", "closed"),
}


class PointJobs(ServicePortal):
    """A service point's user plans the orders that the point has taken."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_job_count" in counters:
            orders = request.env["service.order"]
            values["service_job_count"] = orders._count_portal(
                orders._get_job_domain() & Domain("state", "in", FILTER_STATES["open"])
            )
        return values

    def _find_job(self, order_id):
        """An order of the user's service points, in sudo, or none."""
        model = request.env["service.order"]
        return model._search_portal(
            model._get_job_domain() & Domain("id", "=", order_id)
        )

    @route(
        ["/my/service/jobs", "/my/service/jobs/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_jobs(
        self, page=1, sortby=None, filterby=None, search=None, search_in=None, **kw
    ):
        if not request.env.user.service_point_ids:
            return self._service_not_found()
        model = request.env["service.order"]
        orders, values = self._service_list(
            model,
            "/my/service/jobs",
            model._get_job_domain(),
            page,
            self._get_service_job_options(),
            sortby=sortby,
            filterby=filterby,
            search=search,
            search_in=search_in,
        )
        return self._service_render(
            "service_portal.job_list",
            {
                **values,
                "page_name": "service_jobs",
                "rows": orders._get_job_rows(),
            },
        )

    def _get_service_job_options(self) -> dict:
        labels = {
            "open": request.env._("Open"),
            "plan": request.env._("To plan"),
            "planned": request.env._("Planned"),
            "done": request.env._("Reported"),
        }
        return {
            "sortings": {
                "due": {"label": request.env._("Due"), "order": "date_due, id"},
                "visit": {
                    "label": request.env._("Visit"),
                    "order": "planned_start, id",
                },
                "date": {
                    "label": request.env._("Newest"),
                    "order": "date_request desc, id desc",
                },
            },
            "filters": {
                **{
                    name: {
                        "label": label,
                        "domain": Domain("state", "in", FILTER_STATES[name]),
                    }
                    for name, label in labels.items()
                },
                "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            },
            "inputs": {
                "all": {
                    "label": request.env._("Search in jobs"),
                    "domain": lambda term: Domain.OR(
                        Domain(field, "ilike", term)
                        for field in (
                            "name",
                            "asset_id.name",
                            "product_id.name",
                            "partner_id.name",
                            "site_id.city",
                        )
                    ),
                },
            },
        }

    @route(
        "/my/service/jobs/<int:order_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_job(self, order_id, **kw):
        order = self._find_job(order_id)
        if not order:
            return self._service_not_found()
        zone = self._get_point_zone(order.point_id)
        values = {
            "page_name": "service_job",
            "job": order._get_job_page(),
            "zone": str(zone),
        }
        if order.state == "accepted":
            values |= self._prepare_plan_values(order, zone)
        if values["job"]["can_hand_back"]:
            values["reasons"] = self._get_reject_reasons()
        return self._service_render("service_portal.job_page", values)

    @route(
        "/my/service/jobs/<int:order_id>/photos/<int:photo_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_job_photo(self, order_id, photo_id, **kw):
        order = self._find_job(order_id)
        photo = order and order._find_portal_photo(
            photo_id, order._get_job_public_messages()
        )
        return self._service_photo(photo)

    @route(
        "/my/service/jobs/<int:order_id>/plan",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_job_plan(self, order_id, start=None, **kw):
        order = self._find_job(order_id)
        if not order:
            return self._service_not_found()
        zone = self._get_point_zone(order.point_id)
        with self._service_action(
            request.env._("The visit is planned. The customer sees the time.")
        ):
            # One for each of the crew, in the order in which they were chosen
            chosen = request.httprequest.form.getlist("technician_id")
            people = order.point_id.technician_ids
            crew = people.browse(
                key
                for key in dict.fromkeys(map(self._service_id, chosen))
                if key in people.ids
            )
            begin = self._read_local_time(start, zone)
            if not begin:
                raise UserError(
                    request.env._("Please choose a day and a time for the visit.")
                )
            if begin < fields.Datetime.now() - timedelta(minutes=5):
                raise UserError(request.env._("Please choose a time to come."))
            # The business rules write times in the zone of the point
            order.with_context(tz=str(zone))._plan_visit(
                crew, begin, begin + order._get_visit_duration()
            )
        return self._service_redirect(f"/my/service/jobs/{order_id}")

    @route(
        "/my/service/jobs/<int:order_id>/hand_back",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_job_hand_back(self, order_id, reason_id=None, note=None, **kw):
        order = self._find_job(order_id)
        if not order:
            return self._service_not_found()
        with self._service_action(request.env._("You handed the job back.")) as result:
            order.action_hand_back(
                self._service_id(reason_id), self._service_text(note, 500)
            )
        if result["done"]:
            return self._service_redirect("/my/service/jobs")
        return self._service_redirect(f"/my/service/jobs/{order_id}")

    def _prepare_plan_values(self, order, zone) -> dict:
        """Technicians and free times of the point; empty where none are known."""
        technicians = order.point_id.technician_ids
        now = fields.Datetime.now()
        size = order.type_id.crew_size or 1
        slots, obstacle = order._search_slots(count=MAX_SLOTS, days=PLAN_DAYS)
        slots.sort(key=lambda slot: slot["start"])
        return {
            "crew": list(range(1, size + 1)),
            "obstacle": obstacle,
            "technicians": [(person.id, person.name) for person in technicians],
            "slots": [
                {
                    **slot,
                    "crew": ",".join(map(str, slot["technician_ids"])),
                    "value": to_local(slot["start"], zone).strftime("%Y-%m-%dT%H:%M"),
                }
                for slot in slots
            ],
            "first_time": to_local(now, zone).strftime("%Y-%m-%dT%H:%M"),
        }
