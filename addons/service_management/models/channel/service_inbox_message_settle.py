import re
from datetime import timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formataddr, html_sanitize

from odoo.addons.service_management.engine import mail_message
from odoo.addons.service_management.engine.mail_fold import TEXT, fold, get_visible
from odoo.addons.service_management.engine.mail_kind import GENERATED, REPLIED

MAX_DESCRIPTION = 20_000
MAX_ACKNOWLEDGEMENTS = 5
# Chatter shows what is marked so behind three dots.
FOLDED = '<div data-o-mail-quote="1">%s</div>'
# Whom the mail gateway made is no known customer before somebody could look at it.
NEW_SENDER_HOURS = 24
_CID = re.compile(r"""(["'])cid:([^"'>\s]+)\1""", re.IGNORECASE)
_REMOTE_PICTURE = re.compile(
    r"""<img\b[^>]*?\bsrc="((?:https?:|ftp:)?//[^"]*)"[^>]*>""", re.IGNORECASE
)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/_-]{4,30}")


class ServiceInboxMessage(models.Model):
    """What a stored mail becomes. The first rule that fits decides:

    1. unreadable → quarantine; a copy of another mail was told when it was stored;
    2. a delivery report → bounce, noted on the order that the returned mail was about;
    3. written by one of our own mailboxes → quarantine, or two programs would talk;
    4. it refers to an order → reply. Its author is who it says only if it holds the
       reference that was signed for that order and that address; otherwise it is noted
       as from an unverified sender, and acts for nobody;
    5. an automatic answer to nothing we know → bounce;
    6. nobody to answer to, or nothing in it → quarantine;
    7. of an unknown sender: spam, mailing lists and floods → quarantine. Customers
       and service points are never held back;
    8. → order.
    """

    _inherit = "service.inbox.message"

    def _queue_process(self):
        self.ensure_one()
        if self.state == "new":
            self.with_company(self.company_id)._settle()

    def _queue_poison(self, error):
        self._quarantine("error", error)

    def _settle(self):
        try:
            mail = mail_message.read(self._get_raw())
        except mail_message.UnreadableMailError as error:
            return self._quarantine("unreadable", str(error))
        self.write(self._prepare_header_vals(mail))
        if self.original_id:
            return self._settle_copy()
        if mail.bounce:
            return self._settle_bounce(mail)
        own = self.env["service.inbox"]._find_by_recipients([mail.from_address])
        if own or mail.loop_mark:
            return self._quarantine("own_address")
        order, verified = self._find_order(mail)
        if order:
            return self._settle_reply(order, mail, verified)
        if mail.automatic == REPLIED:
            return self._end("bounce", reason="automatic")
        if not mail.from_address:
            return self._quarantine("no_sender")
        if not (mail.subject or mail.text.strip() or mail.attachments):
            return self._quarantine("empty")
        self.partner_id = self._find_sender(mail.from_address)
        held = self._get_hold_reason(mail)
        if held:
            return self._quarantine(held)
        return self._settle_order(mail)

    def _prepare_header_vals(self, mail) -> dict:
        sender = mail.from_address
        if mail.from_name and sender:
            sender = f"{mail.from_name} <{sender}>"
        return {
            "subject": mail.subject[:500],
            "email_from": sender or mail.from_name,
            "email_from_normalized": mail.from_address,
            "date_sent": mail.date and mail.date.replace(tzinfo=None),
        }

    def _end(self, state, **vals):
        self.write({"state": state, **vals})

    def _quarantine(self, reason, note=False):
        self._end("quarantine", reason=reason, note=note)
        self.inbox_id._tell_of_quarantine()

    def _settle_copy(self):
        """The same mail by another way; or another mail under a used id."""
        original = self.original_id
        if self.body_digest == original.body_digest:
            return self._end("duplicate", order_id=original.order_id.id)
        return self._quarantine("reused_id")

    # Who wrote

    @api.model
    def _find_sender(self, address):
        """The contact of an address: a user's first, then a person, the oldest one."""
        if not address:
            return self.env["res.partner"]
        partners = (
            self.env["res.partner"]
            .sudo()
            .search(
                Domain("email_normalized", "=", address)
                & Domain("company_id", "in", (self.env.company.id, False)),
                limit=20,
                order="id",
            )
        )
        return partners.sorted(
            lambda partner: (not partner.user_ids, partner.is_company)
        )[:1]

    def _get_hold_reason(self, mail) -> str:
        """Why a mail of an unknown sender waits for a person; empty: it does not."""
        recent = fields.Datetime.now() - timedelta(hours=NEW_SENDER_HOURS)
        of_sender = Domain("email_from_normalized", "=", mail.from_address)
        is_known = self.partner_id and not self.search_count(
            of_sender
            & Domain("is_new_sender", "=", True)
            & Domain("date_received", ">", recent),
            limit=1,
        )
        if is_known:
            return ""
        if mail.is_spam:
            return "spam"
        if mail.is_list and mail.automatic != GENERATED:
            return "list"
        hour = self.date_received - timedelta(hours=1)
        limit = self.inbox_id.flood_limit or 30
        count = self.search_count(
            of_sender
            & Domain("date_received", ">", hour)
            & Domain("state", "=", "order")
            & Domain("id", "!=", self.id),
            limit=limit,
        )
        return "flood" if count >= limit else ""

    # Which order it belongs to

    def _find_order(self, mail):
        """(order, verified) that a mail refers to.

        - By a signed reference: verified if it was signed for the mail's own address.
          One that was signed for another address of the order counts, unverified.
        - By the Message-ID of a mail that was exchanged about the order.
        - By the order's number in the subject, from an address of its customer.
        """
        Order = self.env["service.order"].sudo()
        order, verified = Order._find_by_mail_reference(
            (*mail.recipients, *mail.references), mail.from_address
        )
        if not order:
            order = self._find_order_by_thread(mail.references)
        if not order:
            order = self._find_order_by_number(mail)
        if order.company_id != self.company_id:
            return Order, False
        return order, verified

    @api.model
    def _find_order_by_thread(self, message_ids):
        Order = self.env["service.order"].sudo()
        if not message_ids:
            return Order
        # sudo: mail.message: only which order the thread is about is read
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                Domain("message_id", "in", message_ids)
                & Domain("model", "=", "service.order"),
                limit=1,
            )
        )
        return Order.browse(message.res_id).exists()

    def _find_order_by_number(self, mail):
        words = _NUMBER.findall(mail.subject.upper())[:20]
        Order = self.env["service.order"].sudo()
        if not words or not mail.from_address:
            return Order
        order = Order.search([("name", "in", words)], limit=1)
        if order and mail.from_address in order._get_mail_addresses():
            return order
        return Order

    # Bounce

    def _settle_bounce(self, mail):
        bounce = mail.bounce
        Order = self.env["service.order"].sudo()
        order = Order._find_by_mail_reference(bounce.references)[0]
        if not order:
            order = self._find_order(mail)[0]
        if not order:
            order = self._find_order_by_thread(bounce.references)
        note = ", ".join(bounce.recipients)
        if bounce.diagnostic or bounce.status:
            note = f"{note}: {bounce.diagnostic or bounce.status}".lstrip(": ")
        self._end(
            "bounce",
            reason="undelivered" if bounce.is_permanent else "delayed",
            note=note,
            order_id=order.id,
        )
        if order:
            order._note_undelivered(note, bounce.is_permanent)

    # Order

    def _settle_order(self, mail):
        partner = self.partner_id
        if not partner:
            partner = self.partner_id = self._create_sender(mail)
            self.is_new_sender = True
        # Owned by a team, not by the superuser who runs the queue
        defaults = {
            "default_user_id": False,
            "default_inbox_id": self.inbox_id.id,
            "mail_create_nosubscribe": True,
        }
        if self.inbox_id.team_id:
            defaults["default_team_id"] = self.inbox_id.team_id.id
        orders = (
            self.env["service.order"]
            .with_context(**defaults)
            ._create_from_channel([self._prepare_order_vals(mail, partner)])
        )
        order = self.env["service.order"].browse(orders.id)
        if order.inbox_message_ids - self:
            # Another mailbox of the company was faster, or somebody filed it by hand
            return self._end("duplicate", order_id=order.id)
        self._end("order", order_id=order.id)
        self.mail_message_id = self._post(order, mail, partner)
        # sudo: service.order: who wrote hears of the answers
        order.sudo().message_subscribe(partner_ids=partner.ids)
        self._acknowledge(order, mail)

    def _prepare_order_vals(self, mail, partner) -> dict:
        company = partner.commercial_partner_id
        text = get_visible(mail.text)[:MAX_DESCRIPTION]
        kind = self.inbox_id.type_id or self.env.ref(
            "service_management.type_consulting"
        )
        return {
            "channel": "email",
            "source_key": f"{self.company_id.id}:{self.source_key}",
            "company_id": self.company_id.id,
            "partner_id": company.id,
            "requester_id": partner.id if partner != company else False,
            "email": mail.from_address,
            "type_id": kind.id,
            "description": "\n\n".join(part for part in (mail.subject, text) if part)
            or self.env._("(no text)"),
            "date_request": self.date_received,
        }

    def _create_sender(self, mail):
        # sudo: res.partner: who writes for the first time becomes a contact
        return (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    "name": mail.from_name[:200] or mail.from_address,
                    "email": mail.from_address,
                    "lang": self.inbox_id.lang or self.env.lang or "en_US",
                }
            )
        )

    # Reply

    def _settle_reply(self, order, mail, verified):
        automatic = bool(mail.automatic)
        partner = self._find_sender(mail.from_address) if verified else False
        partner = partner or self.env["res.partner"]
        user, is_heard = self._find_staff(order, partner)
        if not is_heard:
            partner = self.env["res.partner"]
        is_verified = bool(verified and partner)
        reason = "automatic" if automatic else False if is_verified else "unverified"
        self._end(
            "reply",
            reason=reason,
            order_id=order.id,
            partner_id=partner.id,
            is_verified=is_verified,
        )
        if automatic or not is_verified:
            self.mail_message_id = self._post(order, mail, partner, is_note=True)
            if not automatic:
                order._follow_up_mail(mail.subject, is_verified=False)
            return
        note = self._is_reply_to_note(mail)
        self.mail_message_id = self._post(
            order.with_user(user).sudo() if user else order,
            mail,
            partner,
            is_note=bool(user and note),
            notified=self.env["res.partner"] if user else order.user_id.partner_id,
        )
        if user:
            order._receive_staff_mail(user, is_public=not note)
        else:
            order._receive_customer_mail(partner, mail.subject)

    @api.model
    def _find_staff(self, order, partner):
        """``(user, is_heard)``: as which colleague ``partner`` writes about ``order``,
        if as one. A colleague who may not read it any more is not heard, except as the
        customer, who a colleague can be too."""
        # sudo: res.users: also those who have left, who are nobody's customer for it
        users = self.env["res.users"].sudo().with_context(active_test=False)
        staff = users.search([("partner_id", "in", partner.ids), ("share", "=", False)])
        for user in staff.filtered("active"):
            seen = order.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
            if seen.has_access("read"):
                return user, True
        is_customer = partner in order.partner_id | order.requester_id
        return staff.browse(), not staff or is_customer

    def _is_reply_to_note(self, mail) -> bool:
        """Whether the mail answers an internal note, which stays internal."""
        if not mail.references:
            return False
        parent = (
            self.env["mail.message"]
            .sudo()
            .search([("message_id", "=", mail.references[0])], limit=1)
        )
        return bool(parent.is_internal or parent.subtype_id.internal)

    # The message in the discussion of the order

    def _post(self, order, mail, author, is_note=False, notified=()):
        """The mail as a message: all of it, with quoted text and signature folded.

        :param notified: partners who hear of it beside the followers
        """
        order = order.sudo().with_context(
            mail_post_autofollow_author_skip=True, mail_notify_force_send=False
        )
        attachments = self._create_attachments(order, mail)
        body = self._make_body(mail, attachments)
        if is_note and not author:
            body = (
                Markup("<p><strong>%s</strong></p>")
                % self.env._("From an unverified sender: %s", self.email_from or "?")
                + body
            )
        message = order.message_post(
            body=body,
            subject=mail.subject,
            message_type="email",
            subtype_xmlid="mail.mt_note" if is_note else "mail.mt_comment",
            author_id=author.id or False,
            email_from=formataddr((mail.from_name, mail.from_address))
            if mail.from_address
            else self.email_from,
            message_id=mail.message_id or False,
            attachment_ids=attachments.ids,
            partner_ids=[partner.id for partner in notified],
            incoming_email_to=", ".join(mail.recipients)[:2000],
        )
        self.env["service.order"]._wake_mail_queue()
        return message

    def _make_body(self, mail, attachments):
        if mail.html:
            body = html_sanitize(
                self._link_pictures(mail, attachments),
                sanitize_attributes=True,
                sanitize_style=True,
                strip_classes=True,
            )
            # Loading one would tell the sender who reads the mail, and when
            label = escape(self.env._("picture on another server"))
            link = rf'<a href="\1" target="_blank" rel="noreferrer">[{label}]</a>'
            return Markup(_REMOTE_PICTURE.sub(link, body))
        return Markup().join(
            Markup("<div>%s</div>" if part.kind == TEXT else FOLDED)
            % Markup("<br/>").join(escape(line) for line in part.text.splitlines())
            for part in fold(mail.text)
        )

    def _link_pictures(self, mail, attachments) -> str:
        """Pictures inside the text are those that came with it."""
        by_cid = {
            source.cid: attachment
            for source, attachment in zip(mail.attachments, attachments, strict=True)
            if source.cid and attachment.mimetype.startswith("image/")
        }

        def link(match):
            attachment = by_cid.get(match[2])
            if not attachment:
                return '""'
            token = attachment.generate_access_token()[0]
            return f'"/web/image/{attachment.id}?access_token={token}"'

        return _CID.sub(link, mail.html)

    def _create_attachments(self, order, mail):
        """Files of the mail on the order: none that a browser would run as a page."""
        # sudo: ir.attachment: whoever may see the order may see its files
        return (
            self.env["ir.attachment"]
            .sudo()
            .with_context(attachments_mime_plainxml=True, image_no_postprocess=True)
            .create(
                [
                    {
                        "name": attachment.name,
                        "raw": attachment.content,
                        "mimetype": attachment.mimetype,
                        "res_model": order._name,
                        "res_id": order.id,
                    }
                    for attachment in mail.attachments
                ]
            )
        )

    # Acknowledgement

    def _acknowledge(self, order, mail):
        """One acknowledgement an order, five an address and hour, none to programs."""
        template = self.inbox_id.ack_template_id
        if not template or not mail.may_acknowledge or mail.is_spam:
            return
        hour = fields.Datetime.now() - timedelta(hours=1)
        recent = self.search_count(
            Domain("email_from_normalized", "=", mail.from_address)
            & Domain("acknowledged_at", ">", hour)
        )
        if recent >= MAX_ACKNOWLEDGEMENTS:
            return
        order._send_acknowledgement(template, self.partner_id)
        self.acknowledged_at = fields.Datetime.now()
