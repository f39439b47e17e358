from odoo import api, fields, models
from odoo.exceptions import UserError


class ServiceOrder(models.Model):
    """Calls about an order, and the phone form that a call opens by itself."""

    _inherit = "service.order"

    call_ids = fields.One2many("service.call", "order_id")
    call_count = fields.Integer(
        compute="_compute_call_count", groups="service_management.group_service_agent"
    )

    def _compute_call_count(self):
        counts = dict(
            self.env["service.call"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.call_count = counts.get(order, 0)

    def action_view_calls(self):
        return self._get_related_action("service_management.action_service_call")

    # The phone form

    @api.model
    @api.readonly
    def intake_from_call(self, call_id):
        """What the phone form starts with when a call opens it.

        :return: ``{call, order_id, partner_id, candidates}``: the draft of this call
            if there is one, the customer if there is no doubt, else who it may be
        """
        self.check_access("create")
        call = self.env["service.call"].browse(int(call_id)).exists()
        if not call:
            raise UserError(self.env._("This call does not exist any more."))
        call.check_access("read")
        candidates, certain = call._recognise(call.number, call.company_id)
        partner = call.partner_id or certain
        order = call.order_id
        return {
            "call": {
                "id": call.id,
                "number": call.number or "",
                "date_start": fields.Datetime.to_string(call.date_start),
            },
            "order_id": order.id if order.state == "draft" else False,
            "partner_id": partner.id,
            "candidates": [
                self._prepare_intake_hit(rec, "phone", rec.phone)
                for rec in candidates
                if not partner
            ],
        }

    @api.model
    def intake_save(self, order_id, vals):
        """As ever; with ``call_id`` the draft is that call's."""
        vals = dict(vals)
        call_id = vals.pop("call_id", False)
        saved = super().intake_save(order_id, vals)
        if call_id:
            call = self.env["service.call"].browse(int(call_id)).exists()
            call.check_access("read")
            if call and not (call.order_id and call.order_id.state != "draft"):
                call._link_order(self.browse(saved["id"]))
        return saved

    @api.model
    def intake_register(self, order_id):
        """As ever; the call becomes a fact of the order, and whoever is next hears."""
        result = super().intake_register(order_id)
        order = self.browse(result["id"])
        # sudo: service.call: logging follows from registering
        for call in order.sudo().call_ids:
            call._log_on_order()
        order._notify_next()
        return result

    def _notify_next(self):
        """Tell whoever has the next work item, unless it is who acts just now."""
        for order in self:
            # sudo: service.workitem: who is next is told, whoever registers
            items = order.sudo().workitem_ids.filtered(
                lambda item: item.state == "open"
            )
            people = (
                items.user_id or items.team_id.leader_id or items.team_id.member_ids
            )
            partners = (people - self.env.user).partner_id
            if partners:
                order.message_notify(
                    partner_ids=partners.ids,
                    subject=self.env._("To do: %(order)s", order=order.display_name),
                    body=self.env._(
                        "%(order)s for %(customer)s waits for you.",
                        order=order.display_name,
                        customer=order.partner_id.display_name or "",
                    ),
                )
