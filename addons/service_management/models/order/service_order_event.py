import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.service_management.models.base.append_only import keep_append_only

EVENT_KINDS = [
    ("created", "Request Received"),
    ("registered", "Request Registered"),
    ("updated", "Request Changed"),
    ("warranty", "Warranty Decided"),
    ("goodwill", "Goodwill Granted"),
    ("campaign", "Recalled"),
    ("offered", "Offered to a Service Point"),
    ("accepted", "Accepted by the Service Point"),
    ("rejected", "Refused by the Service Point"),
    ("expired", "Offer Expired"),
    ("withdrawn", "Offer Withdrawn"),
    ("assigned", "Assigned by a Dispatcher"),
    ("overridden", "Rule Overridden"),
    ("unserved", "No Service Point Found"),
    ("scheduled", "Visit Planned"),
    ("slot_booked", "Window Promised"),
    ("rescheduled", "Visit Moved"),
    ("reschedule_asked", "Another Time Asked For"),
    ("visit_cancelled", "Visit Cancelled"),
    ("en_route", "Technician on the Way"),
    ("on_site", "Technician on Site"),
    ("part_used", "Part Used"),
    ("visit_done", "Visit Finished"),
    ("done", "Work Done"),
    ("confirmed", "Confirmed by the Customer"),
    ("confirmed_on_site", "Confirmed on Site"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("cancelled", "Cancelled"),
    ("message", "Message"),
    # the workflow
    ("task_done", "Task Done"),
    ("moved", "Moved in the Workflow"),
    ("timer", "Time Has Come"),
    ("workflow_error", "Workflow Error"),
    ("migrated", "Moved to Another Workflow Version"),
    ("priced", "Priced"),
    ("settled", "Settled"),
    # what the customer pays
    ("quoted", "Quoted to the Customer"),
    ("quote_accepted", "Quotation Accepted"),
    ("quote_refused", "Quotation Refused"),
    ("charged", "Invoiced to the Customer"),
    ("collected", "Payment Taken on Site"),
    ("refunded", "Refunded to the Customer"),
    # mail
    ("acknowledged", "Receipt Acknowledged"),
    ("undelivered", "Mail Could Not Be Delivered"),
    ("delayed", "Delivery of a Mail Is Late"),
    # every way in
    ("call", "Telephone Call"),
    ("merged", "Requests Merged"),
    # service-level clocks
    ("work_started", "Work Started"),
    ("clock_paused", "Clock Paused"),
    ("clock_resumed", "Clock Resumed"),
    ("clock_retargeted", "Promise Changed"),
    ("sla_warned", "Promise at Risk"),
    ("sla_breached", "Promise Broken"),
    # whose it is
    ("escalated", "Escalated"),
    ("reassigned", "Given to Somebody Else"),
    ("taken", "Taken Over"),
    ("given_back", "Given Back"),
    ("handed_over", "Control Handed Over"),
    ("shared", "Shared"),
    ("unshared", "Share Ended"),
    # offers
    ("returned", "Handed Back by the Service Point"),
    # what the customer says
    ("rated", "Rated by the Customer"),
    # contracts
    ("coverage", "Coverage Decided"),
]


class ServiceOrderEvent(models.Model):
    """One fact about an order: what happened, when, by whom, with what result.

    Clocks, the customer's timeline and performance figures are readings of these
    rows. Nobody edits one: neither the ORM nor the database lets it happen.
    """

    _name = "service.order.event"
    _description = "Order Event"
    _order = "date, id"
    _log_access = False

    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(EVENT_KINDS, required=True, index=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", string="By", ondelete="restrict")
    name = fields.Char(string="Details")
    data = fields.Json(help="The values behind the fact, for whoever must explain it.")
    is_public = fields.Boolean(help="Shown to the customer.")

    def init(self):
        keep_append_only(self)

    @api.model
    def _append(self, order_ids, kind, names, dates, data=None, is_public=False):
        """Add one event of ``kind`` to each order, in one statement for all: a month
        that is settled writes ten thousand, and nothing is computed from them.

        :param names: details, one an order
        :param dates: when it happened, one an order
        :return: the new events, in the order of ``order_ids``
        """
        if not order_ids:
            return self.browse()
        text = None if data is None else json.dumps(data)
        values = {
            "order_id": order_ids,
            "name": [name or None for name in names],
            "date": dates,
            "kind": [kind] * len(order_ids),
            "user_id": [self.env.uid] * len(order_ids),
            "data": [text and json.loads(text)] * len(order_ids),
            "is_public": [is_public] * len(order_ids),
        }
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO service_order_event
                       (order_id, name, date, kind, user_id, data, is_public)
                SELECT row.order_id, row.name, row.date, %(kind)s, %(user)s,
                       %(data)s::jsonb, %(is_public)s
                  FROM unnest(%(order_ids)s, %(names)s::text[],
                              %(dates)s::timestamp[])
                       WITH ORDINALITY AS row (order_id, name, date, number)
                 ORDER BY row.number
             RETURNING id
                """,
                kind=kind,
                user=self.env.uid,
                data=text,
                is_public=is_public,
                order_ids=values["order_id"],
                names=values["name"],
                dates=values["date"],
            )
        )
        events = self.browse(row[0] for row in rows)
        # What was just written need not be read
        for name, column in values.items():
            self._fields[name]._insert_cache(events, column)
        events.order_id.invalidate_recordset(["event_ids"], flush=False)
        return events

    @api.depends("kind", "name")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            event.display_name = event.name or labels.get(event.kind, event.kind)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The events of an order are facts: they cannot be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(
            self.env._("The events of an order are facts: they cannot be deleted.")
        )
