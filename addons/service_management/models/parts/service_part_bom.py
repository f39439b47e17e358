from collections import defaultdict

from odoo import api, fields, models


class ServicePartBom(models.Model):
    """A spare part that fits a product: a line of the product's spare-part list."""

    _name = "service.part.bom"
    _description = "Spare Part of a Product"
    _order = "product_tmpl_id, sequence, id"
    _rec_name = "part_id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="What is repaired.",
    )
    part_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    position = fields.Char(help="The number of the part in the exploded view.")
    quantity = fields.Float(
        default=1.0,
        required=True,
        digits="Product Unit",
        help="How many of it one product has.",
    )
    group_name = fields.Char(
        string="Component", help="The component it belongs to, such as the drum."
    )
    note = fields.Char()
    company_id = fields.Many2one(
        related="product_tmpl_id.company_id", store=True, precompute=True, index=True
    )
    part_successor_id = fields.Many2one(
        related="part_id.service_successor_id", string="Followed By"
    )

    _part_uniq = models.UniqueIndex(
        "(product_tmpl_id, part_id, (COALESCE(position, '')))",
        "The spare-part list names this part at this position already.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity of a spare part must be above zero."
    )

    @api.model
    def _get_fits(self, pairs) -> dict:
        """Whether parts fit, by (product id of what is repaired, part id).

        ``yes``: the list names the part, or one that it follows or stands in for;
        ``no``: the product has a list without it; ``unknown``: there is no list.
        """
        products = self.env["product.product"].union(*(pair[0] for pair in pairs))
        # sudo: service.part.bom: what fits is no secret
        lines = (
            self.sudo()
            .with_context(active_test=False)
            .search([("product_tmpl_id", "in", products.product_tmpl_id.ids)])
        )
        fitting = defaultdict(set)
        for line in lines:
            fitting[line.product_tmpl_id.id].update(
                line.part_id._get_part_choices().ids
            )
        result = {}
        for product, part in pairs:
            known = fitting.get(product.product_tmpl_id.id)
            if not product or known is None:
                result[product.id, part.id] = "unknown"
            else:
                result[product.id, part.id] = "yes" if part.id in known else "no"
        return result
