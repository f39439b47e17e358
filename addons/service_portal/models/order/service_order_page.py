from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

# A photo in the timeline is one of these; anything else is offered to nobody.
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
CANCELLABLE_STATES = ("new", "offered", "accepted")
MESSAGE_LIMIT = 200
# Written by people or sent to them; not what the system notes
MESSAGE_TYPES = ("comment", "email", "email_outgoing", "auto_comment")


class ServiceOrder(models.Model):
    """What the pages of a customer show, as plain values.

    Templates get dictionaries and never records: a page cannot show what is not
    named here. The methods expect orders in sudo, found through the user's rules.
    """

    _inherit = "service.order"

    def _get_portal_rows(self) -> list[dict]:
        """One line per order of the customer's list; constant queries."""
        statuses = self._get_portal_statuses()
        appointments = self._get_portal_appointments()
        return [
            {
                "id": order.id,
                "name": order.name,
                "url": order.access_url,
                "title": order._get_portal_title(),
                "type": order.type_id.name,
                "date": order.date_request,
                "appointment": appointments.get(order),
                "status": statuses[order.state],
            }
            for order in self
        ]

    def _get_portal_page(self) -> dict:
        """Everything the customer's page of one order shows."""
        self.ensure_one()
        visit = self._get_portal_appointments().get(self)
        state = self.state
        return {
            **self._get_portal_rows()[0],
            "state": state,
            "sentence": self.customer_status or False,
            "description": self.description,
            "symptom": self.symptom_id.name,
            "preferred": self.date_preferred,
            "asset": self._get_portal_asset(),
            "site": self._get_portal_site(),
            "appointment": visit,
            "outcome": self._get_portal_outcomes().get(self.outcome)
            if state in ("done", "closed")
            else False,
            "report": self.outcome_note if state in ("done", "closed") else False,
            "warranty": self._get_portal_warranties().get(self.warranty_state, ""),
            "payers": self._get_portal_payers(),
            "documents_missing": self._get_portal_documents_missing(),
            "timeline": self._get_portal_timeline(),
            "can_cancel": state in CANCELLABLE_STATES,
            "can_confirm": state == "done",
            "can_reschedule": self._can_reschedule(),
            "can_write": state not in ("closed", "cancelled"),
            "promised": self.slot_start and self._get_portal_window(),
            "windows": self._get_portal_windows(),
        }

    def _get_portal_payers(self) -> list[dict]:
        """Who pays labour, parts and travel, in plain words and with the reason."""
        self.ensure_one()
        if self.state == "draft":
            return []
        texts = self._get_portal_payer_texts()
        exclusions = self.env["service.warranty.exclusion"]
        reasons = {row.get("kind"): row for row in self.warranty_reasons or ()}
        rows = []
        for row in self._prepare_payer_rows(self.coverage_state):
            reason = reasons.get(row["kind"], {})
            note = ""
            if row["payer"] == "customer" and reason.get("code") == "excluded":
                note = exclusions._get_plain_words(reason["exclusion"])
            elif row["payer"] in ("warranty", "open") or reason.get("code") == "ended":
                note = row["text"]
            rows.append(
                {
                    "kind": row["label"],
                    "payer": row["payer"],
                    "text": texts[row["payer"]],
                    "note": note[:1].upper() + note[1:],
                }
            )
        return rows

    def _get_portal_documents_missing(self) -> str:
        """What the customer may still hand in while that decides who pays."""
        self.ensure_one()
        partner = self.env.user.partner_id.commercial_partner_id
        is_own = self.asset_id.commercial_partner_id == partner
        if self.state in ("draft", *FINISHED_STATES) or not is_own:
            return ""
        return ", ".join(
            row["name"]
            for row in self.asset_id._get_portal_documents()
            if row["state"] in ("missing", "refused")
        )

    def _can_reschedule(self) -> bool:
        """Whether the customer may still choose or ask for another time."""
        return self.state in (*CANCELLABLE_STATES, "scheduled")

    def _get_portal_window(self) -> str:
        return self._get_window_text(self.slot_start, self.slot_end)

    def _get_portal_windows(self) -> list[dict]:
        """The times that the customer may choose from, without how many are left."""
        return self._get_window_choices() if self._can_reschedule() else []

    def _get_portal_title(self) -> str:
        """The thing it is about: the product, else the category, else the type."""
        self.ensure_one()
        return (
            self.asset_id.name
            or self.product_id.display_name
            or self.category_id.name
            or self.type_id.name
            or ""
        )

    def _get_portal_asset(self):
        self.ensure_one()
        asset = self.asset_id
        return asset and {"id": asset.id, "name": asset.name, "serial": asset.serial}

    def _get_portal_site(self) -> str:
        self.ensure_one()
        return self.site_id._display_address(without_company=True).strip()

    def _get_portal_appointments(self) -> dict:
        """The visit that is to come or under way, by order, as the customer sees it."""
        visits = self.env["service.visit"].search(
            [
                ("order_id", "in", self.ids),
                ("state", "in", ("planned", "en_route", "on_site")),
            ],
            order="planned_start desc",
        )
        return {
            visit.order_id: {
                "start": visit.planned_start,
                "end": visit.planned_end,
                "technician": visit.technician_id.name,
                "point": visit.point_id.name,
                # Shown while somebody is there or coming, to be told on the spot
                "code": visit.state != "planned"
                and not visit.confirmed_at
                and visit._get_confirmation_code(),
            }
            for visit in visits
        }

    # Timeline

    def _get_portal_timeline(self) -> list[dict]:
        """Public events in the portal's words, and public messages; newest first."""
        self.ensure_one()
        titles = self._get_portal_event_titles()
        entries = [
            {
                "date": event.date,
                "kind": event.kind,
                "title": titles[event.kind],
                "text": "",
                "photos": [],
            }
            for event in self.event_ids
            if event.is_public and event.kind in titles
        ]
        entries += [
            {
                "date": message.date,
                "kind": "message",
                "title": self._get_portal_author(message),
                "text": message.body,
                "photos": self._get_portal_photos(message),
            }
            for message in self._get_public_messages().sorted("id")
        ]
        # Reversed, not sorted in reverse: what came later within a second stays later
        return sorted(entries, key=lambda entry: entry["date"])[::-1]

    def _get_public_messages(self):
        """What was written to the customer or by one, never what staff keep inside."""
        self.ensure_one()
        return self.env["mail.message"].search(
            self._get_public_message_domain(), limit=MESSAGE_LIMIT
        )

    def _get_public_message_domain(self) -> Domain:
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        return Domain(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", MESSAGE_TYPES),
                ("subtype_id", "=", comment),
                ("is_internal", "=", False),
            ]
        )

    def _get_portal_author(self, message) -> str:
        partner = message.author_id
        if partner == self.env.user.partner_id:
            return self.env._("You")
        if partner.commercial_partner_id == self.commercial_partner_id:
            return partner.name
        if partner.user_ids and all(user.share for user in partner.user_ids):
            return self.env._("Service point")
        return self.env._("Service desk")

    @api.model
    def _get_portal_photos(self, message) -> list[dict]:
        return [
            {"id": attachment.id, "name": attachment.name}
            for attachment in message.attachment_ids
            if attachment.mimetype in PHOTO_TYPES
        ]

    def _find_portal_photo(self, attachment_id, messages):
        """The attachment if it is a photo of one of ``messages``, else none."""
        return messages.attachment_ids.filtered(
            lambda attachment: (
                attachment.id == attachment_id and attachment.mimetype in PHOTO_TYPES
            )
        )
