import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

TOKEN = re.compile(r"[0-9a-f]{32}")


class ServiceOrder(models.Model):
    """How a customer files a request: what the form offers and what it may say."""

    _inherit = "service.order"

    @api.model
    def _get_request_choices(self) -> dict:
        """What the form of a new request lets the user choose from; expects sudo.

        A symptom names the categories it is meant for, with those below them; an
        empty list is every category.
        """
        categories = self._get_request_categories()
        tree = self._get_category_tree()
        return {
            "types": [
                {
                    "id": kind.id,
                    "name": kind.name,
                    "description": kind.description,
                    "fault_required": kind.fault_required,
                }
                for kind in self.env["service.type"].search([("is_portal", "=", True)])
            ],
            "assets": [
                {
                    "id": asset.id,
                    "name": " · ".join(filter(None, (asset.name, asset.place))),
                    "category_id": asset.category_id.id,
                }
                for asset in self._get_request_assets()
            ],
            "categories": [
                {"id": category.id, "name": category.name} for category in categories
            ],
            "symptoms": [
                {
                    "id": symptom.id,
                    "name": symptom.name,
                    "category_ids": _get_offered_categories(symptom, tree),
                }
                for symptom in self.env["service.fault.code"].search(
                    [("kind", "=", "symptom")], order="name"
                )
            ],
            "periods": self._get_request_periods(),
        }

    @api.model
    def _get_category_tree(self) -> dict[int, set[int]]:
        """By category, itself and all above it."""
        return {
            category.id: {int(part) for part in category.parent_path.split("/") if part}
            for category in self.env["product.category"].search_fetch(
                [], ["parent_path"]
            )
        }

    @api.model
    def _get_request_assets(self):
        assets = self.env["service.asset"]
        user_assets = assets.with_user(self.env.user)
        return user_assets._search_portal(
            assets._get_customer_domain() & Domain("state", "=", "active"),
            order="name, id",
        )

    @api.model
    def _get_request_categories(self):
        """The kinds of product a customer without a registered one chooses from."""
        root = self.env.ref(
            "service_management.category_service", raise_if_not_found=False
        )
        return self.env["product.category"].search(
            Domain("id", "child_of", root.id) & Domain("id", "!=", root.id)
            if root
            else Domain.TRUE,
            order="complete_name",
        )

    @api.model
    def _get_request_periods(self) -> dict:
        return {
            "any": self.env._("Any time"),
            "morning": self.env._("In the morning"),
            "afternoon": self.env._("In the afternoon"),
            "evening": self.env._("In the evening"),
        }

    @api.model
    def _file_request(self, token, values, photos=()):
        """The order for a form that was sent; sent twice, it is the same order.

        :param str token: the form's own random token
        :param dict values: ``type_id``, ``asset_id``, ``category_id``, ``symptom_id``
            (numbers, 0 for none), ``description``, ``preferred``, ``phone``
        :param photos: ``(name, content)`` pairs
        :return: ``(order in sudo, whether it is new)``
        """
        if not TOKEN.fullmatch(token or ""):
            raise UserError(self.env._("The form has expired. Please open it again."))
        user = self.env.user
        # The user is part of the key: nobody finds another one's order with a token
        key = f"{user.id}:{token}"
        # sudo: service.order: filing goes through the channel's allow-list; what the
        # user names is checked against what the form offers
        orders_sudo = self.sudo()
        existing = orders_sudo.search(
            [("channel", "=", "portal"), ("source_key", "=", key)]
        )
        if existing:
            return existing, False
        vals = orders_sudo._prepare_request_vals(values)
        order = orders_sudo._create_from_channel(
            [{**vals, "channel": "portal", "source_key": key}]
        )
        order.message_subscribe(partner_ids=user.partner_id.ids)
        if photos:
            order._post_from_portal(
                self.env._("Photos of the request"), attachments=list(photos)
            )
        return order, True

    def _prepare_request_vals(self, values) -> dict:
        if values.get("type_id") and not values.get("description"):
            raise UserError(self.env._("Please describe your request."))
        vals = self._prepare_request_subject(values)
        vals["description"] = values["description"]
        vals["date_preferred"] = values.get("preferred") or False
        if values.get("phone"):
            # A number the customer wants to be called on for this request
            vals["phone"] = values["phone"]
        return vals

    def _prepare_request_subject(self, values) -> dict:
        """Who asks for what, from the numbers that a form sent; expects sudo.

        :raises UserError: something that the form does not offer
        """
        person = self.env.user.partner_id
        customer = person.commercial_partner_id
        kind = self._pick(
            self.env["service.type"].search([("is_portal", "=", True)]),
            values.get("type_id"),
        )
        if not kind:
            raise UserError(self.env._("Please choose what you need."))
        asset = self._pick(self._get_request_assets(), values.get("asset_id"))
        category = asset.category_id or self._pick(
            self._get_request_categories(), values.get("category_id")
        )
        faults = self.env["service.fault.code"]
        symptom = self._pick(
            faults.search(faults._get_category_domain(category, "symptom")),
            values.get("symptom_id"),
        )
        vals = {
            "company_id": (asset.company_id or self.env.company).id,
            "partner_id": customer.id,
            "requester_id": person.id if person != customer else False,
            "type_id": kind.id,
            "priority": kind.priority,
            "asset_id": asset.id,
            "symptom_id": symptom.id,
        }
        if not asset:
            vals |= {"category_id": category.id, "site_id": person.id}
        return vals

    def _pick(self, records, record_id):
        """The record of ``records`` with this id; anything else is refused."""
        picked = records.filtered(lambda record: record.id == record_id)
        if record_id and not picked:
            raise UserError(self.env._("Please choose one of the values offered."))
        return picked


def _get_offered_categories(symptom, tree) -> list[int]:
    offered = set(symptom.category_ids.ids)
    return [category_id for category_id, above in tree.items() if offered & above]
