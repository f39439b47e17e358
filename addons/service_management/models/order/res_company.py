from odoo import fields, models
from odoo.fields import Domain


class ResCompany(models.Model):
    _inherit = "res.company"

    service_rating_mail = fields.Boolean(
        string="Ask Customers for a Rating",
        default=True,
        help="When the work is done, the customer is asked by mail, once.",
    )

    def write(self, vals):
        result = super().write(vals)
        if {"service_sla_policy_id", "resource_calendar_id"} & vals.keys():
            self.env["service.sla.clock"]._mark_stale(
                Domain("company_id", "in", self.ids)
            )
        return result
