from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

NOTES = [
    ("same", "Same Task There"),
    ("changed", "The Way Until Here Has Changed"),
    ("missing", "No Such Task There"),
]


class ServiceWorkflowMigrate(models.TransientModel):
    """Preview of moving orders to another version: what goes where, before it goes."""

    _name = "service.workflow.migrate"
    _description = "Move Orders to Another Workflow Version"

    order_ids = fields.Many2many("service.order", string="Orders", readonly=True)
    order_count = fields.Integer(compute="_compute_order_count")
    workflow_ids = fields.Many2many(
        "service.workflow", compute="_compute_order_count", string="Workflows"
    )
    version_id = fields.Many2one(
        "service.workflow.version",
        string="To Version",
        required=True,
        domain="[('state', '!=', 'draft'), ('workflow_id', 'in', workflow_ids)]",
    )
    line_ids = fields.One2many(
        "service.workflow.migrate.line",
        "migrate_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        orders = self.env["service.order"].browse(self.env.context.get("active_ids"))
        running = orders.filtered(
            lambda order: order.state not in ("closed", "cancelled")
        )
        values["order_ids"] = [Command.set(running.ids)]
        versions = running.workflow_version_id
        if len(versions.workflow_id) == 1:
            values["version_id"] = versions.workflow_id.version_id.id
        return values

    @api.depends("order_ids")
    def _compute_order_count(self):
        for migrate in self:
            migrate.order_count = len(migrate.order_ids)
            migrate.workflow_ids = migrate.order_ids.workflow_version_id.workflow_id

    @api.depends("version_id", "order_ids")
    def _compute_line_ids(self):
        for migrate in self:
            lines = []
            if migrate.version_id:
                lines = migrate.order_ids._origin._plan_migration(
                    migrate.version_id._origin
                )
            migrate.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "node_id": line["node_id"],
                            "order_count": line["count"],
                            "target_id": line["target_id"],
                            "note": line["code"],
                        }
                    )
                    for line in lines
                ),
            ]

    def action_migrate(self):
        self.ensure_one()
        if not self.env.user.has_group("service_management.group_service_manager"):
            raise AccessError(
                self.env._("Only a service manager moves orders to another version.")
            )
        self.order_ids._migrate_workflow(
            self.version_id,
            {line.node_id.id: line.target_id.id for line in self.line_ids},
        )
        return {"type": "ir.actions.act_window_close"}


class ServiceWorkflowMigrateLine(models.TransientModel):
    _name = "service.workflow.migrate.line"
    _description = "Where the Orders in a Task Go"

    migrate_id = fields.Many2one(
        "service.workflow.migrate", required=True, ondelete="cascade"
    )
    version_id = fields.Many2one(related="migrate_id.version_id")
    node_id = fields.Many2one("service.workflow.node", string="Now In", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    target_id = fields.Many2one(
        "service.workflow.node",
        string="Goes To",
        domain="[('version_id', '=', version_id), ('kind', 'in', "
        "('user_task', 'timer', 'message', 'call', 'parallel', 'inclusive'))]",
    )
    note = fields.Selection(NOTES, readonly=True)
