import ast
import json
from functools import partial

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.bpmn import Problem
from odoo.addons.service_management.engine.expression import (
    ExpressionError,
    read_expression,
)
from odoo.addons.service_management.engine.soundness import find_stuck
from odoo.addons.service_management.models.catalog.service_stage import ORDER_STATES

from .condition_reach import check_domain_reach, check_path_reach
from .service_workflow_node import ACTORS, ROLES, split_words
from .service_workitem import WORKITEM_STEPS

# Metrics whose clocks a task may pause.
METRICS = ("first_response", "acceptance", "arrival", "resolution", "update")
# Order fields that a flow may set; what else happens is the domain's to do.
SETTABLE_FIELDS = (
    "priority",
    "outcome",
    "outcome_note",
    "internal_note",
    "date_preferred",
)
STEPS = tuple(step for step, __ in WORKITEM_STEPS)
STATES = tuple(state for state, __ in ORDER_STATES)


class ServiceWorkflowVersion(models.Model):
    """Checks a drawing against what the database knows, and compiles it."""

    _inherit = "service.workflow.version"

    def _validate(self) -> list[dict]:
        """What keeps the version from being published, in the reader's language.

        :return: ``{"element_id", "code", "message"}`` each; empty: it can be
            published
        """
        self.ensure_one()
        graph, problems = bpmn.compile_bpmn(self.bpmn_xml or "")
        if graph is not None:
            if not problems:
                problems = self._find_stuck(graph)
            problems = [*problems, *self._find_unknown(graph)]
        return [
            {
                "element_id": problem.element_id,
                "code": problem.code,
                "message": self._describe_problem(problem),
            }
            for problem in problems
        ]

    @api.model
    def _find_stuck(self, graph) -> list[Problem]:
        """Joins that can come to wait for a branch that was never taken."""
        return [
            Problem(node_id, "stuck", {"name": graph.nodes[node_id].name or node_id})
            for node_id in sorted(find_stuck(graph))
        ]

    def _find_unknown(self, graph) -> list[Problem]:
        """Names in the drawing that the database does not know."""
        names = self._get_names(graph)
        problems = []
        for node in graph.nodes.values():
            problems += self._check_node_attrs(node, names)
        for flow in graph.flows.values():
            problems += self._check_flow_attrs(graph, flow, names)
        return problems

    def _get_names(self, graph) -> dict[str, dict]:
        """Record ids by the word that the drawing uses, kind by kind."""
        used = {"stage": set(), "team": set(), "child": set(), "called": set()}
        for element in (*graph.nodes.values(), *graph.flows.values()):
            for kind in ("stage", "team", "child"):
                used[kind].add(element.attrs.get(kind))
        used["called"] = {node.called for node in graph.nodes.values()}
        models_ = {
            "stage": "service.stage",
            "team": "service.team",
            "child": "service.type",
            "called": "service.workflow",
        }
        names = {}
        for kind, model in models_.items():
            # sudo: codes only, of configuration that every user may read
            found = (
                self.env[model]
                .sudo()
                .search([("code", "in", [word for word in used[kind] if word])])
            )
            names[kind] = {record.code: record.id for record in found}
        return names

    def _check_node_attrs(self, node, names):
        attrs, params = node.attrs, {"name": node.name or node.id}

        def problem(code, **more):
            return Problem(node.id, code, {**params, **more})

        if node.kind == bpmn.USER_TASK and not attrs.get("actor"):
            yield problem("task_without_actor")
        for key, known in (
            ("step", STEPS),
            ("actor", dict(ACTORS)),
            ("role", dict(ROLES)),
            ("stage", names["stage"]),
            ("team", names["team"]),
        ):
            if attrs.get(key) and attrs[key] not in known:
                yield problem(f"unknown_{key}", what=attrs[key])
        if attrs.get("actor") in ("role", "team") and not attrs.get(attrs["actor"]):
            yield problem("actor_without_name")
        yield from self._check_needs(node, problem)
        if (
            node.kind == bpmn.CALL
            and node.called
            and node.called not in names["called"]
        ):
            yield problem("unknown_workflow", what=node.called)
        elif node.kind == bpmn.CALL and node.called == self.workflow_id.code:
            yield problem("calls_itself")
        if node.kind == bpmn.SERVICE_TASK and not attrs.get("action"):
            yield problem("service_without_action")
        yield from self._check_references(node, params)

    def _check_needs(self, node, problem):
        """Figures and lists of words of a node."""
        attrs = node.attrs
        for key in ("hours", "attachments"):
            if attrs.get(key) and not _is_number(attrs[key]):
                yield problem("bad_number", what=attrs[key])
        for word in split_words(attrs.get("pauses")):
            if word not in (*METRICS, "all"):
                yield problem("unknown_metric", what=word)
        for word in split_words(attrs.get("required")):
            if not self._is_fillable(word):
                yield problem("unknown_field", what=word)

    def _check_flow_attrs(self, graph, flow, names):
        attrs = flow.attrs
        source = graph.nodes[flow.source]
        params = {"name": flow.name or source.name or flow.id}

        def problem(code, **more):
            return Problem(flow.id, code, {**params, **more})

        for role in split_words(attrs.get("roles")):
            if role not in dict(ROLES):
                yield problem("unknown_role", what=role)
        if attrs.get("signal") and attrs["signal"] not in STATES:
            yield problem("unknown_state", what=attrs["signal"])
        if attrs.get("signal") and source.kind != bpmn.USER_TASK:
            yield problem("signal_not_here")
        if attrs.get("child") and attrs["child"] not in names["child"]:
            yield problem("unknown_type", what=attrs["child"])
        if flow.condition:
            error = self._check_condition(flow.condition)
            if error:
                yield problem("bad_condition", what=error)
        try:
            self._read_set_values(attrs.get("set"))
        except ValueError as error:
            yield problem("bad_set", what=str(error))
        yield from self._check_references(flow, params)

    def _check_references(self, element, params):
        for key, model in (
            ("action", "ir.actions.server"),
            ("template", "mail.template"),
        ):
            word = element.attrs.get(key)
            if word and not self._find_reference(model, word):
                yield Problem(element.id, f"unknown_{key}", {**params, "what": word})

    @api.model
    def _is_fillable(self, name) -> bool:
        """Whether a person can be asked for this field of the order."""
        field = self.env["service.order"]._fields.get(name)
        return (
            field is not None
            and not name.startswith("_")
            and field.type not in ("one2many", "json", "properties", "reference")
            and (not field.readonly or bool(field.compute and field.store))
        )

    @api.model
    def _find_reference(self, model, word):
        """The server action or template that the drawing names, by external or
        database id; only those made for service orders, and of the actions only those
        that an administrator lets workflows run."""
        # sudo: ir.actions.server, mail.template: whether there is one, for whom
        records = self.env[model].sudo()
        if word.isdigit():
            record = records.browse(int(word)).exists()
        else:
            name = word if "." in word else f"service_management.{word}"
            record = self.env.ref(name, raise_if_not_found=False)
            record = record.sudo() if record and record._name == model else records
        if model == "ir.actions.server":
            return record._filter_for_workflows()
        return record.filtered(lambda found: found.model_id.model == "service.order")

    @api.model
    def _check_condition(self, text) -> str:
        """Why ``text`` is no condition; empty if it is one."""
        try:
            if text.startswith("["):
                self._read_domain(text)
            else:
                for path in read_expression(text).paths.values():
                    self._check_path(path)
        except ExpressionError as error:
            return f"{error.what or error.code}"
        except (ValueError, SyntaxError, TypeError, KeyError, AssertionError) as error:
            return str(error)
        except UserError as error:
            return error.args[0]
        return ""

    @api.model
    def _read_domain(self, text) -> Domain:
        """The domain that a condition says; raises on what is none."""
        domain = Domain(ast.literal_eval(text))
        check_domain_reach(self.env["service.order"], domain)
        domain.validate(self.env["service.order"])
        return domain

    @api.model
    def _check_path(self, path):
        """``path`` leads over fields of the order to a plain value."""
        model = self.env["service.order"]
        check_path_reach(model, path)
        for position, name in enumerate(path):
            field = model._fields.get(name)
            if field is None or field.type in ("binary", "json", "html"):
                raise ValueError(".".join(path))
            if field.relational:
                model = self.env[field.comodel_name]
            elif position < len(path) - 1:
                raise ValueError(".".join(path))
            if field.type in ("one2many", "many2many") and position < len(path) - 1:
                raise ValueError(".".join(path))

    @api.model
    def _get_settable_fields(self) -> tuple[str, ...]:
        """Hook: fields of the order that a flow may set."""
        return SETTABLE_FIELDS

    @api.model
    def _read_set_values(self, text) -> dict:
        """Values that a flow sets; raises ValueError on a field outside the list."""
        if not text:
            return {}
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError(text)
        for name, value in values.items():
            if name not in self._get_settable_fields():
                raise ValueError(name)
            field = self.env["service.order"]._fields[name]
            if field.type == "selection" and value not in dict(
                field._description_selection(self.env)
            ):
                raise ValueError(f"{name}: {value}")
        return values

    # Compiling

    def _compile(self):
        """Write the nodes and flows of a version that has no problem."""
        self.ensure_one()
        graph, __ = bpmn.compile_bpmn(self.bpmn_xml)
        names = self._get_names(graph)
        self.flow_ids.unlink()
        self.node_ids.unlink()
        Node = self.env["service.workflow.node"]
        ordered = sorted(
            graph.nodes.values(), key=lambda node: graph.order.get(node.id, 10**6)
        )
        prepare = partial(self._prepare_node, names=names)
        rows, ids = Node.browse(), {}
        for hosted in (False, True):
            batch = [
                (number, node)
                for number, node in enumerate(ordered)
                if bool(node.host) == hosted
            ]
            created = Node.create(
                [
                    prepare(node) | {"sequence": number, "host_id": ids.get(node.host)}
                    for number, node in batch
                ]
            )
            ids |= {
                node.id: row.id for (__, node), row in zip(batch, created, strict=True)
            }
            rows += created
        self.env["service.workflow.flow"].create(
            [
                self._prepare_flow(graph, flow, names, ids) | {"sequence": number}
                for number, flow in enumerate(graph.flows.values())
            ]
        )
        self._keep_translations(self.workflow_id.version_id - self)
        return rows

    def _keep_translations(self, before):
        """Words that are as in the version ``before`` are translated as there."""
        langs = {code for code, __ in self.env["res.lang"].get_installed()} - {"en_US"}
        for rows, twins, names in (
            (self.node_ids, before.node_ids, ("name", "customer_text")),
            (self.flow_ids, before.flow_ids, ("name",)),
        ):
            by_element = {twin.element_id: twin for twin in twins}
            for row in rows.filtered(
                lambda row, known=by_element: row.element_id in known
            ):
                for name in names:
                    field = row._fields[name]
                    own = field._get_stored_translations(row) or {}
                    words = (
                        field._get_stored_translations(by_element[row.element_id]) or {}
                    )
                    if own.get("en_US") and own["en_US"] == words.get("en_US"):
                        row.update_field_translations(
                            name, {lang: words[lang] for lang in langs & words.keys()}
                        )

    def _prepare_node(self, node, names) -> dict:
        attrs = node.attrs
        action = attrs.get("action") and self._find_reference(
            "ir.actions.server", attrs["action"]
        )
        return {
            "version_id": self.id,
            "element_id": node.id,
            "name": node.name,
            "kind": node.kind,
            "step": attrs.get("step")
            or ("task" if node.kind == bpmn.USER_TASK else False),
            "stage_id": names["stage"].get(attrs.get("stage")),
            "actor": attrs.get("actor"),
            "role": attrs.get("role"),
            "team_id": names["team"].get(attrs.get("team")),
            "hours": float(attrs.get("hours") or 0),
            "pauses": attrs.get("pauses"),
            "required": attrs.get("required"),
            "checklist": attrs.get("checklist"),
            "attachments": int(float(attrs.get("attachments") or 0)),
            "action_id": action.id if action else False,
            "message": attrs.get("message"),
            "seconds": node.seconds or 0,
            "called_id": names["called"].get(node.called),
            "is_interrupting": node.interrupting,
            "customer_text": attrs.get("customerText"),
        }

    def _prepare_flow(self, graph, flow, names, ids) -> dict:
        attrs = flow.attrs
        references = {
            key: attrs.get(key) and self._find_reference(model, attrs[key])
            for key, model in (
                ("action", "ir.actions.server"),
                ("template", "mail.template"),
            )
        }
        return {
            "version_id": self.id,
            "element_id": flow.id,
            "name": flow.name,
            "source_id": ids[flow.source],
            "target_id": ids[flow.target],
            "condition": flow.condition,
            "is_default": graph.nodes[flow.source].default == flow.id,
            "signal": attrs.get("signal"),
            "roles": attrs.get("roles"),
            "reason_required": attrs.get("reason") in ("1", "true"),
            "action_id": references["action"].id if references["action"] else False,
            "template_id": references["template"].id
            if references["template"]
            else False,
            "child_type_id": names["child"].get(attrs.get("child")),
            "set_values": self._read_set_values(attrs.get("set")) or False,
        }

    # Words

    def _describe_problem(self, problem) -> str:
        text = self._get_problem_texts().get(problem.code)
        if not text:
            return problem.code
        return text % problem.params

    @api.model
    def _get_problem_texts(self) -> dict[str, str]:
        """What each kind of problem says, with the places of its values."""
        return {**self._get_structure_texts(), **self._get_attribute_texts()}

    @api.model
    def _get_structure_texts(self) -> dict[str, str]:
        return {
            "too_large": self.env._("The file is larger than %(limit)s bytes."),
            "not_xml": self.env._("The text is not well-formed XML: %(error)s"),
            "doctype": self.env._("The file declares a document type: refused."),
            "not_bpmn": self.env._("The file is not BPMN 2.0."),
            "no_process": self.env._("The file holds no process."),
            "several_processes": self.env._(
                "The file holds several processes: a workflow is one."
            ),
            "bad_id": self.env._(
                "An element (%(element)s) has no id, or a double one."
            ),
            "unsupported": self.env._(
                "'%(element)s' is not supported: use tasks, gateways, timers, message "
                "events and call activities."
            ),
            "several_definitions": self.env._("An event may wait for one thing only."),
            "bad_duration": self.env._(
                "'%(text)s' is not a duration such as PT4H or P2D."
            ),
            "timer_without_time": self.env._(
                "A timer has no time: set a duration or working hours."
            ),
            "stuck": self.env._(
                "'%(name)s' can come to wait for a branch that was never taken: merge "
                "choices with an exclusive gateway before it."
            ),
            "loose_flow": self.env._("A flow leads from or to nothing."),
            "no_start": self.env._("The workflow has no start."),
            "several_starts": self.env._("The workflow has more than one start."),
            "no_end": self.env._("The workflow has no end."),
            "too_many_nodes": self.env._("More than %(limit)s elements."),
            "unreachable": self.env._("'%(name)s' cannot be reached from the start."),
            "never_ends": self.env._("No end can be reached from '%(name)s'."),
            "dead_end": self.env._("'%(name)s' is a dead end: no flow leaves it."),
            "end_with_outgoing": self.env._("A flow leaves the end '%(name)s'."),
            "start_with_incoming": self.env._("A flow leads to the start '%(name)s'."),
            "implicit_split": self.env._(
                "Several flows leave '%(name)s': put a gateway after it."
            ),
            "task_without_name": self.env._("A task has no name."),
            "call_without_workflow": self.env._(
                "'%(name)s' does not say which workflow it calls."
            ),
            "message_without_name": self.env._(
                "'%(name)s' does not say which message it waits for."
            ),
            "boundary_without_task": self.env._(
                "The time limit '%(name)s' does not sit on a task."
            ),
            "boundary_with_incoming": self.env._(
                "A flow leads to the time limit '%(name)s'."
            ),
            "bad_default": self.env._(
                "The default flow of '%(name)s' does not leave it."
            ),
            "no_default": self.env._(
                "The gateway '%(name)s' has no default flow for when no condition "
                "holds."
            ),
            "no_condition": self.env._(
                "A flow that leaves '%(name)s' has no condition."
            ),
            "button_without_name": self.env._(
                "Several flows leave '%(name)s': each needs a name, its button."
            ),
            "button_twice": self.env._(
                "Two flows that leave '%(name)s' have the button '%(button)s'."
            ),
            "condition_not_here": self.env._(
                "A flow that leaves '%(name)s' cannot have a condition."
            ),
            "reason_not_here": self.env._(
                "Only flows that leave a task can ask for a reason ('%(name)s')."
            ),
        }

    @api.model
    def _get_attribute_texts(self) -> dict[str, str]:
        return {
            "task_without_actor": self.env._("'%(name)s' does not say who acts."),
            "actor_without_name": self.env._(
                "'%(name)s' does not say which role or team acts."
            ),
            "unknown_step": self.env._("'%(name)s': there is no step '%(what)s'."),
            "unknown_actor": self.env._("'%(name)s': there is no actor '%(what)s'."),
            "unknown_role": self.env._("'%(name)s': there is no role '%(what)s'."),
            "unknown_stage": self.env._(
                "'%(name)s': there is no stage with the code '%(what)s'."
            ),
            "unknown_team": self.env._(
                "'%(name)s': there is no team with the code '%(what)s'."
            ),
            "unknown_type": self.env._(
                "'%(name)s': there is no service type with the code '%(what)s'."
            ),
            "unknown_metric": self.env._("'%(name)s': there is no clock '%(what)s'."),
            "unknown_field": self.env._(
                "'%(name)s': '%(what)s' is not a field of orders that a person can "
                "fill."
            ),
            "unknown_state": self.env._(
                "'%(name)s': there is no order status '%(what)s'."
            ),
            "unknown_workflow": self.env._(
                "'%(name)s': there is no workflow with the code '%(what)s'."
            ),
            "unknown_action": self.env._(
                "'%(name)s': '%(what)s' is not a server action for service orders that "
                "may be used in workflows."
            ),
            "unknown_template": self.env._(
                "'%(name)s': '%(what)s' is not an email template for service orders."
            ),
            "calls_itself": self.env._("'%(name)s' calls the workflow that it is in."),
            "service_without_action": self.env._(
                "The automatic task '%(name)s' has no server action."
            ),
            "signal_not_here": self.env._(
                "Only flows that leave a task can follow an order status ('%(name)s')."
            ),
            "bad_number": self.env._("'%(name)s': '%(what)s' is not a number."),
            "bad_condition": self.env._(
                "'%(name)s': the condition cannot be used: %(what)s"
            ),
            "bad_set": self.env._(
                "'%(name)s': these fields cannot be set by a flow: %(what)s"
            ),
        }


def _is_number(text) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
