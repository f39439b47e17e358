from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

JOB_OPEN_STATES = ("accepted", "scheduled", "in_progress")


class ServiceOrder(models.Model):
    """What the pages of a service point show of an order: what the job needs, as
    plain values, and nothing about other points, staff's notes or money. The methods
    expect orders in sudo, found through the user's rules."""

    _inherit = "service.order"

    @api.model
    def _get_job_domain(self) -> Domain:
        """Orders that the user's service points have taken."""
        return Domain(
            "point_id", "child_of", self.env.user.service_point_ids.ids
        ) & Domain("state", "in", (*JOB_OPEN_STATES, "done", "closed"))

    def _get_job_statuses(self) -> dict:
        return {
            "accepted": (self.env._("To plan"), "warning"),
            "scheduled": (self.env._("Planned"), "primary"),
            "in_progress": (self.env._("In progress"), "primary"),
            "done": (self.env._("Reported"), "success"),
            "closed": (self.env._("Closed"), "secondary"),
        }

    def _get_job_rows(self) -> list[dict]:
        """One line per order of a service point's list; constant queries."""
        statuses = self._get_job_statuses()
        return [
            {
                "id": order.id,
                "name": order.name,
                "url": f"/my/service/jobs/{order.id}",
                "title": order._get_portal_title(),
                "type": order.type_id.name,
                "contact": order._get_job_contact().name,
                "place": order._get_job_place(),
                "appointment": order.planned_start,
                "technician": order.technician_id.name,
                "due": order.date_due,
                "status": statuses[order.state],
            }
            for order in self
        ]

    def _get_job_place(self) -> str:
        """Where it is, no closer than the town or district."""
        self.ensure_one()
        site = self.site_id
        return self.area_id.display_name or site.city or site.state_id.name or ""

    def _get_job_contact(self):
        self.ensure_one()
        return self.requester_id or self.partner_id

    def _get_job_details(self) -> dict:
        """What is to be done, without the customer's identity."""
        self.ensure_one()
        asset = self.asset_id
        codes = (self.condition_id, self.symptom_id, self.section_id)
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type_id.name,
            "title": self._get_portal_title(),
            "category": self.category_id.name,
            "serial": asset.serial,
            "install_date": asset.install_date,
            "warranty": self._get_portal_warranties().get(self.warranty_state, ""),
            "faults": [code.name for code in codes if code],
            "description": self.description,
            "preferred": self.date_preferred,
            "due": self.date_due,
            "duration": self.type_id.duration or 1.0,
        }

    def _get_job_page(self) -> dict:
        """Everything the service point's page of one order shows."""
        self.ensure_one()
        contact = self._get_job_contact()
        visits = self.visit_ids.sorted("planned_start", reverse=True)
        return {
            **self._get_job_rows()[0],
            "state": self.state,
            "order": self._get_job_details(),
            "contact": contact.name,
            "asset": self.asset_id._get_site_facts() if self.asset_id else {},
            "phone": self.phone or contact.phone,
            "address": self.site_id._display_address(without_company=True).strip(),
            "messages": self._get_job_messages(),
            "visits": visits._get_job_values(),
            "can_plan": self.state == "accepted",
            "can_hand_back": self.state in ("accepted", "scheduled"),
        }

    def _get_visit_duration(self) -> timedelta:
        self.ensure_one()
        return timedelta(hours=self.type_id.duration or 1.0)

    def _get_job_messages(self) -> list[dict]:
        """What the customer wrote about the job, and what the point itself did."""
        self.ensure_one()
        return [
            {
                "date": message.date,
                "author": self._get_job_author(message),
                "text": message.body,
                "photos": self._get_portal_photos(message),
            }
            for message in self._get_job_public_messages()
        ]

    def _get_job_author(self, message) -> str:
        if message.author_id.commercial_partner_id == self.commercial_partner_id:
            return self.env._("Customer")
        return message.author_id.name

    def _get_job_public_messages(self):
        """Messages of the customer and of the points' users, not those of staff."""
        messages = self._get_public_messages()
        own = self.env.user.service_point_ids.user_ids.partner_id
        return messages.filtered(
            lambda message: (
                message.author_id in own
                or message.author_id.commercial_partner_id == self.commercial_partner_id
            )
        )

    def _get_job_photos(self) -> list[dict]:
        self.ensure_one()
        return [
            photo
            for message in self._get_job_public_messages()
            for photo in self._get_portal_photos(message)
        ]
