from odoo import api, models
from odoo.fields import Domain
from odoo.tools import escape_psql


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
        found = [
            find(term, limit)
            for find in (
                self._find_intake_phone,
                self._find_intake_order,
                self._find_intake_asset,
                self._find_intake_contract,
                self._find_intake_name,
            )
        ]
        return self._mix_intake_hits(found, limit)

    def _mix_intake_hits(self, found, limit):
        """The best of each kind; one kind fills the list only if the others leave room.

        A few digits may be the end of a number as well as of a serial.
        """
        share = max(1, limit // 3)
        hits = {}
        for part in (slice(share), slice(share, None)):
            for kind in found:
                for hit in kind[part]:
                    hits.setdefault(hit["partner_id"], hit)
        kinds = [kind[0]["match"] for kind in found if kind]
        best = list(hits.values())[:limit]
        return sorted(best, key=lambda hit: kinds.index(hit["match"]))

    def _find_intake_phone(self, term, limit):
        if any(char.isalpha() for char in term):
            return []
        partners = self.env["res.partner"]._find_callers_by_phone(term, limit)
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
            order="id desc",
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
        Asset = self.env["service.asset"]
        # The very number first: others may contain it
        assets = Asset.search(
            Domain("serial", "=ilike", escape_psql(term)), limit=limit, order="id desc"
        )
        if len(assets) < limit:
            assets |= Asset.search(
                Domain("serial", "ilike", term), limit=limit, order="id desc"
            )
        return [
            self._prepare_intake_hit(
                asset.partner_id, "serial", asset.name, asset_id=asset.id
            )
            for asset in assets[:limit]
        ]

    def _find_intake_contract(self, term, limit):
        if not any(char.isdigit() for char in term):
            return []
        contracts = self.env["service.contract"].search(
            Domain("code", "ilike", term), limit=limit, order="id desc"
        )
        return [
            self._prepare_intake_hit(contract.partner_id, "contract", contract.code)
            for contract in contracts
        ]

    def _find_intake_name(self, term, limit):
        partners = self.env["res.partner"]._find_callers_by_name(term, limit)
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
