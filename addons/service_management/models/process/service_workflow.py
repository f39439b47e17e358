from odoo import api, fields, models, tools
from odoo.exceptions import UserError

# Codes of the workflows for types that name none; shipped with the addon.
STANDARD_VISIT = "visit"
STANDARD_DESK = "desk"
# What a new workflow is drawn from: a way that can be published as it is.
EMPTY_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions
    xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:svc="urn:service-suite:bpmn"
    id="Definitions_1" targetNamespace="urn:service-suite:workflow">
  <bpmn:process id="Process_1" isExecutable="true">
    <bpmn:startEvent id="Start"/>
    <bpmn:userTask id="Task_register" name="{register}"
        svc:step="register" svc:stage="draft" svc:actor="owner"/>
    <bpmn:userTask id="Task_work" name="{work}"
        svc:step="resolve" svc:stage="new" svc:actor="owner"/>
    <bpmn:endEvent id="End" name="{closed}" svc:stage="closed"/>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="Start" targetRef="Task_register"/>
    <bpmn:sequenceFlow id="Flow_2" name="{do_register}" sourceRef="Task_register"
        targetRef="Task_work" svc:signal="new"/>
    <bpmn:sequenceFlow id="Flow_3" name="{close}" sourceRef="Task_work"
        targetRef="End" svc:signal="closed"/>
  </bpmn:process>
</bpmn:definitions>
"""


class ServiceWorkflow(models.Model):
    """The way that orders of some service types go, drawn as BPMN 2.0.

    A workflow is its versions: one is published and used by new orders, older ones
    are kept for the orders that run on them, drafts are being drawn.
    """

    _name = "service.workflow"
    _description = "Workflow"
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="A short word by which a call activity names the workflow.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    type_ids = fields.One2many(
        "service.type", "workflow_id", string="Service Types", copy=False
    )
    version_ids = fields.One2many("service.workflow.version", "workflow_id", copy=False)
    version_id = fields.Many2one(
        "service.workflow.version",
        string="Published Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    draft_id = fields.Many2one("service.workflow.version", compute="_compute_draft_id")
    version_count = fields.Integer(compute="_compute_draft_id")
    shipped_sha = fields.Char(
        readonly=True,
        copy=False,
        help="Checksum of the last version that came with the software.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE (code)", "The code of a workflow must be unique."
    )

    @api.depends("version_ids.state")
    def _compute_draft_id(self):
        for workflow in self:
            drafts = workflow.version_ids.filtered(lambda v: v.state == "draft")
            workflow.draft_id = drafts.sorted("number")[-1:]
            workflow.version_count = len(workflow.version_ids)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_publishing(vals)
        workflows = super().create(vals_list)
        workflows._add_first_draft()
        self.env.registry.clear_cache()
        return workflows

    def write(self, vals):
        self._check_publishing(vals)
        result = super().write(vals)
        if {"code", "version_id", "active"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    @api.model
    def _check_publishing(self, vals):
        """Which version runs is publishing's to say: it has checked the version."""
        if "version_id" in vals and not self.env.su:
            raise UserError(self.env._("Publish a version with its button."))

    def copy(self, default=None):
        """A copy starts with a draft of what is published."""
        copies = super().copy(default)
        for old, new in zip(self, copies, strict=True):
            source = old.version_id or old.draft_id
            if source:
                new.draft_id.bpmn_xml = source.bpmn_xml
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for workflow, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=workflow.name)
            vals.setdefault("code", f"{workflow.code}_{workflow._next_copy_number()}")
        return vals_list

    def _next_copy_number(self) -> int:
        self.ensure_one()
        taken = set(
            self.with_context(active_test=False)
            .search([("code", "=like", f"{self.code}_%")])
            .mapped("code")
        )
        number = 2
        while f"{self.code}_{number}" in taken:
            number += 1
        return number

    def _add_first_draft(self):
        """What is drawn first: register, work, close."""
        if self.env.context.get("service_workflow_no_draft"):
            return
        self.env["service.workflow.version"].create(
            [
                {"workflow_id": workflow.id, "bpmn_xml": workflow._get_empty_bpmn()}
                for workflow in self
                if not workflow.version_ids
            ]
        )

    @api.model
    def _get_empty_bpmn(self) -> str:
        return EMPTY_BPMN.format(
            register=self.env._("Complete the Request"),
            work=self.env._("Answer the Request"),
            closed=self.env._("Closed"),
            do_register=self.env._("Register"),
            close=self.env._("Close"),
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered("version_id")
        if used:
            raise UserError(
                self.env._(
                    "%(workflow)s has been published: archive it instead.",
                    workflow=used[0].name,
                )
            )

    # Versions

    def action_edit(self):
        """Open the draft; made from the published version where there is none."""
        self.ensure_one()
        draft = self.draft_id or self._create_draft()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.workflow.version",
            "res_id": draft.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _create_draft(self):
        self.ensure_one()
        return self.env["service.workflow.version"].create(
            {
                "workflow_id": self.id,
                "bpmn_xml": self.version_id.bpmn_xml or self._get_empty_bpmn(),
            }
        )

    def action_view_versions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_workflow_version"
        )
        action["domain"] = [("workflow_id", "=", self.id)]
        action["context"] = {"default_workflow_id": self.id}
        return action

    # Which version new orders run

    @api.model
    @tools.ormcache()
    def _get_version_by_type(self) -> dict:
        """Version id by service type id; ``None`` is an order without a type."""
        # sudo: service.workflow, service.type: the answer is the same for everybody
        self_sudo = self.sudo().with_context(active_test=False)
        standard = {
            workflow.code: workflow.version_id.id
            for workflow in self_sudo.search(
                [("code", "in", (STANDARD_VISIT, STANDARD_DESK))]
            )
        }
        visit, desk = standard.get(STANDARD_VISIT), standard.get(STANDARD_DESK)
        versions = {None: desk or False}
        for service_type in self_sudo.env["service.type"].search_fetch(
            [], ["visit_required", "workflow_id"]
        ):
            fallback = visit if service_type.visit_required else desk
            versions[service_type.id] = (
                service_type.workflow_id.version_id.id or fallback or False
            )
        return versions

    @api.model
    def _get_version_for_type(self, service_type):
        """The version that a new order of this type runs."""
        versions = self._get_version_by_type()
        return self.env["service.workflow.version"].browse(
            versions.get(service_type.id or None) or versions[None]
        )

    @api.model
    @tools.ormcache("workflow_id")
    def _get_published_id(self, workflow_id: int) -> int | None:
        # sudo: service.workflow: read by the engine, whoever acts
        return self.sudo().browse(workflow_id).version_id.id or None
