from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.models.order.service_order import CHANNELS

REQUEST_KINDS = [
    ("1_mail", "Mails in Quarantine"),
    ("2_call", "Missed Calls"),
    ("3_draft", "Not Registered Yet"),
    ("4_order", "New Orders"),
]


class ServiceRequest(models.Model):
    """One queue of everything that came in and that nobody has dealt with yet,
    whatever the channel: a view over orders, calls and mails."""

    _name = "service.request"
    _description = "Request"
    _auto = False
    _order = "kind, date desc, id desc"
    _rec_name = "title"
    _depends = {
        "service.order": [
            "state",
            "name",
            "channel",
            "date_request",
            "partner_id",
            "phone",
            "email",
            "description",
            "priority",
            "user_id",
            "team_id",
            "company_id",
            "date_due",
        ],
        "service.call": [
            "callback_state",
            "callback_user_id",
            "callback_team_id",
            "callback_deadline",
            "number",
            "partner_id",
            "date_start",
            "company_id",
        ],
        "service.inbox.message": [
            "state",
            "subject",
            "email_from",
            "partner_id",
            "date_received",
            "company_id",
        ],
        "service.order.duplicate": ["state", "score", "order_id", "other_id"],
    }

    kind = fields.Selection(REQUEST_KINDS, string="Kind of Request", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    date = fields.Datetime(string="Came In", readonly=True)
    title = fields.Char(string="Number or Subject", readonly=True)
    text = fields.Char(string="Request", readonly=True)
    contact = fields.Char(string="Contact Details", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    priority = fields.Selection(
        related="order_id.priority", string="Priority", readonly=True
    )
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    team_id = fields.Many2one("service.team", readonly=True)
    deadline = fields.Datetime(readonly=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    score = fields.Integer(
        string="Likely Duplicate", readonly=True, aggregator="max", help="Of 100."
    )
    company_id = fields.Many2one("res.company", readonly=True)
    order_id = fields.Many2one("service.order", readonly=True)
    call_id = fields.Many2one("service.call", readonly=True)
    inbox_message_id = fields.Many2one("service.inbox.message", readonly=True)

    @property
    def _table_query(self):
        # Each source has a remainder of its own, so that no two rows share an id
        return SQL(" UNION ALL ").join(
            (self._select_orders(), self._select_calls(), self._select_mails())
        )

    @api.model
    def _select_orders(self) -> SQL:
        return SQL(
            """
            SELECT o.id::bigint * 4 AS id,
                   CASE o.state WHEN 'draft' THEN '3_draft' ELSE '4_order' END AS kind,
                   o.channel, o.date_request AS date,
                   NULLIF(o.name, '') AS title,
                   left(o.description, 200) AS text,
                   COALESCE(o.phone, o.email) AS contact,
                   o.partner_id, o.user_id, o.team_id,
                   o.date_due AS deadline,
                   d.score, o.company_id, o.id AS order_id,
                   NULL::integer AS call_id, NULL::integer AS inbox_message_id
              FROM service_order o
              LEFT JOIN (
                       SELECT pair.id, max(pair.score) AS score FROM (
                           SELECT order_id AS id, score FROM service_order_duplicate
                            WHERE state = 'proposed'
                            UNION ALL
                           SELECT other_id, score FROM service_order_duplicate
                            WHERE state = 'proposed'
                       ) pair GROUP BY pair.id
                   ) d ON d.id = o.id
             WHERE o.state IN ('draft', 'new')
            """
        )

    @api.model
    def _select_calls(self) -> SQL:
        return SQL(
            """
            SELECT c.id::bigint * 4 + 1, '2_call', 'phone', c.date_start,
                   c.number, c.callback_note, c.number,
                   c.partner_id, c.callback_user_id, c.callback_team_id,
                   c.callback_deadline, NULL::integer, c.company_id,
                   NULL::integer, c.id, NULL::integer
              FROM service_call c
             WHERE c.callback_state = 'open'
            """
        )

    @api.model
    def _select_mails(self) -> SQL:
        return SQL(
            """
            SELECT m.id::bigint * 4 + 2, '1_mail', 'email', m.date_received,
                   m.subject, NULL, m.email_from,
                   m.partner_id, NULL::integer, NULL::integer,
                   NULL::timestamp, NULL::integer, m.company_id,
                   NULL::integer, NULL::integer, m.id
              FROM service_inbox_message m
             WHERE m.state = 'quarantine'
            """
        )

    @api.depends("deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for request in self:
            request.is_late = bool(request.deadline and request.deadline < now)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("deadline", "<", fields.Datetime.now())
        return late if True in value else ~late

    def action_open(self):
        """The record behind the row; an own phone draft in the phone form."""
        self.ensure_one()
        order = self.order_id
        if order.state == "draft" and order.channel == "phone":
            action = self.env["ir.actions.client"]._for_xml_id(
                "service_management.action_service_intake"
            )
            return action | {"context": {"service_draft_id": order.id}}
        record = order or self.call_id or self.inbox_message_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        }

    def action_merge(self):
        return self.order_id.action_open_merge()
