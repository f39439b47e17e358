import re

from odoo import api, fields, models

# With fewer digits a number says nothing about who is calling.
MIN_PHONE_DIGITS = 4


def phone_key(number: str | None) -> str | bool:
    """Digits of a phone number without its international or trunk prefix.

    >>> phone_key("+86 138-0013-8000"), phone_key("(010) 6552 9988")
    ('8613800138000', '1065529988')
    """
    digits = re.sub(r"\D", "", number or "").lstrip("0")
    return digits or False


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_phone_key = fields.Char(
        compute="_compute_service_phone_key",
        store=True,
        index="trigram",
        help="The digits of the phone number: a caller is recognised whatever way "
        "the number was written.",
    )
    service_area_id = fields.Many2one(
        "service.area",
        string="Service Area",
        compute="_compute_service_area_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )

    @api.depends("phone")
    def _compute_service_phone_key(self):
        for partner in self:
            partner.service_phone_key = phone_key(partner.phone)

    @api.depends("zip", "city", "street", "street2", "state_id", "country_id")
    def _compute_service_area_id(self):
        addresses = [
            (partner.country_id, partner.zip, partner._get_service_address_text())
            for partner in self
        ]
        areas = self.env["service.area"]._find_many(
            [
                {"country": country, "zip": zip_code, "text": text}
                for country, zip_code, text in addresses
            ]
        )
        for partner, area in zip(self, areas, strict=True):
            partner.service_area_id = area or partner.service_area_id

    def _get_service_address_text(self) -> str:
        """The address as one line, from the largest unit to the smallest."""
        self.ensure_one()
        parts = (self.state_id.name, self.city, self.street, self.street2)
        return " ".join(part for part in parts if part)
