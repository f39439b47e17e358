from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    service_recoverable = fields.Boolean(
        string="Old Part Comes Back",
        compute="_compute_service_recoverable",
        store=True,
        readonly=False,
        precompute=True,
        help="Whoever uses this part owes the old one.",
    )
    service_return_days = fields.Integer(
        string="Days to Send It Back",
        help="Zero: as the category or the company says.",
    )
    service_successor_id = fields.Many2one(
        "product.product",
        string="Followed By",
        compute="_compute_service_successor_id",
        inverse="_inverse_service_successor_id",
        search="_search_service_successor_id",
        domain="[('type', '=', 'consu'), ('product_tmpl_id', '!=', id)]",
        help="The part that took the place of this one.",
    )
    service_substitute_ids = fields.Many2many(
        "product.product",
        string="Substitutes",
        compute="_compute_service_substitute_ids",
        inverse="_inverse_service_substitute_ids",
        domain="[('type', '=', 'consu'), ('product_tmpl_id', '!=', id)]",
        help="Parts that may be used instead of this one.",
    )
    service_bom_ids = fields.One2many(
        "service.part.bom", "product_tmpl_id", string="Spare Parts"
    )
    service_kit_ids = fields.One2many(
        related="product_variant_ids.service_kit_ids", readonly=False
    )

    _service_return_days_not_negative = models.Constraint(
        "CHECK (COALESCE(service_return_days, 0) >= 0)", "The days cannot be negative."
    )

    @api.depends("categ_id")
    def _compute_service_recoverable(self):
        for product in self:
            product.service_recoverable = (
                product.service_recoverable or product.categ_id.service_recoverable
            )

    @api.depends("product_variant_ids.service_successor_id")
    def _compute_service_successor_id(self):
        self._compute_template_field_from_variant_field("service_successor_id")

    def _inverse_service_successor_id(self):
        self._set_product_variant_field("service_successor_id")

    def _search_service_successor_id(self, operator, value):
        return [("product_variant_ids.service_successor_id", operator, value)]

    @api.depends("product_variant_ids.service_substitute_ids")
    def _compute_service_substitute_ids(self):
        self._compute_template_field_from_variant_field("service_substitute_ids")

    def _inverse_service_substitute_ids(self):
        self._set_product_variant_field("service_substitute_ids")
