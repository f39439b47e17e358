import base64
import hashlib

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.bpmn_layout import add_diagram

VERSION_STATES = [
    ("draft", "Draft"),
    ("published", "Published"),
    ("retired", "Retired"),
]


class ServiceWorkflowVersion(models.Model):
    """One drawing of a workflow.

    Publishing compiles the XML into nodes and flows, and from then on nothing of it
    changes: orders run on it. Neither the ORM nor the database lets it; only the
    translations of its words may be added.
    """

    _name = "service.workflow.version"
    _description = "Workflow Version"
    _order = "workflow_id, number desc, id desc"

    workflow_id = fields.Many2one(
        "service.workflow", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(readonly=True, copy=False)
    state = fields.Selection(
        VERSION_STATES, default="draft", required=True, readonly=True, copy=False
    )
    bpmn_xml = fields.Text(string="BPMN", required=True)
    sha256 = fields.Char(
        string="Checksum", compute="_compute_sha256", store=True, precompute=True
    )
    drawing = fields.Text(
        compute="_compute_drawing",
        help="The diagram with its words in the language of who looks at it.",
    )
    bpmn_file = fields.Binary(compute="_compute_bpmn_file")
    note = fields.Char(string="What Has Changed")
    published_at = fields.Datetime(string="Published On", readonly=True, copy=False)
    published_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    node_ids = fields.One2many(
        "service.workflow.node", "version_id", readonly=True, copy=False
    )
    flow_ids = fields.One2many(
        "service.workflow.flow", "version_id", readonly=True, copy=False
    )
    problems = fields.Json(compute="_compute_problems")
    problem_text = fields.Text(string="What Is Wrong", compute="_compute_problems")

    _number_uniq = models.Constraint(
        "UNIQUE (workflow_id, number)", "The version number exists already."
    )
    _one_published = models.UniqueIndex(
        "(workflow_id) WHERE state = 'published'",
        "A workflow has one published version.",
    )

    def init(self):
        """The database, too, refuses to change what orders run on."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION service_workflow_version_immutable()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF OLD.state <> 'draft' AND (
                        NEW.bpmn_xml IS DISTINCT FROM OLD.bpmn_xml
                        OR NEW.sha256 IS DISTINCT FROM OLD.sha256
                        OR NEW.number IS DISTINCT FROM OLD.number
                        OR NEW.workflow_id IS DISTINCT FROM OLD.workflow_id
                        OR NEW.state = 'draft'
                    ) THEN
                        RAISE EXCEPTION 'a published workflow version is immutable'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                END $$;
                DROP TRIGGER IF EXISTS service_workflow_version_immutable
                    ON service_workflow_version;
                CREATE TRIGGER service_workflow_version_immutable
                    BEFORE UPDATE ON service_workflow_version
                    FOR EACH ROW
                    EXECUTE FUNCTION service_workflow_version_immutable();
                """
            )
        )

    @api.depends("bpmn_xml")
    def _compute_sha256(self):
        for version in self:
            text = version.bpmn_xml or ""
            version.sha256 = hashlib.sha256(text.encode()).hexdigest()

    @api.depends("bpmn_xml")
    def _compute_bpmn_file(self):
        for version in self:
            version.bpmn_file = base64.b64encode((version.bpmn_xml or "").encode())

    @api.depends_context("lang")
    @api.depends("bpmn_xml", "state", "node_ids.name", "flow_ids.name")
    def _compute_drawing(self):
        for version in self:
            if version.state == "draft" or not version.bpmn_xml:
                version.drawing = version.bpmn_xml
                continue
            words = [*version.node_ids, *version.flow_ids]
            version.drawing = bpmn.name_elements(
                version.bpmn_xml, {word.element_id: word.name for word in words}
            )

    @api.depends("workflow_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(workflow)s, version %(number)s",
                workflow=version.workflow_id.name or "",
                number=version.number or "-",
            )

    @api.depends("bpmn_xml", "state")
    @api.depends_context("lang")
    def _compute_problems(self):
        for version in self:
            problems = version._validate() if version.state == "draft" else []
            version.problems = problems
            version.problem_text = "\n".join(p["message"] for p in problems)

    @api.model_create_multi
    def create(self, vals_list):
        numbers = dict(
            self._read_group(
                [("workflow_id", "in", [vals["workflow_id"] for vals in vals_list])],
                ["workflow_id"],
                ["number:max"],
            )
        )
        last = {workflow.id: number for workflow, number in numbers.items()}
        for vals in vals_list:
            number = (last.get(vals["workflow_id"]) or 0) + 1
            last[vals["workflow_id"]] = vals["number"] = number
            vals["bpmn_xml"] = self._with_diagram(vals["bpmn_xml"])
            if not self.env.su:
                vals.pop("state", None)
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & {"bpmn_xml", "workflow_id", "number"}:
            self._check_draft()
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("Publish a version with its button."))
        if vals.get("bpmn_xml"):
            vals = {**vals, "bpmn_xml": self._with_diagram(vals["bpmn_xml"])}
        return super().write(vals)

    def _check_draft(self):
        fixed = self.filtered(lambda version: version.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "%(version)s has been published: orders run on it, so it does not "
                    "change. Edit a new draft instead.",
                    version=fixed[0].display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    @api.model
    def _with_diagram(self, text: str) -> str:
        """The XML with a drawing, laid out where it brings none."""
        try:
            return add_diagram(text or "")
        except bpmn.BpmnError:
            return text

    # Buttons

    def action_publish(self):
        """Compile the draft; new orders of the workflow's types run on it from now."""
        self.check_access("write")
        for version in self:
            version._check_draft()
            problems = version._validate()
            if problems:
                raise UserError(
                    self.env._(
                        "%(version)s cannot be published:\n%(problems)s",
                        version=version.display_name,
                        problems="\n".join(f"- {p['message']}" for p in problems),
                    )
                )
            version._publish()
        return True

    def _publish(self):
        self.ensure_one()
        # sudo: service.workflow.*: states and compiled rows are publishing's to set
        version_sudo = self.sudo()
        version_sudo._compile()
        version_sudo.workflow_id.version_id.filtered(
            lambda old: old.state == "published"
        ).write({"state": "retired"})
        version_sudo.flush_recordset()
        version_sudo.workflow_id.version_id.flush_recordset()
        version_sudo.write(
            {
                "state": "published",
                "published_at": fields.Datetime.now(),
                "published_by_id": self.env.uid,
            }
        )
        version_sudo.workflow_id.version_id = self
        self.env.registry.clear_cache()

    def action_new_draft(self):
        """A draft of this version, to go on drawing from."""
        self.ensure_one()
        draft = self.create(
            {"workflow_id": self.workflow_id.id, "bpmn_xml": self.bpmn_xml}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # What the engine reads

    @tools.ormcache("self.id")
    def _get_graph(self) -> bpmn.Graph:
        """The compiled graph: ids of nodes and flows are those of their rows.

        ``attrs`` hold what runs need, so that running reads no row of a workflow.
        """
        self.ensure_one()
        # sudo: service.workflow.node, .flow: the engine reads them, whoever acts
        version_sudo = self.sudo()
        nodes_sudo = version_sudo.node_ids.sorted("sequence")
        flows = {
            flow.id: flow._as_flow()
            for flow in version_sudo.flow_ids.sorted("sequence")
        }
        nodes = {
            node.id: node._as_node(flows.values(), nodes_sudo) for node in nodes_sudo
        }
        return bpmn.Graph(str(self.id), "", nodes, flows)
