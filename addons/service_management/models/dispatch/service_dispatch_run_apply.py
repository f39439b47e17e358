import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import candidate_ranking as ranking

from .service_order_ranking import Decision, RankingFacts, RecordedDecision

_logger = logging.getLogger(__name__)

# Rows that become offers together.
BATCH = 500
# What speaks against one row and not against the others.
ROW_ERRORS = (UserError, AccessError, psycopg2.IntegrityError, psycopg2.DataError)


class ServiceDispatchRun(models.Model):
    """How accepted rows become offers."""

    _inherit = "service.dispatch.run"

    def _apply(self, rows=None):
        """Superuser's: make the offers of the accepted rows; what cannot be offered is
        marked with why, and stops nothing else.

        The facts are read again: a point that was suspended or has filled up since is
        refused now.

        :param rows: only these, accepted or not
        """
        self.ensure_one()
        is_all = rows is None
        if is_all:
            rows = self.line_ids.filtered("is_accepted")
        due = rows.filtered(lambda row: row.state == "proposed" and row.point_id)
        choices = self._look_again(due)
        holding = due.filtered(lambda row: row.order_id.id in choices)
        for start in range(0, len(holding), BATCH):
            self._offer_rows(holding[start : start + BATCH], choices)
        if is_all or "proposed" not in self.line_ids.mapped("state"):
            self.state = "applied"
        return due

    def _look_again(self, lines) -> dict:
        """``{order id: (order, decision, ranked)}`` of the rows that still hold.

        Their orders are locked. Only the chosen point is looked at anew, against the
        rules: why it was chosen among hundreds stands in the row.
        """
        orders = lines.order_id
        orders._lock_in_turn()
        orders.invalidate_recordset(["state"])
        moved = self._find_moved(lines)
        for line in moved:
            self._refuse(line, self.env._("The order has moved on since."))
        lines -= moved
        orders = lines.order_id
        if not orders:
            return {}
        facts = RankingFacts(orders, overtime=self.overtime)
        facts.release(orders.offer_ids.filtered(lambda offer: offer.state == "offered"))
        recorded = self._read_recorded(lines)
        choices = {}
        for line in lines:
            order, point_id = line.order_id, line.point_id.id
            day = facts.days[order.id]
            candidate = facts.get_candidate(order, point_id)
            refusal = ranking.refuse(candidate)
            if refusal:
                refused = ranking.Ranked(candidate, None, None, refusal)
                decision = Decision(order, day, [refused])
                self._refuse(line, decision.reasons_as_text(refused))
                continue
            facts.take(order, point_id)
            decided = RecordedDecision(day, recorded[line.id] or [])
            choices[order.id] = (order, decided, decided.find(point_id))
        return choices

    @api.model
    def _read_recorded(self, lines) -> dict:
        """The stored decision of each row; the ORM would copy all of it once more."""
        lines.flush_recordset(["candidate_data"])
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, candidate_data FROM service_dispatch_run_line "
                    "WHERE id IN %s",
                    tuple(lines.ids),
                )
            )
        )

    def _find_moved(self, lines):
        """Rows whose order is no longer where it was when the run was computed."""
        moved = []
        for line in lines:
            order = line.order_id
            waiting = order.offer_ids.filtered(lambda offer: offer.state == "offered")
            if order.state not in ("new", "offered") or (
                waiting.point_id != line.point_now_id or any(waiting.mapped("is_pool"))
            ):
                moved.append(line.id)
        return lines.browse(moved)

    def _offer_rows(self, lines, choices):
        """All rows at once; where that fails, in halves, so that one bad row costs a
        few more tries and not the others their offers."""
        if not lines:
            return
        try:
            with self.env.cr.savepoint():
                self._send_rows(lines, choices)
                self.env.flush_all()
        except ROW_ERRORS as error:
            self.env.invalidate_all(flush=False)
            if len(lines) == 1:
                _logger.info("%s is refused in %s: %s", lines.order_id, self, error)
                self._refuse(lines, self._queue_sentence(error))
                return
            middle = len(lines) // 2
            self._offer_rows(lines[:middle], choices)
            self._offer_rows(lines[middle:], choices)

    def _send_rows(self, lines, choices):
        orders = lines.order_id
        waiting = orders.offer_ids.filtered(lambda offer: offer.state == "offered")
        if waiting:
            waiting._answer("withdrawn")
            waiting.order_id._log_event(
                "withdrawn",
                names=[
                    ", ".join(offers.point_id.mapped("display_name"))
                    for offers in waiting.grouped("order_id").values()
                ],
            )
        # Who pressed the button is who dispatched
        sender = self.env["service.order"].with_user(self.user_id or self.env.user)
        sender._send_offers(
            [
                (sender.browse(order.id), decision, ranked)
                for order, decision, ranked in (
                    choices[order_id] for order_id in orders.ids
                )
            ]
        )
        lines.write({"state": "applied", "error": False})

    def _refuse(self, line, text):
        line.write({"state": "refused", "error": text})
