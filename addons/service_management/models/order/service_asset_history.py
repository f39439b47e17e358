from odoo import api, fields, models
from odoo.tools import SQL

# Ids of the kinds must not meet: each row's is that of its source, times this, and
# the number of its kind
KINDS_AT_MOST = 16


class ServiceAssetHistory(models.Model):
    """All that ever happened about an asset, a line each, read where it is kept.

    A kind of line is an SQL query in ``_get_sources()`` and a method
    ``_describe_<kind>()`` that puts lines into words; areas add theirs.
    """

    _name = "service.asset.history"
    _description = "History of an Asset"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "date"
    _depends = {
        "service.order": [
            "asset_id",
            "company_id",
            "date_request",
            "date_done",
            "partner_id",
            "requester_id",
            "state",
        ],
        "mail.message": [
            "author_id",
            "date",
            "message_type",
            "model",
            "res_id",
            "subtype_id",
        ],
        "service.asset": ["company_id"],
        "service.asset.owner": ["asset_id", "date_from", "partner_id"],
    }

    asset_id = fields.Many2one("service.asset", readonly=True)
    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [
            ("request", "Requested"),
            ("done", "Work Done"),
            ("message", "Message"),
            ("owner", "New Owner"),
        ],
        readonly=True,
    )
    name = fields.Text(string="Details", compute="_compute_name")
    order_id = fields.Many2one("service.order", readonly=True)
    author_id = fields.Many2one("res.partner", string="By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    # Where the line was read; only one of them says something
    message_id = fields.Many2one("mail.message", readonly=True)
    owner_id = fields.Many2one("service.asset.owner", readonly=True)

    @property
    def _table_query(self):
        sources = self._get_sources()
        columns = {
            "message_id": "message",
            "owner_id": "owner",
            **self._get_source_columns(),
        }
        queries = []
        for number, (kind, query) in enumerate(sources.items()):
            links = SQL(", ").join(
                SQL(
                    "%s AS %s",
                    SQL("source.key") if owner == kind else SQL("NULL::int"),
                    SQL.identifier(name),
                )
                for name, owner in columns.items()
            )
            queries.append(
                SQL(
                    """
                    SELECT source.key::bigint * %(most)s::bigint + %(number)s::bigint
                           AS id,
                           source.asset_id, source.date, %(kind)s::varchar AS kind,
                           source.order_id, source.author_id, source.company_id,
                           %(links)s
                      FROM (%(query)s) AS source
                    """,
                    most=KINDS_AT_MOST,
                    number=number,
                    kind=kind,
                    links=links,
                    query=query,
                )
            )
        return SQL(" UNION ALL ").join(queries)

    @api.model
    def _get_source_columns(self) -> dict:
        """Hook: further columns, each with the kind whose source it names."""
        return {}

    @api.model
    def _get_sources(self) -> dict:
        """Hook: a query by kind; its columns are ``key`` (an id), ``asset_id``,
        ``date``, ``order_id``, ``author_id`` and ``company_id``."""
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        return {
            "request": SQL(
                """
                SELECT id AS key, asset_id, date_request AS date, id AS order_id,
                       COALESCE(requester_id, partner_id) AS author_id, company_id
                  FROM service_order
                 WHERE asset_id IS NOT NULL AND state != 'draft'
                """
            ),
            "done": SQL(
                """
                SELECT id AS key, asset_id, date_done AS date, id AS order_id,
                       NULL::int AS author_id, company_id
                  FROM service_order
                 WHERE asset_id IS NOT NULL AND date_done IS NOT NULL
                """
            ),
            # What people wrote, about the asset or one of its orders; not what
            # fields were changed
            "message": SQL(
                """
                SELECT message.id AS key, sorder.asset_id, message.date,
                       sorder.id AS order_id, message.author_id, sorder.company_id
                  FROM service_order sorder
                  JOIN mail_message message ON message.model = 'service.order'
                                           AND message.res_id = sorder.id
                 WHERE message.message_type IN ('comment', 'email')
                   AND message.subtype_id IN (%(comment)s, %(note)s)
                   AND sorder.asset_id IS NOT NULL
                 UNION ALL
                SELECT message.id, asset.id, message.date, NULL, message.author_id,
                       asset.company_id
                  FROM service_asset asset
                  JOIN mail_message message ON message.model = 'service.asset'
                                           AND message.res_id = asset.id
                 WHERE message.message_type IN ('comment', 'email')
                   AND message.subtype_id IN (%(comment)s, %(note)s)
                """,
                comment=comment,
                note=note,
            ),
            "owner": SQL(
                """
                SELECT owner.id AS key, owner.asset_id,
                       owner.date_from::timestamp AS date, NULL::int AS order_id,
                       owner.partner_id AS author_id, asset.company_id
                  FROM service_asset_owner owner
                  JOIN service_asset asset ON asset.id = owner.asset_id
                """
            ),
        }

    @api.depends_context("lang")
    def _compute_name(self):
        # sudo: service.order, mail.message...: who may read a line may read in words
        # what it says; a message asks for rights on every single one
        for kind, rows in self.sudo().grouped("kind").items():
            texts = getattr(rows, f"_describe_{kind}")()
            for row, text in zip(rows, texts, strict=True):
                row.with_env(self.env).name = text

    def _describe_request(self) -> list[str]:
        return [
            self._join(row.order_id.type_id.name, row.order_id.description)
            for row in self
        ]

    def _describe_done(self) -> list[str]:
        outcomes = dict(
            self.env["service.order"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        return [
            self._join(outcomes.get(row.order_id.outcome), row.order_id.outcome_note)
            for row in self
        ]

    def _describe_message(self) -> list[str]:
        return [row.message_id.preview or "" for row in self]

    def _describe_owner(self) -> list[str]:
        return [row.owner_id.partner_id.display_name or "" for row in self]

    @api.model
    def _join(self, *texts) -> str:
        return " · ".join(text.strip() for text in texts if text and text.strip())

    def action_open_source(self):
        """What the line is about: its order, else the asset."""
        self.ensure_one()
        record = self.order_id or self.asset_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
