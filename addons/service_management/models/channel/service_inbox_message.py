import base64
import logging
from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.service_management.engine import mail_message
from odoo.addons.service_management.engine.mail_fold import get_visible
from odoo.addons.service_management.engine.mail_text import decode_bytes

_logger = logging.getLogger(__name__)

MAIL_STATES = [
    ("new", "New"),
    ("order", "Order"),
    ("reply", "Reply"),
    ("bounce", "Bounce"),
    ("duplicate", "Duplicate"),
    ("quarantine", "Quarantine"),
    ("spam", "Spam"),
]
# Why a mail is what it is, where the state does not say it all
REASONS = [
    ("unreadable", "The mail cannot be read"),
    ("error", "An error came up"),
    ("no_sender", "No sender to answer to"),
    ("own_address", "Sent by one of our own mailboxes"),
    ("empty", "Nothing is written in it"),
    ("reused_id", "The same Message-ID as another mail, with other content"),
    ("flood", "Too many mails of a new sender within an hour"),
    ("list", "Sent to a mailing list"),
    ("spam", "Marked as spam by the mail server"),
    ("unverified", "Sender not verified"),
    ("automatic", "Automatic answer"),
    ("undelivered", "A mail of ours could not be delivered"),
    ("delayed", "Delivery of a mail of ours is late"),
    ("by_hand", "Decided by a person"),
]
STORE_TRIES = 5
MAX_SOURCE = 200_000


class ServiceInboxMessage(models.Model):
    """A mail as it came in, and what became of it.

    1. The bytes are stored first, in a transaction of their own; only then is the mail
       marked as read on its server. Nothing that happens later loses it.
    2. The same bytes again are the same row. Another copy of a mail (by its
       Message-ID) is a duplicate; the database holds races to that.
    3. A queue decides about each: order, reply, bounce or quarantine. What fails is
       in quarantine, where people see why.
    """

    _name = "service.inbox.message"
    _description = "Incoming Mail"
    _inherit = ["service.queue.mixin"]
    _order = "date_received desc, id desc"
    _rec_name = "subject"
    _queue_cron = "service_management.cron_inbox"
    _queue_max_tries = 3
    _queue_delays = (1, 5)

    inbox_id = fields.Many2one(
        "service.inbox", string="Mailbox", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    state = fields.Selection(
        MAIL_STATES, default="new", required=True, readonly=True, index=True
    )
    reason = fields.Selection(REASONS, readonly=True)
    note = fields.Text(string="Details", readonly=True)
    # As it came in
    raw = fields.Binary(string="Source", attachment=False, readonly=True)
    raw_size = fields.Integer(string="Size (Bytes)", readonly=True)
    digest = fields.Char(
        string="SHA-256", readonly=True, help="Of the bytes as they came in."
    )
    body_digest = fields.Char(readonly=True)
    message_id = fields.Char(string="Message-ID", readonly=True)
    source_key = fields.Char(
        required=True,
        readonly=True,
        help="The mail's identity: its Message-ID, or the digest of its bytes.",
    )
    original_id = fields.Many2one(
        "service.inbox.message",
        string="Copy Of",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    date_received = fields.Datetime(string="Received On", required=True, readonly=True)
    # What its headers say
    date_sent = fields.Datetime(string="Sent On", readonly=True)
    subject = fields.Char(readonly=True)
    email_from = fields.Char(string="Sender Address", readonly=True)
    email_from_normalized = fields.Char(readonly=True)
    # What became of it
    partner_id = fields.Many2one(
        "res.partner", string="Sender", readonly=True, index="btree_not_null"
    )
    is_new_sender = fields.Boolean(readonly=True)
    is_verified = fields.Boolean(
        string="Verified",
        readonly=True,
        help="The mail holds the reference that was sent to this address about this "
        "order.",
    )
    order_id = fields.Many2one(
        "service.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    acknowledged_at = fields.Datetime(readonly=True)
    # To look at
    text = fields.Text(compute="_compute_text")
    attachment_names = fields.Text(string="Attachments", compute="_compute_text")
    source = fields.Text(string="Source Text", compute="_compute_source")

    _digest_uniq = models.UniqueIndex(
        "(company_id, digest)", "This mail has already been received."
    )
    _source_uniq = models.UniqueIndex(
        "(company_id, source_key) WHERE original_id IS NULL",
        "This mail has already been received.",
    )
    # Floods and acknowledgements are counted by the whole, normalised address
    _sender_idx = models.Index("(email_from_normalized, date_received)")
    _quarantine_idx = models.Index("(inbox_id) WHERE state = 'quarantine'")

    @api.depends("subject", "email_from")
    def _compute_display_name(self):
        for message in self:
            message.display_name = (
                message.subject or message.email_from or self.env._("(no subject)")
            )

    @api.depends("raw")
    def _compute_text(self):
        for message in self:
            message.text = message.attachment_names = False
            raw = message._get_raw()
            if not raw:
                continue
            try:
                mail = mail_message.read(raw)
            except mail_message.UnreadableMailError:
                continue
            message.text = get_visible(mail.text)
            message.attachment_names = "\n".join(
                f"{attachment.name} ({len(attachment.content) // 1024 + 1} KB)"
                for attachment in mail.attachments
            )

    @api.depends("raw")
    def _compute_source(self):
        """The bytes as text, for reading: nothing in it is ever run."""
        for message in self:
            raw = message._get_raw()[:MAX_SOURCE]
            message.source = decode_bytes(raw) if raw else False

    def _get_raw(self) -> bytes:
        """The bytes as they came in; empty when they were dropped."""
        self.ensure_one()
        # bin_size would give the size instead
        value = self.with_context(bin_size=False).raw
        return base64.b64decode(value) if value else b""

    # Storing

    @api.model
    def _store_raw(self, raw, inbox=None, company=None, received=None):
        """Store a mail in a transaction of its own and ask for it to be worked on.

        :param bytes raw: the mail as it came from the server
        :param inbox: the mailbox; without one ``company`` says whose the mail is
        :param datetime received: UTC; when it came to the server
        :return: id of the row; that of the first one when it was stored before
        """
        company_id = (inbox.company_id if inbox else company).id
        for attempt in range(1, STORE_TRIES + 1):
            try:
                with self.env.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    return env[self._name]._store(
                        raw, inbox.id if inbox else False, company_id, received
                    )
            except (psycopg2.IntegrityError, psycopg2.OperationalError):
                # Another delivery of the mail was faster: it is visible to a new
                # transaction only
                if attempt == STORE_TRIES:
                    raise
        raise AssertionError("unreachable")

    @api.model
    def _store(self, raw, inbox_id, company_id, received) -> int:
        identity = mail_message.identify(raw)
        same = Domain("company_id", "=", company_id)
        known = self.search(same & Domain("digest", "=", identity.digest), limit=1)
        if known:
            _logger.info("Mail %s was received again: nothing to do", known.source_key)
            return known.id
        original = self.search(
            same
            & Domain("source_key", "=", identity.key)
            & Domain("original_id", "=", False)
        )
        now = fields.Datetime.now()
        vals = {
            "inbox_id": inbox_id,
            "company_id": company_id,
            "raw": base64.b64encode(raw),
            "raw_size": len(raw),
            "digest": identity.digest,
            "body_digest": identity.body_digest,
            "message_id": identity.message_id,
            "source_key": identity.key,
            "original_id": original.id,
            "date_received": min(received or now, now),
        }
        return self.create(vals).id

    # Keeping

    @api.autovacuum
    def _gc_raw(self):
        """Drop sources that nobody needs any more; what waits for a person stays."""
        self.flush_model(["state", "inbox_id", "date_received", "raw"])
        for inbox in self.env["service.inbox"].search([("raw_days", ">", 0)]):
            limit = fields.Datetime.now() - timedelta(days=inbox.raw_days)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE service_inbox_message SET raw = NULL
                     WHERE inbox_id = %(inbox)s AND date_received < %(limit)s
                       AND state NOT IN ('new', 'quarantine') AND raw IS NOT NULL
                    """,
                    inbox=inbox.id,
                    limit=limit,
                )
            )
        self.invalidate_model(["raw"])
