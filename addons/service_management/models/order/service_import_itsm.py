from collections import defaultdict

from odoo import models

from odoo.addons.service_management.engine.log_file import Reason

from .service_order_flow import Moments

# What the order's description and the desk's note say, by column of the log.
DESCRIBED = ("category", "subcategory", "u_symptom")
NOTED = ("contact_type", "location", "cmdb_ci", "impact", "urgency", "closed_code")


class ServiceImport(models.Model):
    """Incident logs: each incident is an order that needs no visit.

    Rows of the log become the order's transitions and events, at the log's own times.
    Groups are teams; persons are not users of ours and stay text.
    """

    _inherit = "service.import"

    def _take_itsm(self, incidents):
        known = self._find_orders([self._get_unit_key(inc) for inc in incidents])
        orders = dict(known)
        fresh = [inc for inc in incidents if self._get_unit_key(inc) not in known]
        orders |= self._create_incidents(fresh)
        seen = self._get_last_moments(known.values())
        self._replay(
            [(inc, orders[self._get_unit_key(inc)]) for inc in incidents], seen
        )
        wrong = [
            (inc, orders[self._get_unit_key(inc)])
            for inc in incidents
            if inc.is_closed != (orders[self._get_unit_key(inc)].state == "closed")
        ]
        self._add_notes(
            [
                (inc.line, [Reason("mismatch", inc.number, order.state)])
                for inc, order in wrong
            ]
        )
        self._count(
            created_count=len(fresh),
            existing_count=len(known),
            mismatch_count=len(wrong),
            closed_count=sum(order.state == "closed" for order in orders.values()),
        )

    def _create_incidents(self, incidents) -> dict:
        if not incidents:
            return {}
        callers = self._get_callers(incidents)
        teams = self._get_teams(
            {row.group for inc in incidents for row in inc.rows if row.group}
        )
        incident_type = self.env.ref("service_management.type_incident")
        orders = self._create_orders(
            [
                {
                    "channel": "import",
                    "source_key": self._get_unit_key(inc),
                    "company_id": self.company_id.id,
                    "partner_id": callers[(inc.caller,)].id,
                    "type_id": incident_type.id,
                    "priority": inc.priority,
                    "description": _join(inc, DESCRIBED) or inc.number,
                    "date_request": inc.opened_at,
                }
                for inc in incidents
            ]
        )
        # At the time of the request; a later handover has its own
        at_start = orders.with_context(service_moments=Moments())
        for inc, order in zip(incidents, at_start, strict=True):
            first = next(iter(inc.get_known("group")), "")
            order.write(
                {
                    "internal_note": self._get_note(inc),
                    "team_id": teams.get((first,), order.team_id).id,
                }
            )
        self._hand_over(incidents, orders, teams)
        return {order.source_key: order for order in orders}

    def _hand_over(self, incidents, orders, teams):
        """Give orders to the team that had them last, when it took them over."""
        moments = Moments()
        for inc, order in zip(incidents, orders, strict=True):
            handover = inc.get_handover()
            if handover:
                last, moments[order.id] = handover
                order.with_context(service_moments=moments).team_id = teams[(last,)]

    def _get_callers(self, incidents) -> dict:
        def prepare(caller):
            return lambda: {"name": caller or self.env._("Unknown caller")}

        return self._get_known(
            "res.partner", {(inc.caller,): prepare(inc.caller) for inc in incidents}
        )

    def _get_teams(self, names) -> dict:
        def prepare(name):
            return lambda: {"name": name, "company_id": self.company_id.id}

        return self._get_known(
            "service.team", {(name,): prepare(name) for name in sorted(names)}
        )

    def _get_note(self, incident) -> str:
        lines = [incident.number, _join(incident, NOTED)]
        assignee = incident.get_last("assignee")
        if assignee:
            lines.append(self.env._("Worked on by %(person)s", person=assignee))
        return "\n".join(line for line in lines if line)

    # What happened

    def _get_last_moments(self, orders) -> dict:
        """Until when the log has been replayed into orders that were there."""
        ids = [order.id for order in orders]
        return {
            order.id: moment
            for order, moment in self.env["service.order.event"]
            .sudo()
            ._read_group(
                [
                    ("order_id", "in", ids),
                    ("kind", "not in", ("created", "registered", "warranty")),
                ],
                ["order_id"],
                ["date:max"],
            )
        }

    def _replay(self, pairs, seen):
        """Let what happened happen, the first of each order, the second, ...

        :param seen: order id → moment up to which nothing is to be done any more
        """
        moments, steps, notes = Moments(), defaultdict(list), []
        for incident, order in pairs:
            actions = [
                action
                for action in incident.get_actions()
                if order.id not in seen or action.moment > seen[order.id]
            ]
            moves = [action for action in actions if action.kind != "note"]
            for number, action in enumerate(moves):
                steps[number].append((order, action))
            notes += [(order, action) for action in actions if action.changes]
        self._log_changes(notes)
        for number in sorted(steps):
            by_kind = defaultdict(list)
            for order, action in steps[number]:
                by_kind[action.kind].append(order.id)
                moments[order.id] = action.moment
            for kind in ("reopen", "start", "done", "close"):
                orders = (
                    self.env["service.order"]
                    .browse(by_kind.get(kind, ()))
                    .with_context(service_moments=moments)
                )
                if orders:
                    self._move(orders, kind)

    def _move(self, orders, kind):
        if kind == "reopen":
            orders.action_reopen()
        elif kind == "start":
            orders.action_start_work()
        elif kind == "done":
            orders.write({"outcome": "fixed"})
            orders.action_done()
        else:
            orders.action_close()

    def _log_changes(self, notes):
        """What each row of the log changed, as events at its own time."""
        labels = {
            "state": self.env._("State"),
            "group": self.env._("Group"),
            "assignee": self.env._("Assigned to"),
            "priority": self.env._("Priority"),
        }
        self.env["service.order.event"].sudo().create(
            [
                {
                    "order_id": order.id,
                    "kind": "updated",
                    "date": action.moment,
                    "user_id": self.env.uid,
                    "name": " · ".join(
                        f"{labels[what]}: {before or '-'} → {after or '-'}"
                        for what, before, after in action.changes
                    ),
                    "data": {
                        what: [before, after] for what, before, after in action.changes
                    },
                }
                for order, action in notes
            ]
        )


def _join(incident, columns) -> str:
    return " · ".join(
        incident.texts[name] for name in columns if incident.texts.get(name)
    )
