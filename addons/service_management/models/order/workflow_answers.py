"""What the engine asks while it moves tokens: does a condition hold, do an action."""

import ast
import functools
import logging

import psycopg2

from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from odoo.addons.service_management.engine import bpmn
from odoo.addons.service_management.engine.expression import (
    OPERATIONS,
    read_expression,
)
from odoo.addons.service_management.engine.token_engine import Failure

_logger = logging.getLogger(__name__)

# What comes from another transaction: the whole is tried again, nothing is parked.
CONCURRENCY_ERRORS = (
    ConcurrencyError,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.SerializationFailure,
)
RUNNING = "service_workflow_running"


class WorkflowAnswers:
    """Decides and acts for a run, order by order where one of many fails.

    The run gives ``env``, ``orders`` and ``version``.
    """

    def choose(self, graph, node, tokens):
        """The flows that hold, for each token: one of an exclusive gateway."""
        orders = self.orders.browse([token.instance for token in tokens])
        answers: list = [() for __ in tokens]
        undecided = set(range(len(tokens)))
        for flow_id in node.outgoing:
            if flow_id == node.default or not undecided:
                continue
            holds = self.evaluate(graph.flows[flow_id], orders)
            for place in sorted(undecided):
                answer = holds[tokens[place].instance]
                if isinstance(answer, Failure):
                    answers[place] = answer
                elif answer:
                    answers[place] = (*answers[place], flow_id)
                else:
                    continue
                if isinstance(answer, Failure) or node.kind == bpmn.EXCLUSIVE:
                    undecided.discard(place)
        return answers

    def perform(self, graph, element, tokens):
        attrs = element.attrs
        if not any(
            attrs.get(key)
            for key in ("action_id", "template_id", "child_type_id", "set")
        ):
            return [None] * len(tokens)
        orders = self.orders.browse([token.instance for token in tokens])
        errors = self._try_actions(
            element, orders.with_context(**{RUNNING: tuple(orders.ids)})
        )
        return [errors.get(token.instance) for token in tokens]

    # Conditions and actions

    def evaluate(self, flow, orders) -> dict:
        """Order id → whether the flow's condition holds, or a Failure."""
        text = flow.condition
        if not text:
            return dict.fromkeys(orders.ids, True)
        if text.startswith("["):
            domain = Domain(ast.literal_eval(text))
            return self._each(orders, lambda some: self._hold_domain(some, domain))
        expression = _read_expression(text)
        return self._each(
            orders, lambda some: {o.id: self._hold(o, expression) for o in some}
        )

    def _each(self, orders, decide) -> dict:
        """Decide for all at once; where that fails, one by one."""
        try:
            return decide(orders)
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            if len(orders) == 1:
                return {orders.id: self._failure(error)}
            answers = {}
            for order in orders:
                answers |= self._each(order, decide)
            return answers

    def _hold_domain(self, orders, domain) -> dict:
        found = set(orders.filtered_domain(domain).ids)
        return {order_id: order_id in found for order_id in orders.ids}

    def _hold(self, order, expression) -> bool:
        """Evaluate over plain values: no record is within reach."""
        moment = order._get_moment()
        today = order.company_id._get_service_day(moment)
        values = {**OPERATIONS, "now": moment, "today": today}
        for name, path in expression.paths.items():
            values[name] = _get_plain(order, path)
        return bool(safe_eval(expression.source, values))

    def _try_actions(self, element, orders) -> dict[int, Failure]:
        """Do what the element asks for, each in a savepoint; who failed, and why."""
        one_by_one = bool(element.attrs.get("action_id")) or len(orders) == 1
        if not one_by_one and not self._try(lambda: self._act(element, orders)):
            return {}
        errors = {}
        for order in orders:
            failure = self._try(lambda order=order: self._act(element, order))
            if failure:
                errors[order.id] = failure
        return errors

    def _try(self, work) -> Failure | None:
        try:
            with self.env.cr.savepoint():
                work()
                self.env.flush_all()
            return None
        except CONCURRENCY_ERRORS:
            raise
        except Exception as error:
            return self._failure(error)

    def _act(self, element, orders):
        attrs = element.attrs
        if attrs.get("set"):
            unknown = attrs["set"].keys() - set(self.version._get_settable_fields())
            if unknown:
                raise UserError(
                    self.env._(
                        "A flow cannot set these fields: %(fields)s.",
                        fields=", ".join(sorted(unknown)),
                    )
                )
            orders.write(attrs["set"])
        if attrs.get("child_type_id"):
            orders._create_child_orders(attrs["child_type_id"])
        if attrs.get("template_id"):
            template = orders.env["mail.template"].browse(attrs["template_id"])
            template.send_mail_batch(orders.ids)
        if attrs.get("action_id"):
            action = orders.env["ir.actions.server"].browse(attrs["action_id"])
            if not action._filter_for_workflows():
                raise UserError(
                    self.env._(
                        "The action '%(action)s' may not be used in workflows: ask an "
                        "administrator.",
                        action=action.name,
                    )
                )
            for order in orders:
                action.with_context(
                    active_model=order._name, active_id=order.id, active_ids=order.ids
                ).run()

    def _failure(self, error) -> Failure:
        if isinstance(error, UserError):
            return Failure(str(error.args[0]) if error.args else str(error))
        _logger.warning("A workflow could not go on", exc_info=error)
        text = str(error).strip().split("\n", 1)[0]
        return Failure(f"{type(error).__name__}: {text}")


@functools.lru_cache(maxsize=1000)
def _read_expression(text):
    return read_expression(text)


def _get_plain(record, path):
    """The plain value at the end of ``path``: never a record."""
    for name in path:
        field = record._fields[name]
        value = record[name]
        if not field.relational:
            return (
                value
                if value or field.type in ("integer", "float", "boolean")
                else ("" if field.type in ("char", "text", "selection") else None)
            )
        record = value
    if field.type == "many2one":
        return record.id or None
    return tuple(record.ids)
