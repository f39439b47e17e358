from odoo import api, models
from odoo.fields import Domain

from odoo.addons.service_management.engine import mail_message


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Mails for a service mailbox, or about a service order, are stored and left
        to its queue; all others go the way of Odoo.

        This is where the mail gateway script arrives, and each mail server that
        belongs to no mailbox. A mail that is for another alias as well goes both ways.
        """
        raw = getattr(message, "data", message)
        if isinstance(raw, str):
            raw = raw.encode("utf-8", "surrogateescape")
        identity = mail_message.identify(raw)
        inbox, company = self._find_service_inbox(identity, model)
        if company:
            self.env["service.inbox.message"]._store_raw(
                raw, inbox=inbox, company=company
            )
            if not self._has_other_alias(identity):
                return False
        return super().message_process(
            model,
            message,
            custom_values=custom_values,
            save_original=save_original,
            strip_attachments=strip_attachments,
            thread_id=thread_id,
        )

    @api.model
    def _find_service_inbox(self, identity, model):
        """(mailbox, company) that a mail is for; no company: it is not ours.

        A mail about an order is ours wherever it arrives: Odoo's own way would take
        the address in From for the author.
        """
        Inbox = self.env["service.inbox"]
        inbox = Inbox._find_by_recipients(identity.recipients)
        if inbox:
            return inbox, inbox.company_id
        order = self.env["service.order"].sudo()._find_by_mail_reference(
            (*identity.recipients, *identity.references)
        )[0] or self.env["service.inbox.message"]._find_order_by_thread(
            identity.references
        )
        if order:
            return order._get_mail_inbox(), order.company_id
        if model == "service.order" or self._find_alias(identity, "="):
            company = self.env.company
            return Inbox._get_default(company), company
        return Inbox, self.env["res.company"]

    @api.model
    def _has_other_alias(self, identity) -> bool:
        return bool(self._find_alias(identity, "!="))

    @api.model
    def _find_alias(self, identity, operator):
        """Aliases among the recipients whose model is, or is not, the service order."""
        # sudo: mail.alias: mail is sorted before anybody is known to be its author
        return (
            self.env["mail.alias"]
            .sudo()
            .search(
                Domain("alias_full_name", "in", list(identity.recipients))
                & Domain("alias_model_id.model", operator, "service.order"),
                limit=1,
            )
        )
