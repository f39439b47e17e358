from odoo import api, models
from odoo.fields import Domain


class ServiceOrder(models.Model):
    """Which orders portal users see, and what of them outside our pages."""

    _name = "service.order"
    _inherit = ["service.order", "service.portal.guard"]

    _portal_readable = frozenset(
        {
            "name",
            "state",
            "priority",
            "description",
            "date_request",
            "date_preferred",
            "date_done",
            "date_closed",
            "access_url",
            "create_date",
            "write_date",
        }
    )

    @api.model
    def _get_customer_domain(self) -> Domain:
        """What the user sees as a customer: the own commercial entity's requests."""
        partner = self.env.user.partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", partner.id) & Domain(
            "state", "!=", "draft"
        )

    def _is_own_request(self) -> bool:
        """Whether the user sees the order as a customer."""
        self.ensure_one()
        partner = self.env.user.partner_id.commercial_partner_id
        # sudo: service.order: portal users may not read the customer's identity
        return self.sudo().commercial_partner_id == partner

    # The discussion of an order: customers use our pages, service points have none

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Customers read the public messages of their own requests; nobody outside
        writes any but through our pages, and a service point reads none: messages
        may hold more than it needs to do the job."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if not self.env.user.share:
            return operations
        return {
            order: operation
            if message_operation == "read" and order._is_own_request()
            else "write"
            for order, operation in operations.items()
        }

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """No chatter route serves an order to portal users, with a token or without:
        what these routes tell (followers, suggested recipients) is not theirs."""
        if self.env.user.share:
            return self.browse()
        return super()._get_thread_with_access(thread_id, **kwargs)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """A service point that followed an order would keep reading after refusing."""
        if self.env.user.share and not self.env.su:
            return False
        return super().message_subscribe(
            partner_ids=partner_ids, subtype_ids=subtype_ids
        )
