from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import bpmn

from .service_workitem import WORKITEM_STEPS

NODE_KINDS = [
    (bpmn.START, "Start"),
    (bpmn.END, "End"),
    (bpmn.TERMINATE, "Terminate"),
    (bpmn.USER_TASK, "Task"),
    (bpmn.SERVICE_TASK, "Automatic Task"),
    (bpmn.CALL, "Called Workflow"),
    (bpmn.EXCLUSIVE, "Decision"),
    (bpmn.PARALLEL, "Parallel"),
    (bpmn.INCLUSIVE, "Inclusive"),
    (bpmn.TIMER, "Timer"),
    (bpmn.MESSAGE, "Message"),
    (bpmn.BOUNDARY, "Time Limit"),
]
ACTORS = [
    ("owner", "Owner of the Order"),
    ("role", "A Role"),
    ("team", "A Team"),
    ("point", "Service Point"),
    ("technician", "Technician"),
    ("customer", "Customer"),
    ("creator_manager", "Manager of the Creator"),
    ("automatic", "Automatic"),
]
ROLES = [
    ("agent", "Agent"),
    ("dispatcher", "Dispatcher"),
    ("technician", "Technician"),
    ("point_manager", "Point Manager"),
    ("quality", "Quality"),
    ("manager", "Service Manager"),
]
# What may be translated after publishing; everything else is fixed.
WORDS = {"name", "customer_text"}
GUARD_SQL = """
    CREATE OR REPLACE FUNCTION service_workflow_part_immutable()
    RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        words text[] := ARRAY['name', 'customer_text', 'write_date', 'write_uid'];
    BEGIN
        IF TG_OP = 'UPDATE'
            AND (to_jsonb(NEW) - words) IS NOT DISTINCT FROM (to_jsonb(OLD) - words)
        THEN
            RETURN NEW;
        END IF;
        IF EXISTS (
            SELECT FROM service_workflow_version
             WHERE state <> 'draft'
               AND (id = NEW.version_id OR (TG_OP = 'UPDATE' AND id = OLD.version_id))
        ) THEN
            RAISE EXCEPTION 'a published workflow version is immutable'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""


class ServiceWorkflowNode(models.Model):
    """A node of a published workflow: who acts, what is needed, what it shows as."""

    _name = "service.workflow.node"
    _description = "Workflow Node"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "service.workflow.version", required=True, index=True, ondelete="cascade"
    )
    element_id = fields.Char(required=True)
    sequence = fields.Integer()
    name = fields.Char(translate=True)
    kind = fields.Selection(NODE_KINDS, required=True)
    step = fields.Selection(
        WORKITEM_STEPS, help="The operation of the product that completes the task."
    )
    stage_id = fields.Many2one("service.stage", ondelete="restrict")
    # Who acts, by when
    actor = fields.Selection(ACTORS)
    role = fields.Selection(ROLES)
    team_id = fields.Many2one("service.team", ondelete="restrict")
    hours = fields.Float(string="Time Limit (Working Hours)")
    pauses = fields.Char(
        string="Paused Clocks", help="Metrics whose clocks stand still, or: all."
    )
    # What is needed
    required = fields.Char(string="Required Fields")
    checklist = fields.Text()
    attachments = fields.Integer(string="Attachments Needed")
    # What happens
    action_id = fields.Many2one("ir.actions.server", ondelete="restrict")
    message = fields.Char(help="The message that the order waits for.")
    seconds = fields.Integer(
        string="Time (Seconds)", help="Of a timer, by the clock on the wall."
    )
    called_id = fields.Many2one("service.workflow", ondelete="restrict")
    host_id = fields.Many2one(
        "service.workflow.node", string="On Task", ondelete="cascade", index=True
    )
    is_interrupting = fields.Boolean(string="Ends the Task")
    customer_text = fields.Char(
        string="What the Customer Sees", translate=True, help="In the portal."
    )

    _element_uniq = models.Constraint(
        "UNIQUE (version_id, element_id)", "Elements of a version have distinct ids."
    )

    def init(self):
        self.env.cr.execute(SQL(GUARD_SQL))
        for table in ("service_workflow_node", "service_workflow_flow"):
            _guard_table(self.env.cr, table)

    def write(self, vals):
        _check_words(self, vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

    def _as_node(self, flows, siblings) -> bpmn.Node:
        """What the engine reads; ``attrs`` hold what runs need besides."""
        self.ensure_one()
        outgoing = [flow for flow in flows if flow.source == self.id]
        default = [flow.id for flow in outgoing if flow.attrs["is_default"]]
        states = self.env["service.stage"]._get_states_by_id()
        return bpmn.Node(
            id=self.id,
            kind=self.kind,
            name=self.element_id,
            incoming=tuple(flow.id for flow in flows if flow.target == self.id),
            outgoing=tuple(flow.id for flow in outgoing),
            default=default[0] if default else None,
            host=self.host_id.id or None,
            interrupting=self.is_interrupting,
            boundary=tuple(siblings.filtered(lambda node: node.host_id == self).ids),
            called=self.called_id.id or "",
            seconds=self.seconds or None,
            attrs={
                "step": self.step or "task",
                "stage_id": self.stage_id.id,
                "state": states.get(self.stage_id.id),
                "actor": self.actor or "owner",
                "role": self.role,
                "team_id": self.team_id.id,
                "hours": self.hours,
                "pauses": split_words(self.pauses),
                "required": split_words(self.required),
                "checklist": tuple(
                    line.strip()
                    for line in (self.checklist or "").splitlines()
                    if line.strip()
                ),
                "attachments": self.attachments,
                "action_id": self.action_id.id,
                "message": self.message,
            },
        )


def split_words(text) -> tuple[str, ...]:
    """The words of a comma list."""
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def _guard_table(cr, table):
    """Changes of published rows are refused by the database as well."""
    cr.execute(SQL("SELECT to_regclass(%s)", table))
    if not cr.fetchone()[0]:
        return
    name = f"{table}_immutable"
    cr.execute(
        SQL(
            "DROP TRIGGER IF EXISTS %(name)s ON %(table)s",
            name=SQL.identifier(name),
            table=SQL.identifier(table),
        )
    )
    cr.execute(
        SQL(
            "CREATE TRIGGER %(name)s BEFORE INSERT OR UPDATE ON %(table)s "
            "FOR EACH ROW EXECUTE FUNCTION service_workflow_part_immutable()",
            name=SQL.identifier(name),
            table=SQL.identifier(table),
        )
    )


def _check_words(records, vals):
    """Rows are publishing's to write; people only translate their words."""
    if vals.keys() - WORDS:
        if not records.env.su:
            raise UserError(
                records.env._("Only the words of a node or flow can be changed here.")
            )
        records.version_id._check_draft()
    elif (
        not records.env.su
        and records.version_id.filtered(lambda version: version.state != "draft")
        and not records.env.user.has_group("service_management.group_service_manager")
    ):
        raise UserError(records.env._("Only a service manager translates a workflow."))
