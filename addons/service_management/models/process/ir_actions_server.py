from odoo import fields, models


class IrActionsServer(models.Model):
    """Which actions workflows may run, with all rights, for whoever acts."""

    _inherit = "ir.actions.server"

    service_workflow_allowed = fields.Boolean(
        string="May Be Used in Workflows",
        groups="base.group_system",
        help="Service managers may draw this action into workflows: it then runs with "
        "all rights, whoever acts.",
    )

    def _filter_for_workflows(self):
        """The actions that a workflow may run (superuser's)."""
        return self.filtered(
            lambda action: (
                action.service_workflow_allowed
                and action.model_id.model == "service.order"
            )
        )
