from odoo import fields, models

# Places of a company that are made when first asked for: field, usage, name
COMPANY_PLACES = {
    "transit": ("service_transit_location_id", "transit"),
    # What is on the way to a point that buys its parts is no longer ours
    "sold": ("service_sold_location_id", "customer"),
    "returned": ("service_returned_location_id", "internal"),
    "repair": ("service_repair_location_id", "internal"),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    service_part_warehouse_id = fields.Many2one(
        "stock.warehouse",
        string="Central Parts Warehouse",
        check_company=True,
        help="Supplies the service points with parts; the first warehouse of the "
        "company when empty.",
    )
    service_transit_location_id = fields.Many2one(
        "stock.location", string="Parts in Transit", readonly=True, copy=False
    )
    service_sold_location_id = fields.Many2one(
        "stock.location",
        string="Sold Parts on the Way",
        readonly=True,
        copy=False,
    )
    service_returned_location_id = fields.Many2one(
        "stock.location", string="Returned Parts", readonly=True, copy=False
    )
    service_repair_location_id = fields.Many2one(
        "stock.location", string="Parts for Repair", readonly=True, copy=False
    )
    service_return_days = fields.Integer(
        string="Days to Send Old Parts Back",
        default=30,
        help="For parts that come back, where neither the product nor its category "
        "says something else.",
    )

    _service_return_days_positive = models.Constraint(
        "CHECK (service_return_days > 0)",
        "Service points need at least a day to send old parts back.",
    )

    def _get_part_warehouse(self):
        """The central warehouse, in sudo."""
        self.ensure_one()
        # sudo: stock.warehouse: where parts come from, whoever asks
        company_sudo = self.sudo()
        return company_sudo.service_part_warehouse_id or company_sudo.env[
            "stock.warehouse"
        ].search([("company_id", "=", self.id)], limit=1)

    def _get_part_location(self, kind: str):
        """A place of the company for parts, in sudo; made when first asked for.

        :param kind: ``central``, or a key of ``COMPANY_PLACES``
        """
        self.ensure_one()
        if kind == "central":
            return self._get_part_warehouse().lot_stock_id
        name, usage = COMPANY_PLACES[kind]
        # sudo: res.company, stock.location: who moves parts need not be allowed to
        # configure the warehouse
        company_sudo = self.sudo()
        if not company_sudo[name]:
            company_sudo[name] = company_sudo.env["stock.location"].create(
                {
                    "name": self._fields[name]._description_string(self.env),
                    "usage": usage,
                    "company_id": self.id,
                }
            )
        return company_sudo[name]
