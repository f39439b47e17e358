from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# Records that an order can be made from; those of modules that are not installed are
# left out where the models are offered.
SOURCE_MODELS = {
    "sale.order": "Sales Order",
    "crm.lead": "Lead",
    "service.order": "Service Order",
}


class ServiceHandoverTemplate(models.Model):
    """What of a sales order, lead or parent order is carried over, and what withheld.

    What is carried over is copied as readable text into rows of the new order, each
    for certain roles or for all. Anything else stays where it is: the new order holds
    neither the value nor a way to it.
    """

    _name = "service.handover.template"
    _description = "Hand-over Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    model = fields.Selection(
        selection="_get_models",
        string="Handed Over From",
        required=True,
        default="sale.order",
    )
    type_id = fields.Many2one(
        "service.type", string="Service Type", help="Of the orders made from it."
    )
    user_id = fields.Many2one(
        "res.users", string="Control Goes To", domain="[('share', '=', False)]"
    )
    team_id = fields.Many2one("service.team")
    line_ids = fields.One2many(
        "service.handover.template.line", "template_id", copy=True
    )

    @api.model
    def _get_models(self):
        # sudo: ir.model: the name of a model in the user's language is no secret
        known = self.env["ir.model"].sudo()
        return [
            (model, known._get(model).name)
            for model in SOURCE_MODELS
            if model in self.env
        ]

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        templates._offer_action()
        return templates

    def write(self, vals):
        result = super().write(vals)
        if "model" in vals:
            self._offer_action()
        return result

    def _offer_action(self):
        """An entry in the action menu of the documents: leads need no module of ours.

        A sales order has a button of its own.
        """
        for model in set(self.mapped("model")) - {"sale.order"}:
            xmlid = f"service_management.action_handover_{model.replace('.', '_')}"
            if self.env.ref(xmlid, raise_if_not_found=False):
                continue
            # sudo: ir.actions.act_window: follows from what a manager may set up
            action = (
                self.env["ir.actions.act_window"]
                .sudo()
                .create(
                    {
                        "name": self.env._("Create a Service Order"),
                        "res_model": "service.handover.create",
                        "view_mode": "form",
                        "target": "new",
                        "binding_model_id": self.env["ir.model"]._get_id(model),
                        "binding_view_types": "form",
                        "group_ids": [
                            Command.link(
                                self.env.ref(
                                    "service_management.group_service_requester"
                                ).id
                            )
                        ],
                    }
                )
            )
            # Goes with the module when that is uninstalled
            self.env["ir.model.data"].sudo()._update_xmlids(
                [{"xml_id": xmlid, "record": action, "noupdate": True}]
            )

    def _make_order(self, source, vals=None, user=None):
        """The service order for ``source``, with what the template carries over.

        Values are read with the rights of the user: nobody hands on what they may not
        see. The user keeps reading the order; control goes to ``user``.
        """
        self.ensure_one()
        source.ensure_one()
        source.check_access("read")
        if source._name != self.model:
            raise UserError(
                self.env._("%(template)s is for other documents.", template=self.name)
            )
        rows = self._get_values(source)
        owner = user or self.user_id or self.env.user
        # sudo: service.order: handing a request over to the service desk is what this
        # is for; the fields are set here and not by the caller
        order = (
            self.env["service.order"]
            .sudo()
            .create(self._prepare_order_vals(source, owner) | (vals or {}))
        )
        order.handover_value_ids = [
            Command.create(row | {"sequence": number})
            for number, row in enumerate(rows)
        ]
        if owner != self.env.user:
            order._share_with(self.env.user, "read")
            order._log_event(
                "handed_over",
                name=f"{self.env.user.name} → {owner.name} · {self.name}",
                data={"from": self.env.uid, "to": owner.id, "template_id": self.id},
            )
            order._notify_users(
                owner,
                self.env._("%(order)s was handed over", order=order.display_name),
                order.description or order.display_name,
            )
        return order.with_env(self.env)

    def _prepare_order_vals(self, source, owner) -> dict:
        vals = {
            "channel": "api",
            "company_id": (source.company_id or self.env.company).id,
            "partner_id": source.partner_id.id,
            "user_id": owner.id,
            "handover_template_id": self.id,
            "handover_model": source._name,
            "handover_res_id": source.id,
        }
        if self.type_id:
            vals["type_id"] = self.type_id.id
        if self.team_id:
            vals["team_id"] = self.team_id.id
        if source._name == "sale.order":
            vals["sale_order_id"] = source.id
            if source.partner_shipping_id:
                vals["site_id"] = source.partner_shipping_id.id
        elif source._name == "service.order":
            vals |= {
                "parent_id": source.id,
                "asset_id": source.asset_id.id,
                "site_id": source.site_id.id,
            }
        return vals

    def _get_values(self, source) -> list[dict]:
        return [
            {
                "name": line.name,
                "value": line._read(source),
                "group_ids": [Command.set(line.group_ids.ids)],
            }
            for line in self.line_ids
            if line.mode == "carry"
        ]
