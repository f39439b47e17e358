from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .service_order import FINISHED_STATES

# What the phone form may write on a draft; everything else is refused.
INTAKE_FIELDS = {
    "asset_id",
    "condition_id",
    "contract_id",
    "date_fault",
    "date_preferred",
    "description",
    "entitlement_kind",
    "partner_id",
    "phone",
    "priority",
    "site_id",
    "source_key",
    "symptom_id",
    "type_id",
}
NEW_CUSTOMER_FIELDS = {"name", "phone", "email", "street", "city", "zip"}
SOURCE_PREFIX = "intake:"
PAST_ORDERS = 10
OPEN_ORDERS = 20
LISTED_ASSETS = 40
LISTED_CONTRACTS = 20


class ServiceOrder(models.Model):
    """What the phone form asks for and keeps.

    Every method answers with plain values, in a number of queries that does not
    depend on how much the customer has.
    """

    _inherit = "service.order"

    # Who is calling

    @api.model
    def intake_new_customer(self, vals):
        """Create the caller and answer with the customer's context."""
        self.check_access("create")
        vals = {
            name: value.strip()
            for name, value in vals.items()
            if name in NEW_CUSTOMER_FIELDS and isinstance(value, str) and value.strip()
        }
        if not vals.get("name"):
            raise UserError(self.env._("A new customer needs a name."))
        partner = self.env["res.partner"].create(vals)
        return self.intake_context(partner.id)

    # What is known

    @api.model
    @api.readonly
    def intake_context(self, partner_id):
        """The customer with assets, contracts, open and past orders."""
        self.check_access("create")
        partner = self.env["res.partner"].browse(int(partner_id)).exists()
        if not partner:
            raise UserError(self.env._("This customer does not exist any more."))
        partner.check_access("read")
        customer = partner.commercial_partner_id
        own = Domain("commercial_partner_id", "=", customer.id)
        is_open = Domain("state", "not in", FINISHED_STATES) & Domain(
            "state", "!=", "draft"
        )
        open_orders = self.search(
            own & is_open, limit=OPEN_ORDERS, order="date_request desc, id desc"
        )
        past_orders = self.search(
            own & Domain("state", "in", FINISHED_STATES),
            limit=PAST_ORDERS,
            order="date_request desc, id desc",
        )
        assets = self.env["service.asset"].search(
            own & Domain("state", "=", "active"), limit=LISTED_ASSETS
        )
        contracts = self.env["service.contract"].search(
            own & Domain("state", "in", ("active", "suspended")),
            limit=LISTED_CONTRACTS,
        )
        busy = {order.asset_id.id for order in open_orders}
        return {
            "partner": self._prepare_intake_partner(partner),
            "assets": [self._prepare_intake_asset(asset, busy) for asset in assets],
            "contracts": [self._prepare_intake_contract(rec) for rec in contracts],
            "open_orders": [self._prepare_intake_order(rec) for rec in open_orders],
            "past_orders": [self._prepare_intake_order(rec) for rec in past_orders],
        }

    def _prepare_intake_partner(self, partner):
        return {
            "id": partner.id,
            "name": partner.complete_name,
            "phone": partner.phone or "",
            "email": partner.email or "",
            "address": self._get_intake_address(partner),
            "area": partner.service_area_id.display_name or "",
            "is_company": partner.commercial_partner_id.is_company,
        }

    def _get_intake_address(self, partner):
        parts = (partner.street, partner.street2, partner.city, partner.zip)
        return ", ".join(part for part in parts if part)

    def _prepare_intake_asset(self, asset, busy):
        decisions = asset._decide_warranty(fields.Date.context_today(self))
        kinds = dict(
            self.env["service.warranty"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        parents = (asset.category_id.parent_path or "").split("/")
        name = self.env["service.warranty.component"]._read_frozen_name
        return {
            "id": asset.id,
            "name": asset.product_id.name,
            "serial": asset.serial or "",
            "site": self._get_intake_address(asset.site_id)
            if asset.site_id != asset.partner_id
            else "",
            "place": asset.place or "",
            "category_ids": [int(parent) for parent in parents if parent],
            "install_date": fields.Date.to_string(
                asset.install_date or asset.purchase_date
            )
            or False,
            "warranty_end": fields.Date.to_string(asset.warranty_end) or False,
            "warranty": [
                {
                    "kind": kind,
                    "label": kinds[kind],
                    "covered": decision.covered,
                    "ended": decision.code in ("ended", "transferred"),
                    "unknown": decision.answer == "unknown",
                    "date_end": fields.Date.to_string(
                        decision.term and decision.term.end
                    )
                    or False,
                }
                for kind, decision in decisions.items()
                if decision.term and decision.code != "component"
            ]
            + [
                {
                    "kind": f"{kind} {term.key}",
                    "label": f"{kinds[kind]} · {name(term.component.label)}",
                    "covered": True,
                    "ended": False,
                    "unknown": False,
                    "date_end": fields.Date.to_string(term.last),
                }
                for kind, decision in decisions.items()
                for term in decision.open
            ],
            "has_open_order": asset.id in busy,
        }

    def _prepare_intake_contract(self, contract):
        return {
            "id": contract.id,
            "name": contract.name,
            "code": contract.code,
            "state": contract.state,
            "is_valid": contract.state == "active"
            and contract.date_start
            <= fields.Date.context_today(self)
            <= contract.date_end,
            "date_end": fields.Date.to_string(contract.date_end),
            "asset_ids": contract.asset_ids.ids,
        }

    def _prepare_intake_order(self, order):
        now = fields.Datetime.now()
        is_open = order.state not in FINISHED_STATES
        return {
            "id": order.id,
            "name": order.name,
            "state": order.state,
            "stage": order.stage_id.name,
            "type": order.type_id.name or "",
            "asset_id": order.asset_id.id,
            "asset": order.asset_id.name or order.product_id.display_name or "",
            "symptom": order.symptom_id.name or "",
            "point": order.point_id.display_name or "",
            "priority": order.priority,
            "date_request": fields.Datetime.to_string(order.date_request) or False,
            "date_due": fields.Datetime.to_string(order.date_due) or False,
            "date_done": fields.Datetime.to_string(order.date_done) or False,
            "is_late": bool(is_open and order.date_due and order.date_due < now),
        }

    @api.model
    @api.readonly
    def intake_options(self):
        """What can be chosen: service types, fault codes with their categories."""
        self.check_access("create")
        types = self.env["service.type"].search([("active", "=", True)])
        codes = self.env["service.fault.code"].search(
            [("kind", "in", ("symptom", "condition"))]
        )
        faults = {"symptom": [], "condition": []}
        for code in codes:
            faults[code.kind].append(
                {
                    "id": code.id,
                    "code": code.code,
                    "name": code.name,
                    "category_ids": code.category_ids.ids,
                }
            )
        return {
            "types": [
                {
                    "id": rec.id,
                    "name": rec.name,
                    "code": rec.code,
                    "fault_required": rec.fault_required,
                    "priority": rec.priority,
                }
                for rec in types
            ],
            "faults": faults,
            "priorities": self._fields["priority"]._description_selection(self.env),
        }

    # The draft

    @api.model
    def intake_save(self, order_id, vals):
        """Keep what was typed so far, in a draft that is made when there is none.

        The form's own ``source_key`` makes a repeated first call find the draft of
        the call whose answer was lost.

        :return: ``{id, name, write_date, duplicates, warranty}``
        """
        vals = self._check_intake_vals(vals)
        source_key = vals.pop("source_key", False)
        order = self._get_intake_draft(order_id, source_key)
        if order and vals:
            order.write(vals)
        elif not order:
            # sudo: service.order: the right to create was checked; `source_key` is
            # the channel's to set
            order = self.sudo().create(
                vals
                | {
                    "channel": "phone",
                    "user_id": self.env.uid,
                    "source_key": source_key,
                }
            )
            order = order.sudo(self.env.su)
        return order._prepare_intake_saved()

    def _check_intake_vals(self, vals):
        self.check_access("create")
        unknown = set(vals) - INTAKE_FIELDS
        if unknown:
            raise UserError(
                self.env._(
                    "The phone form cannot change: %s", ", ".join(sorted(unknown))
                )
            )
        vals = dict(vals)
        if vals.get("source_key"):
            # Another agent's key is another call.
            key = str(vals["source_key"])[:64]
            vals["source_key"] = f"{SOURCE_PREFIX}{self.env.uid}:{key}"
        return vals

    @api.model
    def _get_intake_draft(self, order_id, source_key=False):
        """The draft to go on with; empty when there is none yet."""
        if order_id:
            order = self.browse(int(order_id)).exists()
            if not order:
                raise UserError(self.env._("This draft does not exist any more."))
        elif source_key:
            order = self.search(
                [("channel", "=", "phone"), ("source_key", "=", source_key)]
            )
        else:
            return self.browse()
        if order and order.state != "draft":
            raise UserError(
                self.env._(
                    "%s is registered already: open it to change it.", order.name
                )
            )
        return order

    def _prepare_intake_saved(self):
        self.ensure_one()
        states = dict(self._fields["warranty_state"]._description_selection(self.env))
        state, note = "none", ""
        if self.asset_id:
            # What registering will decide, shown before.
            decision = self._preview_warranty()[self]
            state = decision["warranty_state"]
            note = self.asset_id._describe_warranty(decision["warranty_reasons"])
        return {
            "id": self.id,
            "name": self.name,
            "write_date": fields.Datetime.to_string(self.write_date),
            "duplicates": [
                self._prepare_intake_order(order) for order in self.duplicate_ids[:5]
            ],
            "warranty": {
                "state": state,
                "label": states[state],
                "note": note,
            },
        }

    @api.model
    def intake_register(self, order_id):
        """Turn the draft into an order and answer with its number."""
        self.check_access("create")
        order = self._get_intake_draft(order_id)
        if not order:
            raise UserError(self.env._("Choose a customer first."))
        order.action_register()
        return {"id": order.id, "name": order.name}

    @api.model
    @api.readonly
    def intake_drafts(self):
        """The user's own unfinished drafts, the latest first."""
        self.check_access("create")
        orders = self.search(
            [
                ("state", "=", "draft"),
                ("channel", "=", "phone"),
                ("create_uid", "=", self.env.uid),
            ],
            limit=10,
            order="write_date desc",
        )
        return [
            {
                "id": order.id,
                "partner": order.partner_id.complete_name or "",
                "asset": order.asset_id.name or "",
                "description": (order.description or "")[:80],
                "write_date": fields.Datetime.to_string(order.write_date),
            }
            for order in orders
        ]

    @api.model
    @api.readonly
    def intake_load(self, order_id):
        """A draft as it was left, with the context of its customer."""
        self.check_access("create")
        order = self._get_intake_draft(order_id)
        return {
            "order": order._prepare_intake_saved(),
            "values": {
                name: order[name].id
                for name in (
                    "asset_id",
                    "condition_id",
                    "contract_id",
                    "symptom_id",
                    "type_id",
                )
            }
            | {
                "date_preferred": order.date_preferred or "",
                "description": order.description or "",
                "phone": order.phone or "",
                "priority": order.priority,
            },
            "context": self.intake_context(order.partner_id.id)
            if order.partner_id
            else False,
        }

    @api.model
    def intake_discard(self, order_id):
        """Take the draft off the list; what was typed stays in its record."""
        self.check_access("create")
        order = self._get_intake_draft(order_id)
        order.action_cancel(self.env._("Discarded in the phone form"))
        return True
