import logging

import psycopg2

from odoo import api, models

_logger = logging.getLogger(__name__)

# Facts that a board does not show: what is said and reckoned about an order.
UNSHOWN_KINDS = {
    "created",
    "warranty",
    "coverage",
    "message",
    "acknowledged",
    "undelivered",
    "delayed",
    "call",
    "part_used",
    "sla_warned",
    "clock_paused",
    "clock_resumed",
    "priced",
    "settled",
    "shared",
    "unshared",
}
CHANGED = "service_management.board_changes"
# So many orders at once are an import or a batch: boards read everything anew.
MANY_ORDERS = 200


class ServiceOrder(models.Model):
    """Tells open boards what has changed: whatever happens to an order is an event,
    so this is the one place."""

    _inherit = "service.order"

    def _on_events(self, events):
        result = super()._on_events(events)
        if not set(events.mapped("kind")) <= UNSHOWN_KINDS:
            self._tell_boards()
        return result

    def _tell_boards(self):
        """Name the orders to the boards of their companies, once, after the commit.

        Only ids are told: each board reads them with the rights of its user. Hooks
        before the commit also run at every savepoint, which would be a message each.
        """
        postcommit = self.env.cr.postcommit
        changes = postcommit.data.get(CHANGED)
        if changes is None:
            changes = postcommit.data[CHANGED] = {}
            postcommit.add(self.env["service.order"]._send_board_changes)
        # sudo: service.order: whose company is told, whoever changed it
        for order in self.sudo():
            changes.setdefault(order.company_id.id, set()).add(order.id)

    @api.model
    def _send_board_changes(self):
        changes = self.env.cr.postcommit.data.pop(CHANGED, {})
        # The board that did it need not read it again
        token = self.env.context.get("service_board") or False
        try:
            with self.env.registry.cursor() as cr:
                env = self.env(cr=cr)
                for company in env["res.company"].browse(changes):
                    order_ids = sorted(changes[company.id])
                    if len(order_ids) > MANY_ORDERS:
                        order_ids = False
                    env["bus.bus"]._sendone(
                        (company, "service_board"),
                        "service_board/changed",
                        {
                            "company_id": company.id,
                            "order_ids": order_ids,
                            "board": token,
                        },
                    )
        except psycopg2.Error:
            # What was committed stays; boards read everything now and then
            _logger.warning("Boards could not be told of changes", exc_info=True)
