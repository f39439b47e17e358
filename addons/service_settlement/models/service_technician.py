from odoo import fields, models


class ServiceTechnician(models.Model):
    _inherit = "service.technician"

    cost_currency_id = fields.Many2one(related="company_id.currency_id")
    hourly_cost = fields.Monetary(
        currency_field="cost_currency_id",
        groups="service_settlement.group_settlement_accountant",
        help="What an hour of the technician costs the company, on site or on the way. "
        "Used for the margin of orders of points that are not settled.",
    )

    _hourly_cost_not_negative = models.Constraint(
        "CHECK (COALESCE(hourly_cost, 0) >= 0)",
        "The hourly cost cannot be negative.",
    )
