from odoo import api, fields, models

GRADES = [
    ("bronze", "Bronze"),
    ("silver", "Silver"),
    ("gold", "Gold"),
    ("vip", "VIP"),
]


class ResPartner(models.Model):
    _inherit = "res.partner"

    service_grade = fields.Selection(
        GRADES,
        string="Customer Grade",
        compute="_compute_service_grade",
        store=True,
        readonly=False,
        precompute=True,
        recursive=True,
        index="btree_not_null",
        help="Service-level policies may promise more to better customers. Contacts "
        "have the grade of their company.",
    )

    @api.depends("parent_id.service_grade")
    def _compute_service_grade(self):
        for partner in self:
            parent = partner.parent_id
            partner.service_grade = (
                parent.service_grade if parent else partner.service_grade
            )

    def write(self, vals):
        if "service_grade" not in vals:
            return super().write(vals)
        changed = self.filtered(
            lambda partner: partner.service_grade != vals["service_grade"]
        )
        result = super().write(vals)
        changed._on_service_grade_changed()
        return result

    def _on_service_grade_changed(self):
        """Hook: the promises to these customers may have changed."""
