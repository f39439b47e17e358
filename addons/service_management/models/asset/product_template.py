from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from odoo.addons.service_management.engine import warranty as warranty_engine

WARRANTY_FIELDS = {
    "service_warranty_template_id",
    *(f"service_warranty_{kind}" for kind in warranty_engine.KINDS),
}


class ProductTemplate(models.Model):
    """What is promised with a product: a warranty template, and only that.

    Its three month fields are a short way to write one: they make, and change, a
    template that is the product's own.
    """

    _inherit = "product.template"

    service_is_asset = fields.Boolean(
        string="Register as Asset",
        help="Delivering a serial number of it to a customer registers it, with its "
        "number. What is not tracked by serial number is registered when it is sold.",
    )
    service_warranty_template_id = fields.Many2one(
        "service.warranty.template",
        string="Warranty",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="Promised to whoever registers the product from now on; assets that "
        "are registered already keep their terms. Empty: what the product category "
        "promises.",
    )
    service_warranty_is_shared = fields.Boolean(
        compute="_compute_service_warranty_months", compute_sudo=True
    )
    service_warranty_labour = fields.Integer(
        string="Labour Warranty (Months)",
        compute="_compute_service_warranty_months",
        inverse="_inverse_service_warranty_months",
        compute_sudo=True,
        help="Promised to whoever registers the product from now on; assets that "
        "are registered already keep their terms.",
    )
    service_warranty_parts = fields.Integer(
        string="Parts Warranty (Months)",
        compute="_compute_service_warranty_months",
        inverse="_inverse_service_warranty_months",
        compute_sudo=True,
    )
    service_warranty_travel = fields.Integer(
        string="Travel Warranty (Months)",
        compute="_compute_service_warranty_months",
        inverse="_inverse_service_warranty_months",
        compute_sudo=True,
    )
    service_warranty_extension_id = fields.Many2one(
        "service.warranty.template",
        string="Extends the Warranty By",
        index="btree_not_null",
        ondelete="restrict",
        help="Selling this service adds these months to an asset, after the terms it "
        "has.",
    )

    @api.depends(
        "service_warranty_template_id.line_ids.kind",
        "service_warranty_template_id.line_ids.months",
        "service_warranty_template_id.line_ids.component_id",
    )
    def _compute_service_warranty_months(self):
        for product in self:
            template = product.service_warranty_template_id
            months = template._get_months()
            for kind in warranty_engine.KINDS:
                product[f"service_warranty_{kind}"] = months[kind]
            product.service_warranty_is_shared = bool(
                template and template.product_tmpl_id != product._origin
            )

    def _inverse_service_warranty_months(self):
        for product in self:
            months = {
                kind: product[f"service_warranty_{kind}"]
                for kind in warranty_engine.KINDS
            }
            if min(months.values()) < 0:
                raise UserError(self.env._("Warranty months cannot be negative."))
            product._set_warranty_months(months)

    def _set_warranty_months(self, months):
        """Write the months into the template that is the product's own."""
        self.ensure_one()
        # sudo: service.warranty.template: whoever keeps the product says its months
        product_sudo = self.sudo()
        template = product_sudo.service_warranty_template_id
        if template.product_tmpl_id != self:
            if not any(months.values()):
                product_sudo.service_warranty_template_id = False
                return
            template = template.create({"name": self.name, "product_tmpl_id": self.id})
            product_sudo.service_warranty_template_id = template
        lines = template.line_ids.filtered(lambda line: not line.component_id)
        commands = []
        for kind, value in months.items():
            line = lines.filtered(lambda line, kind=kind: line.kind == kind)[:1]
            if line:
                commands.append(Command.update(line.id, {"months": value}))
            elif value:
                commands.append(Command.create({"kind": kind, "months": value}))
        template.write({"line_ids": commands})

    def init(self):
        """Months that were columns of the product become templates, once."""
        result = super().init()
        if column_exists(self.env.cr, self._table, "service_warranty_labour"):
            self.pool.post_init(self._move_month_columns)
        return result

    def _move_month_columns(self):
        self.env.execute_query(
            SQL(
                """
                WITH template AS (
                    INSERT INTO service_warranty_template
                        (name, product_tmpl_id, active, transfer, create_date)
                    SELECT name, id, TRUE, 'follows', now() AT TIME ZONE 'UTC'
                      FROM product_template
                     WHERE greatest(service_warranty_labour, service_warranty_parts,
                                    service_warranty_travel) > 0
                    RETURNING id, product_tmpl_id
                ), line AS (
                    INSERT INTO service_warranty_template_line
                        (template_id, kind, months, basis, cap_months, sequence)
                    SELECT template.id, kind, months, 'use', 0, 10
                      FROM template
                      JOIN product_template product
                        ON product.id = template.product_tmpl_id,
                           LATERAL (VALUES ('labour', service_warranty_labour),
                                           ('parts', service_warranty_parts),
                                           ('travel', service_warranty_travel)
                                   ) AS promise(kind, months)
                     WHERE months > 0
                )
                UPDATE product_template
                   SET service_warranty_template_id = template.id
                  FROM template
                 WHERE product_template.id = template.product_tmpl_id
                RETURNING product_template.id
                """
            )
        )
        for kind in warranty_engine.KINDS:
            drop_column = SQL(
                "ALTER TABLE product_template DROP COLUMN %s",
                SQL.identifier(f"service_warranty_{kind}"),
            )
            self.env.cr.execute(drop_column)

    def copy(self, default=None):
        """A copy promises the same, until somebody changes either."""
        products = super().copy(default)
        if (default or {}).keys() & WARRANTY_FIELDS:
            return products
        for old, new in zip(self, products, strict=True):
            # sudo: service.warranty.template: whoever keeps the product says its months
            template = old.sudo().service_warranty_template_id
            if template.product_tmpl_id == old:
                template = template.copy({"name": new.name, "product_tmpl_id": new.id})
            new.sudo().service_warranty_template_id = template
        return products
