from odoo import api, fields, models

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.models.catalog.service_stage import ORDER_STATES

from .service_workflow_node import _check_words, _guard_table, split_words


class ServiceWorkflowFlow(models.Model):
    """A way from one node to the next: its button, its guard, what it does."""

    _name = "service.workflow.flow"
    _description = "Workflow Flow"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "service.workflow.version", required=True, index=True, ondelete="cascade"
    )
    element_id = fields.Char(required=True)
    sequence = fields.Integer()
    name = fields.Char(string="Button", translate=True)
    source_id = fields.Many2one(
        "service.workflow.node",
        string="From Step",
        required=True,
        ondelete="cascade",
        index=True,
    )
    target_id = fields.Many2one(
        "service.workflow.node",
        string="To Step",
        required=True,
        ondelete="cascade",
        index=True,
    )
    # When
    condition = fields.Text(
        help="A domain on orders, or an expression over the order's values."
    )
    is_default = fields.Boolean(
        string="Otherwise", help="Taken when no other condition holds."
    )
    signal = fields.Selection(
        ORDER_STATES,
        help="What happens to the order goes this way: the step that brings it to "
        "this state.",
    )
    # Who
    roles = fields.Char()
    reason_required = fields.Boolean()
    # What it does
    action_id = fields.Many2one("ir.actions.server", ondelete="restrict")
    template_id = fields.Many2one(
        "mail.template", string="Message", ondelete="restrict"
    )
    child_type_id = fields.Many2one(
        "service.type", string="Follow-up Order", ondelete="restrict"
    )
    set_values = fields.Json(string="Fields to Set")

    _element_uniq = models.Constraint(
        "UNIQUE (version_id, element_id)", "Elements of a version have distinct ids."
    )

    def init(self):
        _guard_table(self.env.cr, self._table)

    @api.depends("name", "source_id.name", "target_id.name")
    def _compute_display_name(self):
        for flow in self:
            flow.display_name = flow.name or " → ".join(
                node.name or node.element_id
                for node in (flow.source_id, flow.target_id)
            )

    def write(self, vals):
        _check_words(self, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

    def _as_flow(self) -> bpmn.Flow:
        self.ensure_one()
        return bpmn.Flow(
            id=self.id,
            source=self.source_id.id,
            target=self.target_id.id,
            name=self.element_id,
            condition=self.condition or "",
            attrs={
                "is_default": self.is_default,
                "signal": self.signal,
                "roles": split_words(self.roles),
                "reason": self.reason_required,
                "action_id": self.action_id.id,
                "template_id": self.template_id.id,
                "child_type_id": self.child_type_id.id,
                "set": dict(self.set_values or {}),
            },
        )

    def _get_button(self) -> str:
        """What the button says."""
        self.ensure_one()
        return self.name or self.env._("Done")
