from odoo import api, fields, models


class ServicePointClosure(models.Model):
    """Days on which a point is closed beside its opening hours and public holidays."""

    _name = "service.point.closure"
    _description = "Closed Days of a Service Point"
    _inherit = ["service.owner.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Occasion", required=True)
    point_id = fields.Many2one(
        "service.point",
        string="Service Point",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="Points below it are closed as well.",
    )
    company_id = fields.Many2one(
        related="point_id.company_id", store=True, precompute=True, index=True
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Until",
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The last day that is closed.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "Closed days cannot end before they begin."
    )

    @api.depends("date_from")
    def _compute_date_to(self):
        for closure in self:
            if not closure.date_to or closure.date_to < closure.date_from:
                closure.date_to = closure.date_from
