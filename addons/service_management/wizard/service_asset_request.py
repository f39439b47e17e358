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
    window_choices = fields.Json(compute="_compute_window_choices")
    window = fields.Char(string="When May We Come?")
    wants_call = fields.Boolean(
        string="Call Me",
        help="No time suits, or none is free: somebody calls to agree on one.",
    )
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

    @api.depends("asset_id", "type_key")
    def _compute_window_choices(self):
        orders = self.env["service.order"]
        for request in self:
            request.window_choices = (
                orders._get_request_windows(request._prepare_order_vals())
                if request._is_own() and request.type_key
                else []
            )

    @api.onchange("window_choices")
    def _onchange_window_choices(self):
        """A time that is not offered any more is not chosen any more."""
        values = [choice["value"] for choice in self.window_choices or ()]
        if self.window not in values:
            self.window = False

    def _is_own(self) -> bool:
        # sudo: service.asset: whose it is; the wizard names any asset
        asset = self.asset_id.sudo()
        return asset.is_mine and asset.state == "active"

    def _prepare_order_vals(self) -> dict:
        asset = self.asset_id.sudo()  # sudo: service.asset: see `_is_own`
        person = self.env.user.partner_id
        return {
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

    def action_send(self):
        self.ensure_one()
        if not self._is_own():
            raise AccessError(self.env._("You can ask for what you use only."))
        if not (self.description or "").strip():
            raise UserError(self.env._("Say what is wrong."))
        # sudo: service.order: employees file through the allow-list of channels
        orders_sudo = self.env["service.order"].sudo()
        window = orders_sudo._read_window(self.window) if self.window else None
        vals = self._prepare_order_vals()
        is_new = not orders_sudo._find_by_source([vals])
        order = orders_sudo._create_from_channel([vals])
        refusal = order._take_wish(window, self.wants_call) if is_new else ""
        message = self.env._(
            "Thank you. Your request %(name)s was received.", name=order.name
        )
        if refusal:
            message = f"{message} {refusal}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refusal else "success",
                "message": message,
                "sticky": bool(refusal),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
