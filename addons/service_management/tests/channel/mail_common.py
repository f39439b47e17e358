"""What the tests of the mail gateway share: a mailbox, and mails to feed it."""

from pathlib import Path

from odoo.addons.service_management.tests.common import ServiceCommon

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "mail"
ADDRESS = "service@example.com"


def sample(name) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


def make_mail(
    *headers, body="It leaks.", sender="Customer <customer@example.com>", to=ADDRESS
) -> bytes:
    lines = [f"From: {sender}", f"To: {to}", *headers, "", body]
    return "\r\n".join(lines).encode()


class InboxCommon(ServiceCommon):
    """One mailbox; its mails are stored and decided about in the test's transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.env["service.inbox"].create(
            {
                "name": "Test Service",
                "address": ADDRESS,
                "type_id": cls.type_consulting.id,
                "user_id": cls.manager.id,
            }
        )
        cls.Message = cls.env["service.inbox.message"]

    def _store(self, raw, inbox=None):
        """The stored mail, not yet decided about."""
        with self.enter_registry_test_mode():
            number = self.Message._store_raw(raw, inbox=inbox or self.inbox)
        self.env.invalidate_all()
        return self.Message.browse(number)

    def _feed(self, raw, inbox=None):
        """The mail, stored and decided about."""
        message = self._store(raw, inbox)
        message._queue_process_one()
        self.assertEqual(message.queue_state, "done", message.last_error)
        return message

    def _outgoing(self, order):
        """Mails about the order that wait to be sent, the latest first."""
        return self.env["mail.mail"].search(
            [("model", "=", "service.order"), ("res_id", "=", order.id)]
        )

    def _reference_to(self, order, partner):
        """The signed reference in the mail that ``partner`` got about the order."""
        mail = self._outgoing(order).filtered(
            lambda mail: partner in mail.recipient_ids
        )[:1]
        values = next(
            values
            for values in mail._prepare_outgoing_list()
            if values["partner_id"] == partner
        )
        return values["references"].split()[-1]
