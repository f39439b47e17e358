from odoo import api, fields, models
from odoo.exceptions import UserError

from .service_dispatch_board import MAX_DAYS, WAITING_STATES, _moment, _seconds
from .service_order import DISPATCHABLE_STATES

MAX_SLOTS = 10


class BoardRefusal(UserError):
    """Why the board does not do what was dragged, in words and for the client.

    ``context`` goes to the client: ``kind`` is ``rules`` (broken ones, which a
    dispatcher may override with a reason) or ``stale`` (somebody was faster).
    """

    def __init__(self, kind, messages, can_override=False):
        super().__init__("\n".join(messages))
        self.context = {
            "kind": kind,
            "messages": messages,
            "can_override": can_override,
        }


class ServiceDispatchBoard(models.AbstractModel):
    """What is done on the board. The rules are those of orders and visits; the board
    only says beforehand which of them a dispatcher may override."""

    _inherit = "service.dispatch.board"

    # Visits

    @api.model
    def book_visit(self, order_id, technician_ids, start, end, reason=None, view=None):
        """Book a visit for a waiting order that was dropped on a technician.

        An order without a point is given to the technician's point first.

        :param start: and ``end``, in seconds since 1970 (UTC)
        :param list view: ``[date_from, days, filters]`` that the board shows
        :return: what ``get_changes`` says of the order for this view
        """
        self._check_may_look()
        order = self._get_order(order_id)
        technicians = self._get_technicians(technician_ids)
        if order.state not in WAITING_STATES:
            self._refuse_stale(order, self._describe_order(order))
        start, end = _moment(start), _moment(end)
        broken = []
        if order.state in DISPATCHABLE_STATES:
            order._check_dispatcher()
            broken += self._assign_point(order, technicians[:1].point_id, reason)
        broken += order._find_broken_rules(technicians, start, end)
        self._refuse_broken(broken, reason)
        visit = order._plan_visit(technicians, start, end, reason)
        return self._get_answer(order, view) | {"visit_id": visit.id}

    @api.model
    def move_visit(
        self, visit_id, technician_ids, start, end, expected, reason=None, view=None
    ):
        """Move a visit in time, to other technicians, or both.

        :param dict expected: what the board showed: ``technician_ids``, ``start``,
            ``end``, ``state``; a visit that is not like this any longer stays as it is
        :return: as for ``book_visit``
        """
        self._check_may_look()
        visit = self._get_visit(visit_id)
        self._check_expected(visit, expected)
        technicians = self._get_technicians(technician_ids)
        start, end = _moment(start), _moment(end)
        self._refuse_broken(
            visit.order_id._find_broken_rules(technicians, start, end), reason
        )
        visit.action_reschedule(start, end, reason, technicians.ids)
        return self._get_answer(visit.order_id, view)

    @api.model
    def set_locked(self, visit_ids, locked, view=None):
        """Locked visits stay where they are, whoever plans anew."""
        self._check_may_look()
        visits = self.env["service.visit"].browse(visit_ids).exists()
        visits._set_locked(bool(locked))
        return self._get_answer(visits.order_id, view)

    # Points

    @api.model
    def offer_order(self, order_id, point_id, reason=None, view=None):
        """Ask a point whether it takes the order."""
        self.env["service.order"]._check_dispatcher()
        order = self._get_order(order_id)
        point = self.env["service.point"].browse(point_id).exists()
        self._refuse_broken(self._get_point_refusal(order, point), reason)
        order._offer_to(point, reason)
        return self._get_answer(order, view)

    @api.model
    def assign_order(self, order_id, point_id, reason=None, view=None):
        """Give the order to a point without asking it."""
        self.env["service.order"]._check_dispatcher()
        order = self._get_order(order_id)
        point = self.env["service.point"].browse(point_id).exists()
        self._refuse_broken(self._get_point_refusal(order, point), reason)
        order.action_assign(point.id, reason)
        return self._get_answer(order, view)

    def _get_answer(self, orders, view) -> dict:
        """The changed orders as the board shows them, in the same call."""
        return (
            self.get_changes(orders.ids, *view) if view else {"order_ids": orders.ids}
        )

    # Proposals

    @api.model
    def get_proposals(self, order_id, days=5, count=3):
        """The best times and the candidate points for a waiting order.

        :return: ``{"slots": [{"technician_id", "technician_ids", "technician", "start",
            "end", "travel", "reasons"}], "obstacle": why there are none,
            "points": [{"point_id", "point", "rank", "reasons"}]}``; the technicians are
            a crew, its first one is the technician
        """
        self._check_may_look()
        order = self._get_order(order_id)
        slots, obstacle = order._search_slots(
            count=max(1, min(count, MAX_SLOTS)), days=max(1, min(days, MAX_DAYS))
        )
        return {
            "slots": self._read_slots(slots),
            "obstacle": obstacle,
            "points": self._get_candidates(order),
        }

    @api.model
    @api.readonly
    def get_details(self, order_id):
        """What somebody wants to know of an order before calling or sending anybody.

        :return: ``{"phone", "asset", "symptom", "request", "skills", "tools", "parts",
            "after"}``, texts; empty where there is nothing to say
        """
        self._check_may_look()
        # sudo: service.order: reading it was checked for; names of what it needs
        order = self._get_order(order_id).sudo()
        service_type = order.type_id
        skills = service_type._get_requirements(order.category_id)
        parts = self.env["service.planning.run"]._get_planning_part_names(order)
        return {
            "phone": order.phone or "",
            "asset": order.asset_id.display_name or order.category_id.name or "",
            "symptom": order.symptom_id.display_name or "",
            "request": order.description or "",
            "skills": ", ".join(skills.mapped("display_name")),
            "tools": ", ".join(service_type.tool_ids.mapped("name")),
            "parts": ", ".join(dict.fromkeys(parts.values())),
            "after": ", ".join(order.after_order_ids.mapped("name")),
        }

    def _read_slots(self, slots) -> list[dict]:
        return [
            {
                "technician_id": slot["technician_id"],
                "technician_ids": slot["technician_ids"],
                "technician": slot["technician"],
                "start": _seconds(slot["start"]),
                "end": _seconds(slot["end"]),
                "travel": slot["travel_minutes"],
                "reasons": [
                    reason["text"]
                    if reason["value"] is None
                    else f"{reason['text']} {reason['value']}"
                    for reason in slot["reasons"]
                ],
            }
            for slot in slots
        ]

    def _get_candidates(self, order) -> list[dict]:
        if not self._is_dispatcher() or order.state not in DISPATCHABLE_STATES:
            return []
        decision = order._rank_candidates()[order.id]
        return [
            {**line, "reasons": order._add_reason_texts(line["reasons"])}
            for line in decision.as_json()
        ]

    # Checks

    def _get_order(self, order_id):
        order = self.env["service.order"].browse(order_id).exists()
        if not order:
            raise UserError(self.env._("The order is gone. Refresh the board."))
        order.check_access("read")
        return order

    def _get_visit(self, visit_id):
        visit = self.env["service.visit"].browse(visit_id).exists()
        if not visit:
            raise UserError(self.env._("The visit is gone. Refresh the board."))
        visit.check_access("read")
        return visit

    def _get_technicians(self, technician_ids):
        technicians = self.env["service.technician"].browse(technician_ids).exists()
        technicians.check_access("read")
        if not technicians:
            raise UserError(self.env._("Technician is missing: choose who goes."))
        return technicians

    def _assign_point(self, order, point, reason) -> list[str]:
        """Give the order to the point; what speaks against it. When nobody gave a
        reason for that, the caller refuses, and nothing of this happens."""
        refusal = self._get_point_refusal(order, point)
        order.action_assign(point.id, reason or "; ".join(refusal))
        return refusal

    def _get_point_refusal(self, order, point) -> list[str]:
        decision = order._rank_candidates()[order.id]
        ranked = decision.find(point.id)
        if ranked.eligible:
            return []
        return [
            self.env._(
                "%(point)s is no candidate: %(why)s",
                point=point.sudo().display_name,
                why=decision.reasons_as_text(ranked),
            )
        ]

    def _refuse_broken(self, broken, reason):
        if broken and not reason:
            raise BoardRefusal("rules", broken, self._is_dispatcher())

    def _check_expected(self, visit, expected):
        """Refuse a move of what has been moved meanwhile, saying what and by whom."""
        # sudo: service.visit: the crew is compared, whoever moves
        visit_sudo = visit.sudo()
        crew = visit_sudo.crew_ids.technician_id
        changes = []
        if (expected["start"], expected["end"]) != (
            _seconds(visit.planned_start),
            _seconds(visit.planned_end),
        ):
            changes.append(
                self.env._("it is now at %(time)s", time=visit._get_time_text())
            )
        if sorted(expected["technician_ids"]) != sorted(crew.ids):
            changes.append(
                self.env._(
                    "%(technicians)s goes now",
                    technicians=", ".join(crew.mapped("name")),
                )
            )
        if expected["state"] != visit.state:
            labels = self.env["service.visit"]._fields["state"]
            labels = dict(labels._description_selection(self.env))
            changes.append(
                self.env._("it is '%(state)s' now", state=labels[visit.state])
            )
        if changes:
            self._refuse_stale(visit.order_id, "; ".join(changes))

    def _describe_order(self, order) -> str:
        return self.env._(
            "it is in the stage '%(stage)s' now", stage=order.stage_id.name
        )

    def _refuse_stale(self, order, what):
        # sudo: service.order.event: who was faster is told to who came second
        event = self.env["service.order.event"].sudo()
        event = event.search([("order_id", "=", order.id)], order="id desc", limit=1)
        raise BoardRefusal(
            "stale",
            [
                self.env._(
                    "%(order)s has changed meanwhile: %(what)s (%(user)s, %(time)s). "
                    "The board shows it as it is now.",
                    order=order.name,
                    what=what,
                    user=event.user_id.name or self.env._("the system"),
                    time=self._get_clock_text(event.date),
                )
            ],
        )

    def _get_clock_text(self, moment) -> str:
        return f"{fields.Datetime.context_timestamp(self, moment):%H:%M}"
