from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

# Facts of the ranking that are shares, told as percentages
SHARES = {"satisfaction", "first_time_fix", "late", "parts"}


class ServiceOffer(models.Model):
    """What a service point reads about an order that is offered to it."""

    _name = "service.offer"
    _inherit = ["service.offer", "service.portal.guard"]

    _portal_readable = frozenset(
        {
            "order_id",
            "state",
            "offered_at",
            "expires_at",
            "answered_at",
            "create_date",
            "write_date",
        }
    )

    @api.model
    def _get_open_domain(self) -> Domain:
        """Offers that wait for an answer of the user's service points."""
        return (
            Domain("point_id", "child_of", self.env.user.service_point_ids.ids)
            & Domain("state", "=", "offered")
            & Domain("expires_at", ">", fields.Datetime.now())
        )

    def _get_portal_rows(self) -> list[dict]:
        """One line per offer of a service point's list; expects sudo."""
        return [
            {
                "id": offer.id,
                "url": f"/my/service/offers/{offer.id}",
                "name": offer.order_id.name,
                "title": offer.order_id._get_portal_title(),
                "type": offer.order_id.type_id.name,
                "place": offer.order_id._get_job_place(),
                "point": offer.point_id.name,
                "expires": offer.expires_at,
                "priority": offer.order_id.priority,
                "is_pool": offer.is_pool,
            }
            for offer in self
        ]

    def _get_portal_page(self) -> dict:
        """Enough to decide on, but not yet who the customer is and how to call."""
        self.ensure_one()
        return {
            **self._get_portal_rows()[0],
            "order": self.order_id._get_job_details(),
            "reasons": [
                self._tell_reason(reason)
                for reason in self.reasons or ()
                if reason.get("text")
            ],
            "photos": self.order_id._get_job_photos(),
        }

    @api.model
    def _tell_reason(self, reason) -> dict:
        """A stored reason as ``{"text", "value"}``: what was looked at and what was
        found, in words; the value is empty where there is no fact to tell."""
        code, value = reason["code"], reason.get("value")
        if code == "continuity":
            value = {
                "designated": self.env._("designated"),
                "served": self.env._("you served it last"),
                "installed": self.env._("you installed it"),
            }.get(value, self.env._("no"))
        elif isinstance(value, bool):
            value = self.env._("Yes") if value else self.env._("no")
        elif code in SHARES and isinstance(value, float):
            value = f"{value:.0%}"
        elif isinstance(value, float):
            value = formatLang(self.env, value, digits=1)
        return {
            "text": reason["text"][:1].upper() + reason["text"][1:],
            # What others would cost is not for the point.
            "value": "" if code == "tariff" or value is None else str(value),
        }

    def _get_answer_url(self) -> str:
        """The page that answers without signing in."""
        self.ensure_one()
        return f"{self.get_base_url()}/service/offer/{self._sign_answer()}"
