from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from .common import ServicePortal
from .document import read_document

URL = "/my/service/technicians"


class PointTechnicians(ServicePortal):
    """A service point's user keeps the point's own technicians."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_technician_count" in counters:
            values["service_technician_count"] = request.env[
                "service.technician"
            ]._count_portal(self._get_technician_domain())
        return values

    def _get_technician_points(self):
        """The service points whose technicians the user keeps, in sudo."""
        # sudo: res.users, service.point: to whom the user belongs
        return request.env.user.sudo().service_point_ids

    def _get_technician_domain(self) -> Domain:
        return Domain("point_id", "in", self._get_technician_points().ids)

    def _find_technician(self, technician_id):
        """A technician of the user's points, in sudo, or none."""
        return request.env["service.technician"]._search_portal(
            self._get_technician_domain() & Domain("id", "=", technician_id)
        )

    @route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_technicians(self, page=1, **kw):
        if not request.env.user.service_point_ids:
            return self._service_not_found()
        technicians, values = self._service_list(
            request.env["service.technician"],
            URL,
            self._get_technician_domain(),
            page,
            {
                "sortings": {
                    "name": {"label": request.env._("Name"), "order": "name, id"}
                }
            },
        )
        return self._service_render(
            "service_portal.technician_list",
            {
                **values,
                "page_name": "service_technicians",
                "rows": technicians._get_portal_rows(),
            },
        )

    @route(
        f"{URL}/new",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_technician_new(self, **kw):
        points = self._get_technician_points()
        if not points:
            return self._service_not_found()
        return self._render_technician(None, {})

    @route(f"{URL}/new", type="http", auth="user", website=True, methods=["POST"])
    def service_technician_create(self, **post):
        points = self._get_technician_points()
        if not points:
            return self._service_not_found()
        values = self._read_technician(post)
        # sudo: service.technician: a point's user makes technicians of the own points,
        # which the values are checked for
        technicians_sudo = request.env["service.technician"].sudo()
        with self._service_action(request.env._("The technician was added.")) as result:
            technician = technicians_sudo.create(
                technicians_sudo._prepare_portal_vals(values, points)
            )
        if not result["done"]:
            return self._render_technician(None, values)
        return self._service_redirect(f"{URL}/{technician.id}")

    @route(
        f"{URL}/<int:technician_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_technician(self, technician_id, **kw):
        technician = self._find_technician(technician_id)
        if not technician:
            return self._service_not_found()
        return self._render_technician(technician, {})

    @route(
        f"{URL}/<int:technician_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_save(self, technician_id, **post):
        return self._change_technician(
            technician_id,
            lambda technician: technician.write(
                technician._prepare_portal_vals(
                    self._read_technician(post), self._get_technician_points()
                )
            ),
            request.env._("Saved."),
        )

    @route(
        f"{URL}/<int:technician_id>/skills",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_skill(self, technician_id, **post):
        def add(technician):
            filename, content = self._read_certificate()
            technician._add_portal_skill(
                {
                    "level": self._service_text(post.get("level"), 30),
                    "valid_from": self._service_text(post.get("valid_from"), 10),
                    "valid_to": self._service_text(post.get("valid_to"), 10),
                    "number": self._service_text(post.get("number"), 60),
                    "filename": filename,
                    "content": content,
                },
                self._get_technician_points(),
            )

        return self._change_technician(
            technician_id,
            add,
            request.env._("Added. Certificates count once they have been verified."),
        )

    @route(
        f"{URL}/<int:technician_id>/leave",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_leave(self, technician_id, **post):
        def leave(technician):
            try:
                first = fields.Date.to_date(self._service_text(post.get("first"), 10))
                last = fields.Date.to_date(self._service_text(post.get("last"), 10))
            except ValueError:
                first = last = None
            if not first or not last:
                raise UserError(request.env._("Please give the first and last day."))
            visits = technician._add_days_off(first, last)
            if visits:
                self._service_flash(
                    request.env._(
                        "Noted. Visits to plan anew: %(visits)s",
                        visits=", ".join(visits.order_id.mapped("name")),
                    ),
                    "warning",
                )
            else:
                self._service_flash(request.env._("Noted."))

        return self._change_technician(technician_id, leave, None)

    @route(
        f"{URL}/<int:technician_id>/archive",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_archive(self, technician_id, **kw):
        technician = self._find_technician(technician_id)
        if not technician:
            return self._service_not_found()
        with self._service_action(
            request.env._("The technician is no longer planned.")
        ) as result:
            technician._archive_for_point()
        return self._service_redirect(
            URL if result["done"] else f"{URL}/{technician_id}"
        )

    @route(
        f"{URL}/<int:technician_id>/invite",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_technician_invite(self, technician_id, email=None, **kw):
        return self._change_technician(
            technician_id,
            lambda technician: technician._invite_to_portal(
                self._service_text(email, 200)
            ),
            request.env._("An invitation was sent."),
        )

    def _change_technician(self, technician_id, change, success):
        technician = self._find_technician(technician_id)
        if not technician:
            return self._service_not_found()
        with self._service_action(success):
            change(technician)
        return self._service_redirect(f"{URL}/{technician_id}")

    def _read_technician(self, post) -> dict:
        """What the form may say, and nothing else (L32)."""
        form = request.httprequest.form
        return {
            "name": self._service_text(post.get("name"), 100),
            "phone": self._service_text(post.get("phone"), 50),
            "vehicle": self._service_text(post.get("vehicle"), 50),
            "point_id": self._service_id(post.get("point_id")),
            "calendar_id": self._service_id(post.get("calendar_id")),
            "tool_ids": [self._service_id(key) for key in form.getlist("tool_ids")],
            "lang_ids": [self._service_id(key) for key in form.getlist("lang_ids")],
        }

    def _read_certificate(self):
        """Name and content of the paper sent, if one was."""
        file = request.httprequest.files.get("certificate")
        if not file or not file.filename:
            return False, False
        return read_document(request.env, file)

    def _render_technician(self, technician, values):
        points = self._get_technician_points()
        # sudo: service.technician: the choices are those of the user's own points
        choices = request.env["service.technician"].sudo()._get_portal_choices(points)
        page = technician._get_portal_page() if technician else {}
        return self._service_render(
            "service_portal.technician_page",
            {
                "page_name": "service_technician",
                "technician": page,
                "values": values or page,
                "point_id": values.get("point_id")
                or (technician.point_id.id if technician else points[:1].id),
                "choices": choices,
                "action": page.get("url") or f"{URL}/new",
            },
        )
