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

    # Callers are looked for by a part of their name among hundreds of thousands
    name = fields.Char(index="trigram")
    service_phone_key = fields.Char(
        compute="_compute_service_phone_key",
        store=True,
        index="trigram",
        help="The digits of the phone number: a caller is recognised whatever way "
        "the number was written.",
    )

    @api.depends("phone")
    def _compute_service_phone_key(self):
        for partner in self:
            partner.service_phone_key = phone_key(partner.phone)
