from odoo import fields
from odoo.http import request, route

from .common import ServicePortal


class CustomerRegistration(ServicePortal):
    """A customer registers a product: by the code on its label, or by its number."""

    @route(
        "/my/service/assets/register",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_registration(self, p=None, s=None, c=None, **kw):
        """The form; a scanned label fills it in, and nothing is changed yet."""
        values = {
            "product_id": self._service_id(p),
            "serial": self._service_text(s, 64),
            "signature": self._service_text(c, 64),
        }
        registrations = request.env["service.asset.registration"]
        name = ""
        if values["signature"] and registrations._is_genuine(
            values["product_id"], values["serial"], values["signature"]
        ):
            # sudo: product.product: the label says what the product is
            product = request.env["product.product"].sudo()
            name = product.browse(values["product_id"]).exists().name
        return self._service_render(
            "service_portal.asset_register",
            {
                "page_name": "service_assets",
                "values": values,
                "product_name": name,
                "today": fields.Date.context_today(request.env.user),
            },
        )

    @route(
        "/my/service/assets/register",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_registration_send(
        self, p=None, s=None, c=None, product=None, purchase_date=None, **post
    ):
        registrations = request.env["service.asset.registration"]
        with self._service_action() as result:
            record = registrations._submit(
                {
                    "product_id": self._service_id(p),
                    "serial": self._service_text(s, 64),
                    "signature": self._service_text(c, 64),
                    "product": self._service_text(product, 200),
                    "purchase_date": self._read_purchase_day(purchase_date),
                }
            )
            result["state"] = record.state
        if not result["done"]:
            return self._service_redirect("/my/service/assets/register")
        self._service_flash(
            request.env._("Thank you. The product is registered in your name.")
            if result["state"] == "done"
            else request.env._(
                "Thank you. We check your registration; the product then appears in "
                "your list."
            )
        )
        return self._service_redirect("/my/service/assets")

    def _read_purchase_day(self, text):
        try:
            return fields.Date.to_date(self._service_text(text, 10) or None)
        except ValueError:
            return None
