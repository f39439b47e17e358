from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_management.models.base.res_partner import (
    MIN_PHONE_DIGITS,
    phone_key,
)

# Those who call are not the staff.
CALLERS = Domain("partner_share", "=", True)


class ServiceOrder(models.Model):
    """Who is calling: the phone form recognises a customer by what he says first."""

    _inherit = "service.order"

    @api.model
    @api.readonly
    def intake_search(self, term, limit=8):
        """Customers found by phone, name, serial, order or contract number.

        The surest way to recognise somebody comes first; a customer is listed
        once, with what was matched.

        :return: list of ``{partner_id, name, phone, city, match, detail, order_id,
            asset_id}``
        """
        self.check_access("create")
        term = " ".join((term or "").split())
        if len(term) < 2:
            return []
        limit = min(max(int(limit), 1), 40)
        hits = {}
        for find in (
            self._find_intake_phone,
            self._find_intake_order,
            self._find_intake_asset,
            self._find_intake_contract,
            self._find_intake_name,
        ):
            for hit in find(term, limit - len(hits)):
                hits.setdefault(hit["partner_id"], hit)
            if len(hits) >= limit:
                break
        return list(hits.values())[:limit]

    def _find_intake_phone(self, term, limit):
        digits = phone_key(term)
        letters = sum(char.isalpha() for char in term)
        if not digits or len(digits) < MIN_PHONE_DIGITS or letters:
            return []
        # The caller may be stored without the country's prefix: look for the
        # last digits too when the whole number is not there.
        for key in dict.fromkeys((digits, digits[-9:])):
            partners = self.env["res.partner"].search_fetch(
                Domain("service_phone_key", "ilike", key) & CALLERS,
                ["complete_name", "phone", "city"],
                limit=limit,
                order="id desc",
            )
            if partners:
                break
        return [
            self._prepare_intake_hit(partner, "phone", partner.phone)
            for partner in partners
        ]

    def _find_intake_order(self, term, limit):
        if not any(char.isdigit() for char in term):
            return []
        orders = self.search(
            Domain("name", "ilike", term) & Domain("partner_id", "!=", False),
            limit=limit,
        )
        return [
            self._prepare_intake_hit(
                order.partner_id, "order", order.name, order_id=order.id
            )
            for order in orders
        ]

    def _find_intake_asset(self, term, limit):
        if len(term) < 3:
            return []
        assets = self.env["service.asset"].search(
            Domain("serial", "ilike", term), limit=limit
        )
        return [
            self._prepare_intake_hit(
                asset.partner_id, "serial", asset.name, asset_id=asset.id
            )
            for asset in assets
        ]

    def _find_intake_contract(self, term, limit):
        if not any(char.isdigit() for char in term):
            return []
        contracts = self.env["service.contract"].search(
            Domain("code", "ilike", term), limit=limit
        )
        return [
            self._prepare_intake_hit(contract.partner_id, "contract", contract.code)
            for contract in contracts
        ]

    def _find_intake_name(self, term, limit):
        # A trigram index knows the beginning of a word but nothing of two
        # letters in its middle, and most Chinese names have two or three.
        if len(term) < 3:
            domain = Domain("name", "=ilike", f"{term}%")
        else:
            domain = Domain("name", "ilike", term)
        partners = self.env["res.partner"].search_fetch(
            domain & CALLERS,
            ["complete_name", "phone", "city"],
            limit=limit,
            order="id desc",
        )
        return [
            self._prepare_intake_hit(partner, "name", partner.phone)
            for partner in partners
        ]

    def _prepare_intake_hit(
        self, partner, match, detail, order_id=False, asset_id=False
    ):
        return {
            "partner_id": partner.id,
            "name": partner.complete_name,
            "phone": partner.phone or "",
            "city": partner.city or "",
            "match": match,
            "detail": detail or "",
            "order_id": order_id,
            "asset_id": asset_id,
        }
