import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What employees ask for, the most frequent first
EMPLOYEE_TYPES = ("type_repair", "type_installation", "type_return", "type_consulting")


class ServiceAssetRequest(models.TransientModel):
    """An employee asks for service for equipment that he or she uses.

    Employees have no rights on orders: who may ask for what is checked here, and the
    request takes the way of every request from outside.
    """

    _name = "service.asset.request"
    _description = "Request for an Own Asset"

    asset_id = fields.Many2one("service.asset", required=True, readonly=True)
    type_key = fields.Selection(
        selection="_get_types",
        string="What For",
        required=True,
        default=lambda self: next(iter(self._get_types()), (False,))[0],
    )
    description = fields.Text(string="What Is Wrong?")
    # Sent twice, it is the same request
    key = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)

    @api.model
    def _get_types(self):
        # sudo: service.type: what everybody who asks may choose from
        types = self.env["service.type"].sudo()
        for name in EMPLOYEE_TYPES:
            types |= (
                types.env.ref(f"service_management.{name}", raise_if_not_found=False)
                or types.browse()
            )
        return [(str(one.id), one.name) for one in types.filtered("active")]

    def action_send(self):
        self.ensure_one()
        # sudo: service.asset: whose it is; the wizard names any asset
        asset = self.asset_id.sudo()
        if asset.user_id != self.env.user or asset.state != "active":
            raise AccessError(self.env._("You can ask for your own assets only."))
        if not (self.description or "").strip():
            raise UserError(self.env._("Say what is wrong."))
        person = self.env.user.partner_id
        # sudo: service.order: employees file through the allow-list of channels
        order = (
            self.env["service.order"]
            .sudo()
            ._create_from_channel(
                [
                    {
                        "channel": "portal",
                        "source_key": f"employee:{self.env.uid}:{self.key}",
                        "company_id": (asset.company_id or self.env.company).id,
                        "partner_id": asset.partner_id.id,
                        "requester_id": person.id,
                        "phone": person.phone,
                        "email": person.email,
                        "site_id": asset.site_id.id,
                        "type_id": int(self.type_key),
                        "asset_id": asset.id,
                        "description": self.description,
                    }
                ]
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Thank you. Your request %(name)s was received.", name=order.name
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
