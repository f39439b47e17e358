from odoo import fields, models


class ServiceOrder(models.Model):
    _inherit = "service.order"

    handover_template_id = fields.Many2one(
        "service.handover.template", readonly=True, copy=False, ondelete="set null"
    )
    handover_value_ids = fields.One2many(
        "service.order.handover.value",
        "order_id",
        string="Handed Over",
        readonly=True,
        copy=False,
    )
    # Where it came from: only for those who work there
    handover_model = fields.Char(
        readonly=True, copy=False, groups="sales_team.group_sale_salesman"
    )
    handover_res_id = fields.Many2oneReference(
        model_field="handover_model",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="sales_team.group_sale_salesman",
    )
