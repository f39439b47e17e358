import imaplib
import logging
import poplib
import re
from datetime import timezone
from email.utils import parsedate_to_datetime

from odoo import fields, models

from odoo.addons.mail.models.fetchmail import (
    MAIL_SERVER_DEACTIVATE_TIME,
    MAIL_SERVER_DOMAIN,
)

_logger = logging.getLogger(__name__)
_ARRIVED = re.compile(rb'INTERNALDATE "([^"]+)"')


class FetchmailServer(models.Model):
    _inherit = "fetchmail.server"

    def _fetch_mail(self, batch_limit=50):
        """Servers of a service mailbox: store each mail, then mark it as read.

        Odoo's own way marks a mail as read whether or not it could be handled; what
        the gateway stumbles over is lost.
        """
        inboxes = (
            self.env["service.inbox"]
            .sudo()
            .search([("fetchmail_server_id", "in", self.ids)])
        )
        by_server = {inbox.fetchmail_server_id: inbox for inbox in inboxes}
        others = self.filtered(lambda server: server not in by_server)
        result = super(FetchmailServer, others)._fetch_mail(batch_limit)
        for server in self - others:
            error = server.with_context(fetchmail_cron_running=True)._fetch_into_inbox(
                by_server[server], batch_limit
            )
            result = result or error
        return result

    def _fetch_into_inbox(self, inbox, batch_limit):
        """Fetch what is unread; an error of the connection is kept on the server."""
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True).filtered_domain(
            MAIL_SERVER_DOMAIN
        ):
            _logger.info("Mail server %s is busy: it is fetched later", self.id)
            return None
        error, connection, count = None, None, 0
        try:
            connection = self._connect__()
            for raw, received, mark in self._iterate_unread(connection):
                count += 1
                refused = self._store_fetched(inbox, raw, received)
                if refused:
                    # It stays unread, and stops no other
                    error = refused
                else:
                    # Stored and committed: only now the server may forget it
                    mark()
                if count >= batch_limit:
                    break
            if error:
                self._note_fetch_error(error)
            else:
                self.write({"error_date": False, "error_message": False})
        except Exception as exception:
            error = exception
            _logger.info("Mails of server %s not fetched", self.id, exc_info=True)
            self._note_fetch_error(exception)
        finally:
            self._disconnect_quietly(connection)
        _logger.info("Fetched %s mails of server %s", count, self.id)
        self.write({"date": fields.Datetime.now()})
        if count >= batch_limit and not error:
            # There may be more: not only in five minutes
            self.env.ref("mail.ir_cron_mail_gateway_action").sudo()._trigger()
        self.env["ir.cron"]._commit_progress(count)
        return error

    def _store_fetched(self, inbox, raw, received):
        """Store one mail; the error that kept it from being stored, or nothing."""
        try:
            inbox.env["service.inbox.message"]._store_raw(
                raw, inbox=inbox, received=received
            )
        except Exception as exception:
            _logger.warning("A mail of server %s not stored", self.id, exc_info=True)
            return exception
        return None

    def _note_fetch_error(self, error):
        now = fields.Datetime.now()
        if not self.error_date:
            self.write({"error_date": now, "error_message": str(error)})
        elif self.error_date < now - MAIL_SERVER_DEACTIVATE_TIME:
            self.set_draft()
            self.env["ir.cron"]._notify_admin(
                f"Deactivating the mail server {self.name} (too many failures)"
            )

    def _disconnect_quietly(self, connection):
        if connection is None:
            return
        try:
            if isinstance(connection, imaplib.IMAP4):
                connection.logout()
            else:
                # What is marked as deleted is deleted here
                connection.quit()
        except (OSError, imaplib.IMAP4.error, poplib.error_proto):
            _logger.warning("Server %s did not say goodbye", self.id, exc_info=True)

    def _iterate_unread(self, connection):
        """(bytes, time of arrival or nothing, function that marks it as read)."""
        if isinstance(connection, imaplib.IMAP4):
            yield from self._iterate_imap(connection)
        else:
            yield from self._iterate_pop(connection)

    def _iterate_imap(self, connection):
        """Without the side effect of reading: PEEK leaves the mail unread."""
        connection.select()
        __, data = connection.uid("SEARCH", None, "UNSEEN")
        for uid in (data[0] or b"").split():
            __, parts = connection.uid("FETCH", uid, "(INTERNALDATE BODY.PEEK[])")
            found = [part for part in parts or () if isinstance(part, tuple)]
            if not found:
                # Somebody deleted it meanwhile
                continue
            envelope, raw = found[0]
            yield (
                raw,
                _read_arrival(envelope),
                lambda uid=uid: connection.uid("STORE", uid, "+FLAGS", r"(\Seen)"),
            )

    def _iterate_pop(self, connection):
        for number in range(1, connection.stat()[0] + 1):
            __, lines, __ = connection.retr(number)
            yield (
                b"\r\n".join(lines) + b"\r\n",
                None,
                lambda number=number: connection.dele(number),
            )


def _read_arrival(envelope):
    """When the mail came to the server, UTC without zone."""
    match = _ARRIVED.search(envelope)
    if not match:
        return None
    try:
        date = parsedate_to_datetime(
            match[1].decode("ascii").strip().replace("-", " ", 2)
        )
    except (ValueError, TypeError):
        return None
    return date.astimezone(timezone.utc).replace(tzinfo=None)
