from odoo import fields, models


class ServiceWarrantyComponent(models.Model):
    """A group of components that a warranty may promise more, or less, for.

    A fault concerns it by the section that was coded, or by a spare part of one of its
    product categories.
    """

    _name = "service.warranty.component"
    _description = "Warranty Component"
    _inherit = ["service.warranty.frozen.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    active = fields.Boolean(default=True)
    section_ids = fields.Many2many(
        "service.fault.code",
        context={"active_test": False},
        string="Sections",
        domain="[('kind', '=', 'section')]",
        help="A fault with one of these sections concerns the component.",
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Categories of Parts",
        help="So does a spare part of one of these categories, or of one below.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "There is a warranty component with this code already."
    )

    def _prepare_frozen_vals(self) -> dict:
        return super()._prepare_frozen_vals() | {
            "id": self.id,
            "sections": sorted(self.section_ids.ids),
            "categories": sorted(self.category_ids.ids),
        }
