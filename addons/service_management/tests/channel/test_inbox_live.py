import email
import os
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.service_management.tests.shared_data import shared_path

from .mail_common import ADDRESS, SAMPLES, InboxCommon, make_mail
from .mail_servers import DOVECOT, PASSWORD, ImapServer, PopServer, SmtpServer

# Lies beside the mails and is none
NO_MAIL = ("python.", "sndhdr.", "COPYING", "MIT-LICENSE", "mail_handler_test.rb")
FETCHMAIL = "odoo.addons.service_management.models.channel.fetchmail_server"


class InboxLiveCase(InboxCommon):
    """A mailbox on a real IMAP server; Odoo sends by a real SMTP server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.access(DOVECOT, os.X_OK):
            cls.skipTest(cls, "dovecot is missing")
        cls.imap = ImapServer()
        cls.addClassCleanup(cls.imap.stop)
        cls.smtp = SmtpServer(ADDRESS, cls.imap)
        cls.addClassCleanup(cls.smtp.stop)
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["ir.mail_server"].create(
            {
                "name": "Test",
                "smtp_host": "127.0.0.1",
                "smtp_port": cls.smtp.port,
                "smtp_encryption": "none",
            }
        )
        cls.server = cls.env["fetchmail.server"].create(
            {
                "name": "Test",
                "server_type": "imap",
                "server": "127.0.0.1",
                "port": cls.imap.port,
                "user": "service",
                "password": PASSWORD,
                "state": "done",
            }
        )
        cls.inbox.fetchmail_server_id = cls.server
        cls.startClassPatcher(
            patch.object(IrMail_Server, "_disable_send", lambda self: False)
        )

    @contextmanager
    def _worker(self):
        """An environment as a cron has it: with a cursor that may commit."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr)
        self.env.invalidate_all()

    def _fetch(self, limit=500):
        with self._worker() as env:
            return env["fetchmail.server"].browse(self.server.id)._fetch_mail(limit)

    def _work(self):
        with self._worker() as env:
            env["service.inbox.message"]._queue_run()

    def _send_out(self):
        with self._worker() as env:
            mails = env["mail.mail"].search([("model", "=", "service.order")])
            mails.filtered(lambda mail: mail.state == "outgoing").send()

    def _get_messages(self):
        return self.Message.search([("inbox_id", "=", self.inbox.id)], order="id")


@tagged("post_install", "-at_install")
class TestInboxLive(InboxLiveCase):
    def setUp(self):
        super().setUp()
        for path in self.imap._files():
            path.unlink()
        self.smtp.sent.clear()

    def test_from_the_first_mail_to_the_answer(self):
        """Mail in, order, acknowledgement out, the customer's answer to it in."""
        self.smtp.send([make_mail("Subject: Leak", "Message-ID: <1@x>")], ADDRESS)
        self.assertIsNone(self._fetch())
        self.assertEqual(self.imap.count_seen(), 1)
        self._work()
        order = self._get_messages().order_id
        self.assertEqual(order.partner_id, self.customer)
        self._send_out()
        [(address, content)] = self.smtp.sent
        self.assertEqual(address, "customer@example.com")
        received = email.message_from_bytes(content)
        self.assertIn(order.name, received["Subject"])
        self.assertEqual(received["Auto-Submitted"], "auto-replied")
        references = f"{received['References']} {received['Message-ID']}"
        answer = make_mail(
            "Subject: Re: Leak",
            "Message-ID: <2@x>",
            f"In-Reply-To: {received['Message-ID']}",
            f"References: {references}",
            sender=address,
            to=received["Reply-To"],
        )
        self.smtp.send([answer], ADDRESS)
        self._fetch()
        self._work()
        first, second = self._get_messages()
        self.assertEqual((first.state, second.state), ("order", "reply"))
        self.assertEqual(second.order_id, order)
        self.assertTrue(second.is_verified)

    def test_a_mail_is_marked_as_read_only_after_it_is_stored(self):
        self.smtp.send([make_mail("Message-ID: <1@x>")], ADDRESS)
        with (
            patch.object(type(self.Message), "_store_raw", side_effect=OSError("full")),
            mute_logger(FETCHMAIL),
        ):
            self.assertIsInstance(self._fetch(), OSError)
        self.assertEqual(self.imap.count_seen(), 0, "core would have lost it here")
        self.assertEqual(self.server.error_message, "full")
        self.assertIsNone(self._fetch())
        self.assertEqual(self.imap.count_seen(), 1)
        self.assertEqual(len(self._get_messages()), 1)
        self.assertFalse(self.server.error_message)

    def test_a_mail_that_cannot_be_stored_stops_no_other(self):
        raws = [make_mail(f"Message-ID: <{number}@x>") for number in range(3)]
        self.smtp.send(raws, ADDRESS)
        store = type(self.Message)._store_raw

        def refuse_one(model, raw, **options):
            if b"<1@x>" in raw:
                raise ValueError("too large")
            return store(model, raw, **options)

        with (
            patch.object(type(self.Message), "_store_raw", refuse_one),
            mute_logger(FETCHMAIL),
        ):
            self.assertIsInstance(self._fetch(), ValueError)
        self.assertEqual(len(self._get_messages()), 2)
        self.assertEqual(self.imap.count_seen(), 2)
        self.assertEqual(self.server.error_message, "too large")

    def test_a_crash_after_storing_gives_a_copy_that_is_recognised(self):
        self.smtp.send([make_mail("Message-ID: <1@x>")], ADDRESS)
        self._fetch()
        self._work()
        self.imap.forget_seen()
        self._fetch()
        self._work()
        self.assertEqual(self._get_messages().mapped("state"), ["order"])

    def test_pop_deletes_only_what_is_stored(self):
        raws = [make_mail(f"Message-ID: <{n}@x>", body=".dot\r\n") for n in range(3)]
        pop = PopServer(raws)
        self.addCleanup(pop.stop)
        self.server.write({"server_type": "pop", "port": pop.port})
        pop.dies_before_quit = True
        with mute_logger(FETCHMAIL):
            self._fetch()
        self.assertEqual(len(pop.mails), 3, "the session ended without QUIT")
        pop.dies_before_quit = False
        self.assertIsNone(self._fetch())
        self.assertFalse(pop.mails)
        stored = [message._get_raw() for message in self._get_messages()]
        self.assertEqual(stored, raws)

    def test_the_batch_ends_and_the_rest_comes_next_time(self):
        self.smtp.send(
            [make_mail(f"Message-ID: <{number}@x>") for number in range(5)], ADDRESS
        )
        self._fetch(limit=3)
        self.assertEqual(self.imap.count_seen(), 3)
        self._fetch(limit=3)
        self.assertEqual(len(self._get_messages()), 5)

    def test_a_server_that_is_away_is_said(self):
        self.server.port = 1
        with mute_logger(FETCHMAIL):
            self.assertIsInstance(self._fetch(), OSError)
        self.assertTrue(self.server.error_date)


@tagged("post_install", "-at_install")
class TestInboxSamples(InboxLiveCase):
    """All mails of a folder, through SMTP and IMAP, into exactly one state each."""

    def _load(self):
        return read_mails(SAMPLES)

    def test_every_mail_ends_as_exactly_one_thing(self):
        raws = self._load()
        self.smtp.send(raws.values(), ADDRESS)
        self.assertIsNone(self._fetch())
        self.assertEqual(self.imap.count_seen(), len(raws))
        self._work()
        messages = self._get_messages()
        self.assertFalse(messages.filtered(lambda row: row.queue_state != "done"))
        self.assertEqual(len(messages), len(set(messages.mapped("digest"))))
        ends = {"order", "reply", "bounce", "duplicate", "quarantine"}
        self.assertLessEqual(set(messages.mapped("state")), ends)
        self._check_bytes(messages, raws)
        self._check_orders(messages)
        self._check_again(messages)
        self._check_outgoing(messages)

    def _check_bytes(self, messages, raws):
        """What IMAP hands over is what was sent, with the line ends of the wire."""
        stored = {message._get_raw() for message in messages}
        missing = [
            name
            for name, raw in raws.items()
            # An IMAP server has no way to say NUL
            if b"\0" not in raw and raw not in stored
        ]
        self.assertFalse(missing)

    def _check_orders(self, messages):
        """An order each, and the other way round; each with its request."""
        made = messages.filtered(lambda row: row.state == "order")
        self.assertEqual(len(made.order_id), len(made))
        for message in made:
            self.assertTrue(message.order_id.partner_id)
            self.assertEqual(message.order_id.state, "new")
            self.assertTrue(message.mail_message_id)
        for message in messages - made:
            if message.state == "quarantine":
                self.assertTrue(message.reason)

    def _check_again(self, messages):
        orders = self.env["service.order"].search_count([])
        posts = self.env["mail.message"].search_count([("model", "=", "service.order")])
        self.imap.forget_seen()
        self.assertIsNone(self._fetch())
        self._work()
        self.assertEqual(self._get_messages(), messages)
        self.assertEqual(self.env["service.order"].search_count([]), orders)
        self.assertEqual(
            self.env["mail.message"].search_count([("model", "=", "service.order")]),
            posts,
        )

    def _check_outgoing(self, messages):
        """One acknowledgement for each order that gets one, by the real server."""
        self._send_out()
        acknowledged = messages.filtered("acknowledged_at")
        self.assertLessEqual(set(acknowledged.mapped("state")), {"order"})
        self.assertTrue(acknowledged)
        texts = [
            email.message_from_bytes(content)
            for address, content in self.smtp.sent
            if b"auto-replied" in content
        ]
        # Odoo sends nothing to addresses beyond ASCII
        acknowledged = acknowledged.filtered(
            lambda row: row.email_from_normalized.isascii()
        )
        self.assertEqual(len(texts), len(acknowledged))


@tagged("post_install", "-at_install", "service_corpus")
class TestInboxCorpus(TestInboxSamples):
    """The same with some hundred awkward mails of other projects, where they are."""

    def _load(self):
        return load_corpus(self)


def load_corpus(test) -> dict[str, bytes]:
    return read_mails(shared_path(test, "mail"))


def read_mails(root) -> dict[str, bytes]:
    """Mails by path; each as it is on the wire, where lines end in CR LF."""
    return {
        str(path.relative_to(root)): _on_the_wire(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(NO_MAIL)
    }


def _on_the_wire(raw: bytes) -> bytes:
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    raw = b"\r\n".join(lines)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"
