from odoo import fields, models


class ResCompany(models.Model):
    """From when on a claim is looked at by a person, and how long a point may speak."""

    _inherit = "res.company"

    service_claim_file_days = fields.Integer(
        string="File Own Amounts Within",
        default=30,
        help="Days after the work within which a service point may add amounts of its "
        "own to a claim that is not settled yet.",
    )
    service_claim_appeal_days = fields.Integer(
        string="Appeal Within",
        default=15,
        help="Days after a decision within which a service point may appeal.",
    )
    service_claim_late_days = fields.Integer(
        string="Reported Late After",
        default=7,
        help="Days between the last visit and the report that the order is done.",
    )
    service_claim_repeat_days = fields.Integer(
        string="Repeated Within",
        default=30,
        help="Days within which a second order for the same product is looked at.",
    )
    service_claim_labour_factor = fields.Float(
        string="Excessive Labour",
        default=2.0,
        help="So many times the usual duration of the service type are looked at.",
    )
    service_claim_far_km = fields.Float(
        string="Far From the Site (km)",
        default=2.0,
        help="Visits reported from farther away are looked at.",
    )
    service_claim_spike = fields.Float(
        string="Above Peers",
        default=3.5,
        help="So many robust deviations (median, MAD) above claims for the same work "
        "are looked at.",
    )
    service_claim_authorise_above = fields.Monetary(
        string="Ask Before Work Above",
        currency_field="currency_id",
        help="A claim above this amount needs an authorisation that was asked for "
        "before the work. Zero: never.",
    )

    _service_claim_days = models.Constraint(
        "CHECK (service_claim_file_days >= 0 AND service_claim_appeal_days >= 0 "
        "AND service_claim_late_days >= 0 AND service_claim_repeat_days >= 0)",
        "Periods of claims cannot be negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_claim_file_days = fields.Integer(
        related="company_id.service_claim_file_days", readonly=False
    )
    service_claim_appeal_days = fields.Integer(
        related="company_id.service_claim_appeal_days", readonly=False
    )
    service_claim_late_days = fields.Integer(
        related="company_id.service_claim_late_days", readonly=False
    )
    service_claim_repeat_days = fields.Integer(
        related="company_id.service_claim_repeat_days", readonly=False
    )
    service_claim_labour_factor = fields.Float(
        related="company_id.service_claim_labour_factor", readonly=False
    )
    service_claim_far_km = fields.Float(
        related="company_id.service_claim_far_km", readonly=False
    )
    service_claim_spike = fields.Float(
        related="company_id.service_claim_spike", readonly=False
    )
    service_claim_authorise_above = fields.Monetary(
        related="company_id.service_claim_authorise_above",
        readonly=False,
        currency_field="currency_id",
    )
