from odoo import api, fields, models
from odoo.tools import format_list

from odoo.addons.service_management.engine import warranty as warranty_engine

TRANSFER_RULES = [
    ("follows", "Follows the Asset"),
    ("ends", "Ends With the Owner"),
    ("months", "Goes On for Some Months"),
    ("consent", "Only With Our Consent"),
]


class ServiceWarrantyTemplate(models.Model):
    """What is promised to whoever registers a product from now on.

    Set on a product, or on a category for all below it. A registered asset keeps a
    copy (``service.warranty.promise``): editing a template changes no promise.
    """

    _name = "service.warranty.template"
    _description = "Warranty Template"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    line_ids = fields.One2many(
        "service.warranty.template.line", "template_id", string="Lines", copy=True
    )
    exclusion_ids = fields.Many2many(
        "service.warranty.exclusion", help="What is not covered, whatever the line."
    )
    document_ids = fields.Many2many(
        "service.warranty.document",
        string="Documents Needed",
        help="What the customer has to show.",
    )
    is_strict = fields.Boolean(
        string="Not Before the Documents",
        help="Nothing is promised before the documents are there. Otherwise the answer "
        "says which of them are still missing.",
    )
    transfer = fields.Selection(
        TRANSFER_RULES, string="When Sold On", default="follows", required=True
    )
    transfer_months = fields.Integer(string="Months After the Transfer")
    note = fields.Text(string="Terms in Words", translate=True)
    # Made from the months of one product
    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Of the Product",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        copy=False,
    )
    product_tmpl_ids = fields.One2many(
        "product.template", "service_warranty_template_id", string="Products"
    )
    category_ids = fields.One2many(
        "product.category", "service_warranty_template_id", string="Product Categories"
    )
    summary = fields.Char(compute="_compute_summary", string="Promises")

    _months_not_negative = models.Constraint(
        "CHECK (COALESCE(transfer_months, 0) >= 0)",
        "The months after a transfer cannot be negative.",
    )

    @api.depends("line_ids.kind", "line_ids.months", "line_ids.component_id.name")
    @api.depends_context("lang")
    def _compute_summary(self):
        for template in self:
            template.summary = format_list(
                self.env, template.line_ids.mapped("display_name"), "unit"
            )

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", template.name))
            if "name" not in (default or {})
            else vals
            for template, vals in zip(
                self, super().copy_data(default=default), strict=True
            )
        ]

    # What is frozen of it

    def _prepare_promise_data(self) -> dict:
        """All that a promise keeps, as plain values that no later edit reaches."""
        self.ensure_one()
        return {
            "template": self.id,
            "name": self.name,
            "documents": [doc._prepare_frozen_vals() for doc in self.document_ids],
            "strict": self.is_strict,
            "transfer": self.transfer,
            "transfer_months": self.transfer_months,
            "lines": [
                line._prepare_promise_line()
                for line in self.line_ids
                if line.months > 0
            ],
        }

    def _get_months(self) -> dict:
        """Kind → months promised for everything."""
        months = dict.fromkeys(warranty_engine.KINDS, 0)
        for line in self.line_ids:
            if not line.component_id:
                months[line.kind] = max(months[line.kind], line.months)
        return months
