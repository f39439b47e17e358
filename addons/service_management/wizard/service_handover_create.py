from odoo import api, fields, models


class ServiceHandoverCreate(models.TransientModel):
    """Make a service order of a document, and pass it to the service desk."""

    _name = "service.handover.create"
    _description = "Create a Service Order"

    model = fields.Char(
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_model"),
    )
    res_id = fields.Many2oneReference(
        model_field="model",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    template_id = fields.Many2one(
        "service.handover.template",
        required=True,
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('model', '=', model)]",
    )
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Control Goes To",
        required=True,
        domain="[('share', '=', False)]",
        compute="_compute_from_template",
        store=True,
        readonly=False,
    )
    description = fields.Text(string="Request", required=True)
    line_ids = fields.Many2many(
        "service.handover.template.line", compute="_compute_line_ids"
    )

    @api.depends("model")
    def _compute_template_id(self):
        templates = self.env["service.handover.template"]
        for record in self:
            record.template_id = templates.search(
                [
                    ("model", "=", record.model),
                    ("company_id", "in", (self.env.company.id, False)),
                ],
                limit=1,
            )

    @api.depends("template_id")
    def _compute_from_template(self):
        for record in self:
            record.type_id = record.template_id.type_id or record.type_id
            record.user_id = record.template_id.user_id or record.user_id

    @api.depends("template_id")
    def _compute_line_ids(self):
        for record in self:
            record.line_ids = record.template_id.line_ids

    def action_create(self):
        """Make the order; whoever may see it is taken there."""
        self.ensure_one()
        order = self.template_id._make_order(
            self.env[self.model].browse(self.res_id),
            {"type_id": self.type_id.id, "description": self.description},
            self.user_id,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": order.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
