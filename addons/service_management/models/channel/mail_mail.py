from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """A mail about an order carries the reference signed for its recipient."""
        results = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model != "service.order" or not self.res_id:
            return results
        # sudo: service.order: what is about to be sent was allowed before
        order = self.env["service.order"].sudo().browse(self.res_id).exists()
        for values in results if order else ():
            addresses = values["email_to_normalized"]
            # In a mail to several, one's reference would be shown to the others
            if len(addresses) == 1:
                order._sign_outgoing(values, addresses[0])
        return results
