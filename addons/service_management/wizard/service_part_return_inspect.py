from odoo import api, fields, models

from odoo.addons.service_management.models.parts.service_part_return import (
    DISPOSITIONS,
    RETURN_RESULTS,
)
from odoo.addons.service_management.models.parts.service_part_return_flow import CHOICES


class ServicePartReturnInspect(models.TransientModel):
    """Judge parts that have come back, one or many alike."""

    _name = "service.part.return.inspect"
    _description = "Inspect Returned Parts"

    return_ids = fields.Many2many(
        "service.part.return",
        string="Parts",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    result = fields.Selection(RETURN_RESULTS, default="defective", required=True)
    disposition = fields.Selection(
        DISPOSITIONS,
        compute="_compute_disposition",
        store=True,
        readonly=False,
        required=True,
    )
    note = fields.Char(string="Finding")

    @api.depends("result")
    def _compute_disposition(self):
        for judgement in self:
            choices = CHOICES.get(judgement.result, ())
            judgement.disposition = choices[0] if choices else False

    def action_confirm(self):
        self.ensure_one()
        self.return_ids.action_inspect(self.result, self.disposition, self.note)
        return {"type": "ir.actions.act_window_close"}
