import base64
import hashlib

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.web import Home

from .common import ServicePortal
from .document import read_document

APPLICATION_LIMITS = {
    "name": 100,
    "contact_name": 100,
    "phone": 40,
    "email": 100,
    "vat": 40,
    "street": 200,
    "city": 100,
    "zip": 20,
    "message": 2000,
    "kind": 10,
}

APPLICATION_TONES = {
    "new": "info",
    "review": "info",
    "approved": "success",
    "rejected": "danger",
}
DOCUMENT_TONES = {
    "claimed": "info",
    "valid": "success",
    "expiring": "warning",
    "expired": "danger",
    "refused": "danger",
}


class PointApplications(ServicePortal):
    """Becoming a service point: apply, hand in documents, see how far it is, begin.

    Anybody may apply and everybody gets the same answer: the link to the application
    goes to the mail address that was given.
    """

    @route(
        "/service/apply",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_apply(self, campaign=None, **kw):
        return self._render_application({}, campaign=campaign)

    @route(
        "/service/apply",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_apply_send(self, campaign=None, **post):
        values = {
            name: self._service_text(post.get(name), limit)
            for name, limit in APPLICATION_LIMITS.items()
        }
        # A field that people do not see: who fills it in is a program
        if not post.get("homepage"):
            address = request.httprequest.remote_addr or ""
            source = hashlib.sha256(address.encode()).hexdigest()
            try:
                with request.env.cr.savepoint():
                    found = self._find_campaign(campaign)
                    if campaign and not found:
                        return self._render_application(values, campaign=campaign)
                    # sudo: a stranger files an application, by an allow-list
                    request.env["service.point.application"].sudo()._apply(
                        values, source, found
                    )
            except UserError as error:
                request.env.invalidate_all(flush=False)
                return self._render_application(values, error.args[0], campaign)
        return self._service_render(
            "service_portal.application_thanks", {"page_name": "service_apply"}
        )

    def _find_campaign(self, token):
        return request.env["service.point.campaign"]._find_open(token)

    def _render_application(self, values, error=None, campaign=None):
        """The form; of a campaign its name, or that it has ended; or that the company
        takes no applications."""
        found = self._find_campaign(campaign)
        # sudo: res.company: whether it takes applications is what the page says
        company = (found.company_id or request.env.company).sudo()
        return self._service_render(
            "service_portal.application_form",
            {
                "page_name": "service_apply",
                "values": values,
                "error": error,
                "campaign": campaign if found else None,
                "campaign_name": found.name,
                "is_over": bool(campaign) and not found,
                "is_closed": not company.service_takes_applications,
            },
        )

    @route(
        "/service/apply/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_application(self, token, **kw):
        application = request.env["service.point.application"]._find_by_token(token)
        values = {"page_name": "service_application", "application": None}
        if application:
            values |= {
                "application": self._get_application_page(application),
                "url": f"/service/apply/{token}",
            }
        return self._service_render("service_portal.application_page", values)

    def _get_application_page(self, application) -> dict:
        types = request.env["service.document.type"].sudo()
        labels = dict(application._fields["state"]._description_selection(request.env))
        documents = application.document_ids
        states = dict(documents._fields["state"]._description_selection(request.env))
        return {
            "name": application.name,
            "state": application.state,
            "label": labels[application.state],
            "tone": APPLICATION_TONES[application.state],
            "reason": application.reason,
            "types": [
                {
                    "id": kept.id,
                    "name": kept.name,
                    "note": kept.note,
                    "mandatory": kept.is_mandatory,
                    "has_expiry": kept.has_expiry,
                    "states": [
                        (states[document.state], DOCUMENT_TONES[document.state])
                        for document in documents
                        if document.type_id == kept
                    ],
                }
                for kept in types._get_for(application.kind, "partner")
            ],
        }

    @route(
        "/service/apply/<string:token>/document",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def service_application_document(self, token, **post):
        application = request.env["service.point.application"]._find_by_token(token)
        if application and application.state in ("new", "review"):
            with self._service_action(request.env._("Thank you, we have it.")):
                self._file_document(application, post)
        return self._service_redirect(f"/service/apply/{token}")

    def _file_document(self, owner, post):
        """Keep what was sent for an application or a point (sudo)."""
        types = request.env["service.document.type"].sudo()
        types = types._get_for(owner.kind, "partner")
        kept = types.filtered(
            lambda one: one.id == self._service_id(post.get("type_id"))
        )
        if not kept:
            raise UserError(request.env._("Please choose what kind of document it is."))
        try:
            valid_to = fields.Date.to_date(
                self._service_text(post.get("valid_to"), 10) or False
            )
        except ValueError:
            raise UserError(
                request.env._("Please give the day as year-month-day.")
            ) from None
        name, content = read_document(
            request.env, request.httprequest.files.get("file")
        )
        # sudo: service.point.document: added for the owner that was checked
        request.env["service.point.document"].sudo()._hand_in(
            owner,
            {
                "type_id": kept.id,
                "number": self._service_text(post.get("number"), 60),
                "valid_to": valid_to,
                "file": base64.b64encode(content),
                "file_name": name,
            },
        )

    # The first login

    @route(
        "/my/service/welcome",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_welcome(self, **kw):
        points = request.env.user._get_own_service_points()
        if not points:
            return self._service_not_found()
        rows = [
            {"id": point.id, "name": point.name, "steps": self._get_steps(point)}
            for point in points[:20]
        ]
        return self._service_render(
            "service_portal.welcome_page",
            {"page_name": "service_welcome", "points": rows},
        )

    def _get_steps(self, point) -> list[tuple]:
        """What is to be seen to, whether it is, and where."""
        env = request.env
        partner = point.partner_id
        capacity = point.daily_capacity or point.capacity_ids
        page = "/my/service/point"
        return [
            (
                env._("Address and phone"),
                bool(partner.street and partner.phone),
                "/my/account",
            ),
            # Entered by the network's manager: nothing to do but to look
            (env._("Area covered"), bool(point.coverage_ids), page),
            (
                env._("Technicians"),
                bool(point.technician_ids),
                "/my/service/technicians",
            ),
            (env._("Capacity a day"), bool(capacity), page),
            (env._("Documents checked"), not point._get_missing_documents(), page),
        ]

    @route(
        "/my/service/welcome/done",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_welcome_done(self, **kw):
        points = request.env.user._get_own_service_points()
        # sudo: service.point: own points were read for; only the list is put away
        points.sudo().filtered("welcome_due").welcome_due = False
        return self._service_redirect("/my")


class ServiceHome(Home):
    def _login_redirect(self, uid, redirect=None):
        user = request.env["res.users"].browse(uid)
        if not redirect and any(
            point.welcome_due for point in user.sudo().service_point_ids
        ):
            redirect = "/my/service/welcome"
        return super()._login_redirect(uid, redirect=redirect)
