from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.bpmn_layout import add_diagram
from odoo.addons.service_management.engine.expression import FUNCTIONS, VALUES

from .service_workflow_compile import METRICS

# Kinds of values that a person can fill in by a form.
FILLABLE_TYPES = {
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "html",
    "integer",
    "many2many",
    "many2one",
    "monetary",
    "selection",
    "text",
}


class ServiceWorkflowVersion(models.Model):
    """What the graphical designer asks the server."""

    _inherit = "service.workflow.version"

    @api.model
    @api.readonly
    def get_designer_options(self) -> dict:
        """What may be chosen in the properties of an element, in the user's language.

        :return: lists of ``[value, label]`` under ``steps``, ``actors``, ``roles``,
            ``metrics``, ``signals`` and ``messages``; ``names`` usable in conditions;
            ``{"ref", "name"}`` under ``actions`` and ``templates``; ``fields`` of
            orders with what may be done to each
        """
        self.check_access("read")
        node = self.env["service.workflow.node"]
        stage = self.env["service.stage"]
        steps = self._get_choices(node, "step")
        return {
            "steps": sorted(steps, key=lambda choice: choice[0] != "task"),
            "actors": self._get_choices(node, "actor"),
            "roles": self._get_choices(node, "role"),
            "metrics": self._get_metric_choices(),
            "signals": self._get_choices(stage, "state"),
            "messages": self._get_message_choices(),
            "names": ["order.…", *VALUES, *(f"{name}()" for name in FUNCTIONS)],
            "actions": self._get_named("ir.actions.server"),
            "templates": self._get_named("mail.template"),
            "fields": self._get_field_choices(),
        }

    @api.readonly
    def check_drawing(self, bpmn_xml: str) -> list[dict]:
        """What would keep this drawing, not saved yet, from being published.

        :return: as :meth:`_validate`
        """
        self.check_access("read")
        draft = self.new({"bpmn_xml": bpmn_xml, "workflow_id": self[:1].workflow_id.id})
        return draft._validate()

    @api.model
    @api.readonly
    def prepare_drawing(self, text: str) -> str:
        """The XML of a file that somebody imports, laid out where it brings no drawing.

        Foreign elements stay: the designer shows them and says that they are not
        supported. Raises UserError on what cannot be drawn at all.
        """
        self.check_access("read")
        try:
            graph, problems = bpmn.compile_bpmn(text.removeprefix("\ufeff"))
            if graph is None:
                raise bpmn.BpmnError(problems[0].code, **problems[0].params)
            return add_diagram(text.removeprefix("\ufeff"))
        except bpmn.BpmnError as error:
            problem = bpmn.Problem("", error.code, error.params)
            raise UserError(self._describe_problem(problem)) from error

    @api.model
    def _get_choices(self, records, name) -> list[list[str]]:
        options = records._fields[name]._description_selection(self.env)
        return [list(option) for option in options]

    @api.model
    def _get_metric_choices(self) -> list[list[str]]:
        clock = self.env["service.sla.clock"]
        labels = dict(self._get_choices(clock, "metric"))
        return [[metric, labels.get(metric, metric)] for metric in METRICS]

    @api.model
    def _get_message_choices(self) -> list[list[str]]:
        """Hook: messages that something in the suite throws."""
        return [
            ["customer_reply", self.env._("The customer's reply")],
            [
                "portal_confirmation",
                self.env._("The customer's confirmation in the portal"),
            ],
            ["parent_done", self.env._("The order that this one follows from is done")],
        ]

    @api.model
    def _get_named(self, model) -> list[dict]:
        """Actions or templates made for orders, by the word that a drawing keeps;
        nothing for who may not draw."""
        if not self.has_access("write"):
            return []
        # sudo: ir.actions.server, mail.template: names only, for who draws workflows
        records = (
            self.env[model].sudo().search([("model_id.model", "=", "service.order")])
        )
        if model == "ir.actions.server":
            records = records._filter_for_workflows()
        refs = records.get_external_id()
        return [
            {"ref": refs[record.id] or str(record.id), "name": record.display_name}
            for record in records
        ]

    @api.model
    def _get_field_choices(self) -> list[dict]:
        order = self.env["service.order"]
        settable = self._get_settable_fields()
        described = order.fields_get(
            attributes=["string", "type", "selection", "relation", "readonly"]
        )
        return sorted(
            (
                {
                    "name": name,
                    "string": field["string"],
                    "type": field["type"],
                    "selection": [list(o) for o in field.get("selection") or ()],
                    "relation": field.get("relation") or "",
                    "can_require": field["type"] in FILLABLE_TYPES
                    and not field["readonly"]
                    and name not in models.MAGIC_COLUMNS
                    and self._is_fillable(name),
                    "can_set": name in settable,
                }
                for name, field in described.items()
                if field["type"] in FILLABLE_TYPES
            ),
            key=lambda field: field["string"],
        )
