import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import format_date

from .common import ServicePortal
from .photo import read_photos

LATEST_DAYS = 90
# What the form may say; anything else that is sent is not looked at.
REQUEST_IDS = ("type_id", "asset_id", "category_id", "symptom_id")
REQUEST_TEXTS = {
    "description": 5000,
    "phone": 40,
    "period": 20,
    "day": 10,
    "other_day": 10,
    "window": 40,
    "wants_call": 5,
}


class CustomerRequests(ServicePortal):
    """A customer files a request."""

    @route(
        "/my/service/orders/new",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_request(self, asset_id=None, **kw):
        return self._render_request(
            uuid.uuid4().hex, {"asset_id": self._service_id(asset_id)}
        )

    @route(
        "/my/service/orders/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_request_send(self, token=None, **post):
        values = {name: self._service_id(post.get(name)) for name in REQUEST_IDS}
        values |= {
            name: self._service_text(post.get(name), limit)
            for name, limit in REQUEST_TEXTS.items()
        }
        token = self._service_text(token, 64)
        files = request.httprequest.files.getlist("photos")
        refusal = ""
        try:
            with request.env.cr.savepoint():
                photos = read_photos(request.env, files)
                orders = request.env["service.order"]
                window = values["window"] and orders._read_window(values["window"])
                order, is_new = orders._file_request(
                    token, {**values, "preferred": self._read_preferred(values)}, photos
                )
                if is_new:
                    refusal = order._take_wish(window, bool(values["wants_call"]))
        except UserError as error:
            request.env.invalidate_all(flush=False)
            return self._render_request(
                token or uuid.uuid4().hex, values, error.args[0]
            )
        text = (
            request.env._("Thank you. Your request %s was received.", order.name)
            if is_new
            else request.env._("Request %s was received already.", order.name)
        )
        if refusal:
            self._service_flash(f"{text} {refusal}", "warning")
        else:
            self._service_flash(text)
        return self._service_redirect(order.access_url)

    @route(
        "/my/service/orders/new/windows",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def service_request_windows(self, **params):
        """The part of the form with the times that are free for what is chosen."""
        values = {name: self._service_id(params.get(name)) for name in REQUEST_IDS}
        values["window"] = self._service_text(params.get("window"), 40)
        return request.render(
            "service_portal.request_windows",
            {"values": values, "windows": self._get_windows(values)},
        )

    def _get_windows(self, values) -> list[dict]:
        if not values.get("type_id"):
            return []
        # sudo: service.order: what may be asked for is checked, as when it is filed
        orders_sudo = request.env["service.order"].sudo()
        try:
            vals = orders_sudo._prepare_request_subject(values)
        except UserError:
            return []
        return [
            {**window, "is_chosen": window["value"] == values.get("window")}
            for window in orders_sudo._get_request_windows(vals)
        ]

    def _render_request(self, token, values, error=None):
        # sudo: the form offers what every customer may choose from, and own assets
        choices = request.env["service.order"].sudo()._get_request_choices()
        today = fields.Date.context_today(request.env.user)
        person = request.env.user.partner_id
        return self._service_render(
            "service_portal.request_form",
            {
                "page_name": "service_request",
                "token": token,
                "choices": choices,
                "values": values,
                "windows": self._get_windows(values),
                "error": error,
                "first_day": today,
                "last_day": today + timedelta(days=LATEST_DAYS),
                "phone": person.phone or "",
                "address": person._display_address(without_company=True).strip(),
            },
        )

    def _read_preferred(self, values) -> str:
        """Days and time of day as one text for whoever plans."""
        periods = request.env["service.order"]._get_request_periods()
        days = [
            self._read_wished_day(values[name])
            for name in ("day", "other_day")
            if values[name]
        ]
        parts = [
            format_date(request.env, day, date_format="yyyy-MM-dd")
            for day in sorted(set(days))
        ]
        if values["period"] in periods and (days or values["period"] != "any"):
            parts.append(periods[values["period"]])
        return ", ".join(parts)

    def _read_wished_day(self, value):
        try:
            day = fields.Date.to_date(value)
        except ValueError:
            raise UserError(
                request.env._("Please give the day as year-month-day.")
            ) from None
        today = fields.Date.context_today(request.env.user)
        if not today <= day <= today + timedelta(days=LATEST_DAYS):
            raise UserError(
                request.env._(
                    "Please choose a day within the next %s days.", LATEST_DAYS
                )
            )
        return day
