from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import bpmn

from .workflow_run import WorkflowRun, find_way_of_filing


class Filing(dict):
    """Context ``service_filing``: orders are made to be registered at once.

    A class of its own: a context from outside is plain JSON and can never be one, so
    nobody makes an order without a task.
    """


class ServiceOrder(models.Model):
    """The workflow of an order: which version, where it stands, what went wrong."""

    _inherit = "service.order"

    workflow_version_id = fields.Many2one(
        "service.workflow.version",
        string="Workflow",
        compute="_compute_workflow_version_id",
        store=True,
        precompute=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    workflow_error = fields.Text(
        readonly=True,
        copy=False,
        help="Why the workflow could not go on by itself. Put it right and try again.",
    )
    workflow_turn = fields.Integer(
        readonly=True,
        copy=False,
        help="Counts movements of parallel work: two at once conflict in the database.",
    )
    customer_status = fields.Char(
        string="What the Customer Sees", compute="_compute_customer_status"
    )

    _workflow_error_idx = models.Index("(id) WHERE workflow_error IS NOT NULL")

    @api.depends("type_id")
    def _compute_workflow_version_id(self):
        """The published version of the type. A running order stays on its own."""
        Workflow = self.env["service.workflow"]
        for order in self:
            order.workflow_version_id = (
                order.workflow_version_id
                or Workflow._get_version_for_type(order.type_id)
            )

    @api.depends("workitem_ids.state")
    @api.depends_context("lang")
    def _compute_customer_status(self):
        for order in self:
            # sudo: service.workitem: of the open tasks only what customers may read
            nodes = (
                order.sudo()
                .workitem_ids.filtered(lambda item: item.state == "open")
                .node_id
            )
            texts = dict.fromkeys(node.customer_text for node in nodes)
            order.customer_status = " ".join(text for text in texts if text)

    def write(self, vals):
        result = super().write(vals)
        if "type_id" in vals:
            self._follow_type()
        return result

    # Moving

    def _start_workflow(self):
        """Put new orders on the start of their workflow."""
        if not self:
            return
        run = WorkflowRun(self, is_new=True)
        run.start()
        self._after_workflow(run.settle())

    def _is_filed(self) -> bool:
        """Whether these orders are made and registered in one go (see ``Filing``)."""
        return isinstance(self.env.context.get("service_filing"), Filing)

    def _start_filed(self):
        """Orders that are registered as they are made set out behind the task of
        completing the request, which nobody would ever see; those whose workflow asks
        for something there begin like a draft.

        :return: ``{state: orders}`` the workflow changed further, orders like a draft
        """
        graphs = {
            version: find_way_of_filing(version._get_graph())
            for version in self.sudo().workflow_version_id
        }
        filed = self.filtered(lambda order: graphs[order.sudo().workflow_version_id])
        changed = {}
        if filed:
            run = WorkflowRun(filed, is_new=True)
            run.file()
            changed = run.settle("new")
        rest = self - filed
        rest._start_workflow()
        return changed, rest

    def _set_state(self, state, result=None):
        """What happened brings the orders to ``state``.

        The open task whose flow carries this state as its signal follows that flow;
        where there is none, the order goes to the node that stands for the state.
        So whatever happens to an order never gets stuck in its drawing.
        """
        if not self:
            return
        changed, orders = {}, self
        if state == "new" and self._is_filed():
            changed, orders = self._start_filed()
        if orders:
            run = WorkflowRun(orders)
            run.signal(state)
            for key, some in run.settle(state, result).items():
                changed[key] = changed.get(key, self.browse()) | some
        self._on_transition(state)
        self._after_workflow(changed)

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state == "done":
            # sudo: service.order: orders that wait for this one may be others' own
            self.sudo().child_ids._throw_message("parent_done")
        return result

    def _throw_message(self, name) -> "ServiceOrder":
        """Orders that wait for the message go on; gives those that did."""
        # sudo: service.workitem: who sends the message need not see the task
        items = (
            self.env["service.workitem"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("kind", "=", "message"),
                    ("state", "=", "open"),
                    ("node_id.message", "=", name),
                ],
                order="id",
            )
        )
        if not items:
            return self.browse()
        orders = items.order_id
        run = WorkflowRun(orders)
        for item in items:
            run.leave(item)
        orders._after_workflow(run.settle())
        return orders.with_env(self.env)

    def _before_state(self, state):
        """Hook: the workflow, not a button, is about to bring the orders to
        ``state``: what such a transition writes besides."""
        if state == "new":
            self._release_dispatch()
            self.write({"point_id": False})
        elif state == "done":
            self._note_done()
        elif state == "closed":
            self._note_closed()
        elif state == "cancelled":
            self._release_dispatch()
            self._log_event("cancelled", is_public=True)

    def _after_workflow(self, changed):
        """What follows from states that the workflow changed by itself."""
        for state, orders in changed.items():
            orders._on_transition(state)
            if state == "done":
                orders._after_done()

    def _follow_type(self):
        """A request whose type changes before work begins goes the new type's way."""
        Workflow = self.env["service.workflow"]
        orders = self.browse()
        for order in self.filtered(lambda order: order.state in ("draft", "new")):
            version = Workflow._get_version_for_type(order.type_id)
            if version != order.workflow_version_id:
                # sudo: service.order: the workflow follows from the type
                order.sudo().workflow_version_id = version
                orders += order
        if not orders:
            return
        run = WorkflowRun(orders)
        for order in orders:
            run.restart(order)
        self._after_workflow(run.settle())

    # Checks

    def _check_signal(self, state):
        """Whoever presses a button is held to the workflow: an open task must have a
        flow for it, and be theirs to do."""
        if self.env.su or self._is_replayed():
            return
        run = WorkflowRun(self)
        for order in self:
            token, ways = run.find_signal(order, state)
            if token is None:
                raise UserError(order._describe_waiting())
            item = self.env["service.workitem"].browse(token.ref)
            if not item._is_actor():
                raise UserError(
                    self.env._(
                        "'%(task)s' of %(order)s is not yours to do.",
                        task=item.sudo().name,
                        order=order.display_name,
                    )
                )
            item.sudo()._check_filled(run.get_node(token), ways[0])

    def _describe_waiting(self) -> str:
        self.ensure_one()
        # sudo: service.workitem: names only, for the sentence
        items = self.sudo().workitem_ids.filtered(lambda item: item.state == "open")
        return self.env._(
            "%(order)s waits for: %(tasks)s. This comes first.",
            order=self.display_name,
            tasks=", ".join(item.name or "" for item in items) or "-",
        )

    @api.model
    def _is_replayed(self) -> bool:
        """Whether history is being taken over: what happened is not argued with."""
        return self._get_moments() is not None

    # Children

    def _create_child_orders(self, type_id):
        """An order of this type for each, registered, that follows from it."""
        children = self.create([order._prepare_child(type_id) for order in self])
        children.action_register()
        return children

    def _prepare_child(self, type_id) -> dict:
        self.ensure_one()
        return {
            "parent_id": self.id,
            "type_id": type_id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "requester_id": self.requester_id.id,
            "asset_id": self.asset_id.id,
            "product_id": self.product_id.id,
            "site_id": self.site_id.id,
            "symptom_id": self.symptom_id.id,
            "channel": self.channel,
            "user_id": self.user_id.id,
            "description": self.env._(
                "Follows from %(order)s: %(text)s",
                order=self.display_name,
                text=self.description or "",
            ),
        }

    # Errors

    def _park(self, item, error):
        """Say on the order why its workflow stands still."""
        text = str(error.args[0]) if getattr(error, "args", None) else str(error)
        # sudo: service.order: the sentence is the engine's
        self.sudo().workflow_error = text
        self._log_event("workflow_error", name=text)

    def action_workflow_retry(self):
        """What failed is tried again, after somebody has put it right."""
        self.check_access("write")
        run = WorkflowRun(self)
        # sudo: service.order: cleared before; set again by what fails again
        self.sudo().write({"workflow_error": False})
        run.retry()
        self._after_workflow(run.settle())
        return True

    # Where it stands

    @api.readonly
    def get_workflow_actions(self) -> list[dict]:
        """The user's open tasks of the order, with their buttons."""
        self.ensure_one()
        self.check_access("read")
        items = self.env["service.workitem"].search(
            [("order_id", "=", self.id), ("state", "=", "open")], order="deadline, id"
        )
        actions = [item._as_action() for item in items]
        return [action for action in actions if action["flows"]]

    @api.readonly
    def get_workflow_progress(self) -> dict:
        """Where the order is in its drawing, and where it has been."""
        self.ensure_one()
        self.check_access("read")
        # sudo: service.workitem, service.workflow.version: of this order, for its
        # readers
        order = self.sudo()
        items = order.workitem_ids.sorted("id")
        live = items.filtered(lambda item: item.state in ("open", "waiting"))
        return {
            "bpmn_xml": order.workflow_version_id.drawing or "",
            "open": [item._as_place() for item in live if item.kind != "limit"],
            "visited": self._get_visited(items),
            "errors": [
                {"element_id": item.node_id.element_id, "message": item.error}
                for item in live
                if item.error
            ],
        }

    @api.model
    def _get_visited(self, items) -> list[dict]:
        visited = []
        for node, rows in items.grouped("node_id").items():
            ended = rows.filtered(lambda item: item.state == "done")
            if node and ended:
                last = ended.sorted("done_at")[-1:]
                visited.append(
                    {
                        "element_id": node.element_id,
                        "times": len(ended),
                        "last_at": fields.Datetime.to_string(last.done_at),
                        "by": last.done_by_id.name or "",
                    }
                )
        return visited

    # Orders of before

    @api.model
    def _adopt_workflows(self):
        """Give orders that have none a version, and their tasks a place in it."""
        orders = self.sudo().search([("workflow_version_id", "=", False)])
        Workflow = self.env["service.workflow"]
        for service_type, of_type in orders.grouped("type_id").items():
            version = Workflow._get_version_for_type(service_type)
            if version:
                of_type.write({"workflow_version_id": version.id})
        loose = (
            self.env["service.workitem"]
            .sudo()
            .search([("state", "=", "open"), ("node_id", "=", False)])
        )
        for (version, state, step), items in loose.grouped(
            lambda item: (
                item.order_id.workflow_version_id,
                item.order_id.state,
                item.step,
            )
        ).items():
            node = self._find_place(version, state, step)
            if node:
                items.write({"node_id": node.id})

    @api.model
    def _find_place(self, version, state, step):
        """Where in the version an item of before stands."""
        if not version:
            return None
        graph = version._get_graph()
        tasks = [node for node in graph.nodes.values() if node.kind == bpmn.USER_TASK]
        fitting = [node for node in tasks if node.attrs["step"] == step]
        exact = [node for node in fitting if node.attrs["state"] == state]
        return next(iter(exact or fitting), None)
