from odoo import fields, models


class ServiceOrder(models.Model):
    """A request that a preventive plan made."""

    _inherit = "service.order"

    plan_date = fields.Date(
        string="Planned For",
        copy=False,
        help="The day of the preventive plan: its quota is taken from the period that "
        "holds this day.",
    )
    plan_asset_ids = fields.Many2many(
        "service.asset",
        "service_order_plan_asset_rel",
        string="Assets to Visit",
        copy=False,
        check_company=True,
    )

    def _get_coverage_day(self):
        return self.plan_date or super()._get_coverage_day()
