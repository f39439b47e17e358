from odoo import api, fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    workflow_id = fields.Many2one(
        "service.workflow",
        index="btree_not_null",
        ondelete="restrict",
        help="The way that new orders of this type go. Empty: the standard way of a "
        "visit, or of the service desk.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        types = super().create(vals_list)
        self.env.registry.clear_cache()
        return types

    def write(self, vals):
        result = super().write(vals)
        if {"workflow_id", "visit_required"} & vals.keys():
            self.env.registry.clear_cache()
        return result
