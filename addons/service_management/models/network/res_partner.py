from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_area_id = fields.Many2one(
        "service.area",
        compute="_compute_service_area_id",
        store=True,
        readonly=False,
        index="btree_not_null",
    )

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
