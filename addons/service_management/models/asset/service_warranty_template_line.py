from odoo import api, fields, models

from .service_warranty import WARRANTY_KINDS

WARRANTY_BASES = [
    ("use", "Installation, Else Delivery, Else Sale"),
    ("installation", "Installation"),
    ("delivery", "Delivery"),
    ("sale", "Sale"),
    ("manufacture", "Manufacture"),
]


class ServiceWarrantyTemplateLine(models.Model):
    """So many months for one kind of cost, of everything or of one component."""

    _name = "service.warranty.template.line"
    _description = "Warranty Template Line"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "service.warranty.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(WARRANTY_KINDS, required=True, default="labour")
    component_id = fields.Many2one(
        "service.warranty.component",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: everything that has no line of its own.",
    )
    months = fields.Integer(required=True, default=12)
    basis = fields.Selection(
        WARRANTY_BASES, string="Starts With", default="use", required=True
    )
    cap_months = fields.Integer(
        string="Months in Stock",
        help="The term begins at the latest so many months after manufacture, sold by "
        "then or not. Zero: no such limit.",
    )
    exclusion_ids = fields.Many2many(
        "service.warranty.exclusion",
        string="Also Not Covered",
        help="In addition to what the template excludes.",
    )

    _months_not_negative = models.Constraint(
        "CHECK (months >= 0 AND COALESCE(cap_months, 0) >= 0)",
        "Warranty months cannot be negative.",
    )

    @api.depends("kind", "months", "component_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            line.display_name = self.env._(
                "%(what)s: %(months)s months",
                what=" · ".join(
                    name
                    for name in (kinds.get(line.kind), line.component_id.name)
                    if name
                ),
                months=line.months,
            )

    def _prepare_promise_line(self) -> dict:
        self.ensure_one()
        exclusions = self.template_id.exclusion_ids | self.exclusion_ids
        component = self.component_id
        return {
            "kind": self.kind,
            "months": self.months,
            "basis": self.basis,
            "cap": self.cap_months,
            "component": component._prepare_frozen_vals() if component else False,
            "exclusions": [
                exclusion._prepare_frozen_vals() for exclusion in exclusions
            ],
        }
