from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    service_point_location_id = fields.Many2one(
        "stock.location",
        string="Service Points Location",
        check_company=True,
        readonly=True,
        copy=False,
        help="The location that holds the stock locations of the company's service "
        "points.",
    )
    service_takes_applications = fields.Boolean(
        string="Take Applications of Service Points",
        default=True,
        help="Off: the public form says that nobody is looked for at present. Whoever "
        "has applied already still sees and completes the application.",
    )

    def _get_service_point_location(self):
        """The company's view location for service points, made when first asked."""
        self.ensure_one()
        # sudo: res.company, stock.location: who may create service points need not
        # be allowed to configure the warehouse
        company_sudo = self.sudo()
        if not company_sudo.service_point_location_id:
            company_sudo.service_point_location_id = company_sudo.env[
                "stock.location"
            ].create(
                {
                    "name": self.env._("Service Points"),
                    "usage": "view",
                    "company_id": self.id,
                }
            )
        return company_sudo.service_point_location_id
