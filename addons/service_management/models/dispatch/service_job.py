from odoo import api, fields, models


class ServiceOffer(models.Model):
    """What a point needs to know of an order before it answers; not whose it is."""

    _inherit = "service.offer"

    type_id = fields.Many2one(related="order_id.type_id")
    category_id = fields.Many2one(related="order_id.category_id")
    symptom_id = fields.Many2one(related="order_id.symptom_id")
    area_id = fields.Many2one(related="order_id.area_id")
    date_due = fields.Datetime(related="order_id.date_due")
    date_preferred = fields.Char(related="order_id.date_preferred")
    request = fields.Text(related="order_id.description", string="Request")


class ServiceVisit(models.Model):
    """What a crew needs to know of an order to do its job."""

    _inherit = "service.visit"

    type_id = fields.Many2one(related="order_id.type_id")
    asset_id = fields.Many2one(related="order_id.asset_id")
    site_address = fields.Char(compute="_compute_site_address")
    symptom_id = fields.Many2one(related="order_id.symptom_id")
    phone = fields.Char(related="order_id.phone")
    request = fields.Text(related="order_id.description", string="Request")

    @api.depends("order_id.site_id.contact_address")
    def _compute_site_address(self):
        """On one line, for cards and lists."""
        for visit in self:
            # sudo: res.partner: the crew has to find the site of its visit
            site = visit.order_id.sudo().site_id
            address = site._display_address(without_company=True)
            visit.site_address = " ".join(address.split())

    @api.depends("order_id.partner_id.name")
    @api.depends_context("service_visit_short_name")
    def _compute_display_name(self):
        """In a calendar the time is where it stands: say who is visited instead."""
        result = super()._compute_display_name()
        if self.env.context.get("service_visit_short_name"):
            for visit in self:
                names = (visit.order_id.partner_id.name, visit.order_id.name)
                visit.display_name = " · ".join(name for name in names if name)
        return result
