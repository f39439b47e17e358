from odoo import models

from odoo.addons.service_management.engine import entitlement as engine

# In the context while a promise is renewed, whose own writes are no change of the
# facts; an object, so that no caller's context can pass for it.
RENEWING = object()


class ServiceOrder(models.Model):
    """What orders do to the entitlement ledger as they come along."""

    _inherit = "service.order"

    def _on_transition(self, state):
        result = super()._on_transition(state)
        # sudo: service.order: what a contract owes follows from what happens
        orders_sudo = self.sudo()
        if state == "new":
            orders_sudo._promise_entitlements()
        elif state in ("done", "closed"):
            orders_sudo._use_entitlements()
        elif state == "cancelled":
            orders_sudo._give_back_entitlements()
        return result

    def _promise_entitlements(self):
        """Reserve what registration has decided; an order taken up again after its
        cancellation is decided anew.

        Work that was done once is not taken from the quota a second time: it goes on.
        """
        self.filtered(
            lambda order: order.entitlement_use == "released"
        )._decide_coverage()
        fresh = self.filtered(
            lambda order: order.entitlement_use not in ("reserved", "consumed")
        )
        rows, promised, uses = [], {}, {}
        for order in fresh:
            period, held = order.entitlement_period_id, 0.0
            if not period:
                continue
            if not period.is_unlimited:
                left = self._get_free(period, promised)
                for entry in engine.reserve(left, order.entitlement_quantity, True):
                    # What is beyond the quota is charged when it has been used
                    if entry.kind == "reserve":
                        held = entry.quantity
                        rows.append((period, entry, order._prepare_entry_vals()))
            promised[period] = engine.exact(promised.get(period, 0.0) + held)
            uses.setdefault(held, []).append(order.id)
        for held, ids in uses.items():
            self.browse(ids)._set_entitlement_use("reserved", held)
        self.env["service.entitlement.entry"]._add(rows)
        fresh._log_coverage()
        fresh._hand_to_designated_team()

    def _hand_to_designated_team(self):
        """The team that the contract names becomes responsible."""
        for team, orders in self.grouped(lambda o: o.entitlement_id.team_id).items():
            if team:
                orders.filtered(lambda o, team=team: o.team_id != team).team_id = team

    def _get_free(self, period, taken) -> float:
        """What is left in ``period`` after what this batch has taken already."""
        return engine.exact(period.available - taken.get(period, 0.0))

    def _use_entitlements(self):
        """What was promised is used: at most what there is, the rest at a price."""
        rows, taken, prices = [], {}, []
        reserved = self.filtered(lambda order: order.entitlement_use == "reserved")
        for order in reserved:
            period = order.entitlement_period_id
            quantity = engine.exact(order.entitlement_quantity)
            if period.is_unlimited:
                entries = [engine.Entry("consume", quantity, 0.0)]
            else:
                entries = engine.consume(
                    order.entitlement_held, quantity, self._get_free(period, taken)
                )
            price = 0.0
            for entry in entries:
                vals = order._prepare_entry_vals()
                if entry.kind == "overage":
                    price = entry.quantity * order.entitlement_id.overage_price
                    vals["price"] = price
                elif entry.change:
                    taken[period] = engine.exact(taken.get(period, 0.0) - entry.change)
                rows.append((period, entry, vals))
            prices.append(price)
        reserved._assign_each("coverage_price", prices)
        reserved._set_entitlement_use("consumed", 0.0)
        self.env["service.entitlement.entry"]._add(rows)

    def _give_back_entitlements(self):
        rows = []
        reserved = self.filtered(lambda order: order.entitlement_use == "reserved")
        for order in reserved:
            rows += [
                (order.entitlement_period_id, entry, order._prepare_entry_vals())
                for entry in engine.release(order.entitlement_held)
            ]
        reserved._set_entitlement_use("released", 0.0)
        self.env["service.entitlement.entry"]._add(rows)

    def _renew_coverage(self, kinds=None):
        """The facts have changed: give back what was promised and decide anew."""
        if self.env.context.get("service_renewing") is RENEWING:
            return
        orders_sudo = (
            self.sudo()
            .with_context(service_renewing=RENEWING)
            .filtered(lambda order: order.entitlement_use != "consumed")
        )
        orders_sudo._give_back_entitlements()
        orders_sudo._set_entitlement_use(False, 0.0)
        orders_sudo.filtered(
            lambda order: (
                order.contract_id
                and not order.contract_id._is_covering(order.asset_id, order.date_fault)
            )
        ).write({"contract_id": False})
        orders_sudo._decide_coverage(kinds)
        orders_sudo._promise_entitlements()

    def _set_entitlement_use(self, use, held):
        self._assign_each("entitlement_use", [use] * len(self))
        self._assign_each("entitlement_held", [held] * len(self))

    def _prepare_entry_vals(self) -> dict:
        self.ensure_one()
        return {"order_id": self.id, "date": self._get_moment()}

    def _log_coverage(self):
        """The answer that the customer can be given, in the order's history."""
        decided = self.filtered(
            lambda order: order.coverage_state not in ("none", "not_needed")
        )
        # Points and technicians read the history: what is left and what it costs is
        # told by the order's own fields, to the desk
        labels = dict(self._fields["coverage_state"]._description_selection(self.env))
        decided._log_event(
            "coverage", names=[labels[order.coverage_state] for order in decided]
        )
