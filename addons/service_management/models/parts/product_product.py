from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductProduct(models.Model):
    """What follows a part, what may stand in for it, what goes along with it."""

    _inherit = "product.product"

    service_successor_id = fields.Many2one(
        "product.product",
        string="Followed By",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('type', '=', 'consu'), ('id', '!=', id)]",
        help="The part that took the place of this one.",
    )
    service_substitute_ids = fields.Many2many(
        "product.product",
        relation="service_part_substitute_rel",
        column1="product_id",
        column2="substitute_id",
        string="Substitutes",
        domain="[('type', '=', 'consu'), ('id', '!=', id)]",
        help="Parts that may be used instead of this one.",
    )
    service_kit_ids = fields.One2many("service.part.kit", "product_id")
    service_bom_ids = fields.One2many("service.part.bom", "part_id")

    @api.constrains("service_successor_id")
    def _check_service_successor_id(self):
        if self._has_cycle("service_successor_id"):
            raise ValidationError(
                self.env._("A part cannot be, through its successors, its own.")
            )

    def _get_part_choices(self):
        """The part itself, those that followed it, then substitutes of any of them."""
        self.ensure_one()
        chain = self
        while (
            chain[-1].service_successor_id
            and chain[-1].service_successor_id not in chain
        ):
            chain += chain[-1].service_successor_id
        return chain | chain.service_substitute_ids

    def _get_return_terms(self, company) -> int | None:
        """Days until an old part is due back; ``None``: it need not come back."""
        self.ensure_one()
        if not self.product_tmpl_id.service_recoverable:
            return None
        return (
            self.product_tmpl_id.service_return_days
            or self.categ_id.service_return_days
            or company.service_return_days
        )
