from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.service_management.engine import mail_message
from odoo.addons.service_management.engine.mail_fold import get_visible


class ServiceInboxFile(models.TransientModel):
    """A person says where a mail belongs: a new order, or one that exists."""

    _name = "service.inbox.file"
    _description = "File a Mail"

    message_id = fields.Many2one(
        "service.inbox.message", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="message_id.company_id")
    target = fields.Selection(
        [("new", "Make an Order"), ("existing", "Belongs to an Order")],
        string="What It Becomes",
        default="new",
        required=True,
    )
    order_id = fields.Many2one(
        "service.order",
        domain="[('company_id', '=', company_id), ('state', '!=', 'draft')]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_from_mail",
        store=True,
        readonly=False,
    )
    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        compute="_compute_from_mail",
        store=True,
        readonly=False,
    )
    description = fields.Text(compute="_compute_from_mail", store=True, readonly=False)

    @api.depends("message_id")
    def _compute_from_mail(self):
        for wizard in self:
            message = wizard.message_id
            wizard.partner_id = message.partner_id or message._find_sender(
                message.email_from_normalized or ""
            )
            wizard.type_id = message.inbox_id.type_id
            wizard.description = wizard._read_description()

    def _read_description(self):
        try:
            mail = mail_message.read(self.message_id._get_raw())
        except mail_message.UnreadableMailError:
            return self.message_id.subject or False
        parts = (mail.subject, get_visible(mail.text))
        return "\n\n".join(part for part in parts if part) or False

    def action_file(self):
        self.ensure_one()
        if self.target == "existing":
            if not self.order_id:
                raise UserError(
                    self.env._("Choose the order that the mail belongs to.")
                )
            order = self.order_id
            self.message_id._file_on_order(order)
        else:
            missing = [
                name
                for name in ("partner_id", "type_id", "description")
                if not self[name]
            ]
            if missing:
                labels = self.fields_get(missing, ["string"])
                raise UserError(
                    self.env._(
                        "To make an order, fill in: %(fields)s.",
                        fields=", ".join(labels[name]["string"] for name in missing),
                    )
                )
            order = self.message_id._file_as_order(
                {
                    "partner_id": self.partner_id.commercial_partner_id.id,
                    "requester_id": self.partner_id.id
                    if self.partner_id != self.partner_id.commercial_partner_id
                    else False,
                    "type_id": self.type_id.id,
                    "description": self.description,
                }
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": order.id,
            "view_mode": "form",
        }
