from itertools import zip_longest

from odoo.exceptions import UserError
from odoo.http import request, route

from .common import ServicePortal
from .photo import read_photos

MAX_PARTS = 20
PART_FIELDS = ("part_id", "quantity", "serial", "old_serial")


class PointVisits(ServicePortal):
    """A service point's user reports how a visit goes and what came of it."""

    def _find_visit(self, order_id, visit_id):
        """A visit of an order of the user's service points, in sudo, or none."""
        order = self._find_job(order_id)
        return order.visit_ids.filtered(
            lambda visit: visit.id == visit_id and visit.point_id == order.point_id
        )

    def _report_step(self, order_id, visit_id, method, success):
        visit = self._find_visit(order_id, visit_id)
        if not visit:
            return self._service_not_found()
        with self._service_action(success):
            getattr(visit, method)()
        return self._service_redirect(f"/my/service/jobs/{order_id}")

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/en_route",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_visit_en_route(self, order_id, visit_id, **kw):
        return self._report_step(
            order_id,
            visit_id,
            "action_en_route",
            request.env._("The customer sees that you are on the way."),
        )

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/on_site",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_visit_on_site(self, order_id, visit_id, **kw):
        return self._report_step(
            order_id,
            visit_id,
            "action_on_site",
            request.env._("Arrival noted."),
        )

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/report",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_visit_report(self, order_id, visit_id, **kw):
        visit = self._find_visit(order_id, visit_id)
        if not visit or visit.state in ("done", "cancelled"):
            return self._service_not_found()
        return self._render_report(visit, {})

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/report",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_visit_report_send(self, order_id, visit_id, **post):
        visit = self._find_visit(order_id, visit_id)
        if not visit:
            return self._service_not_found()
        form = request.httprequest.form
        values = {
            "outcome": self._service_text(post.get("outcome"), 20),
            "report": self._service_text(post.get("report")),
            "signed_by": self._service_text(post.get("signed_by"), 100),
            "needs_next_visit": bool(post.get("needs_next_visit")),
            "section_id": self._service_id(post.get("section_id")),
            "defect_id": self._service_id(post.get("defect_id")),
            "repair_code_id": self._service_id(post.get("repair_code_id")),
            "parts": list(
                zip_longest(*(form.getlist(name) for name in PART_FIELDS), fillvalue="")
            )[:MAX_PARTS],
        }
        try:
            with request.env.cr.savepoint():
                self._finish_visit(visit, values, post.get("signature"))
        except UserError as error:
            request.env.invalidate_all(flush=False)
            return self._render_report(visit, values, error.args[0])
        self._service_flash(request.env._("Thank you. The visit is reported."))
        return self._service_redirect(f"/my/service/jobs/{order_id}")

    # The checklist of the report: kept as it is filled in, like on the phone

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/answer",
        type="jsonrpc",
        auth="user",
        methods=["POST"],
    )
    def service_visit_answer(
        self, order_id, visit_id, key=None, value=None, remark=None, picture=None, **kw
    ):
        """Answer an item of the visit's checklist; the checklist as it is then."""
        visit = self._find_visit(order_id, visit_id)
        if not visit:
            return {"error": request.env._("This is not possible.")}
        try:
            with request.env.cr.savepoint():
                if picture:
                    visit.answer_checklist_picture(key, picture)
                else:
                    visit.answer_checklist(key, value, remark)
        except UserError as error:
            request.env.invalidate_all(flush=False)
            return {"error": error.args[0]}
        return visit._get_checklist_data()[visit]

    @route(
        "/my/service/jobs/<int:order_id>/visits/<int:visit_id>/photos/<int:photo_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_visit_photo(self, order_id, visit_id, photo_id, **kw):
        photos = self._find_visit(order_id, visit_id).answer_ids.photo_ids
        return self._service_photo(photos.filtered(lambda file: file.id == photo_id))

    def _finish_visit(self, visit, values, signature):
        files = request.httprequest.files.getlist("photos")
        photos = read_photos(request.env, files)
        result = visit._prepare_portal_result(values)
        result["signature"] = signature or False
        if signature and not values["signed_by"]:
            raise UserError(
                request.env._("Name is missing: who signed for the customer?")
            )
        visit._add_portal_parts(values["parts"])
        visit.action_done(result)
        if photos:
            visit.order_id._post_from_portal(
                request.env._("Photos of the visit"), photos, subscribe=False
            )

    def _render_report(self, visit, values, error=None):
        return self._service_render(
            "service_portal.visit_report",
            {
                "page_name": "service_visit",
                "job": visit.order_id._get_job_rows()[0],
                "visit": visit._get_job_values()[0],
                "choices": visit._get_report_choices(),
                "checklist": visit._get_checklist_data()[visit],
                "values": values,
                "error": error,
            },
        )
