from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class ServicePlanDate(models.Model):
    """How a day of a plan becomes a request."""

    _inherit = "service.plan.date"

    order_id = fields.Many2one(
        "service.order", string="Request", readonly=True, index="btree_not_null"
    )
    order_state = fields.Selection(related="order_id.state", string="Request Status")

    def _queue_process(self):
        """Make the request; wait while the contract is suspended."""
        self.ensure_one()
        if self.state != "planned":
            return None
        if not self.plan_id.active:
            self.state = "skipped"
            return None
        if reason := self._get_obstacle():
            self.note = reason
            if self.date < self.company_id._get_service_day():
                self.state = "skipped"
                return None
            return fields.Datetime.now() + timedelta(days=1)
        self._request()
        return None

    def _get_obstacle(self) -> str:
        """Why no request can be made now; empty when nothing stands in the way."""
        contract = self.contract_id
        if contract and contract.state != "active":
            states = dict(contract._fields["state"]._description_selection(self.env))
            return self.env._(
                "%(contract)s: %(state)s",
                contract=contract.display_name,
                state=states[contract.state],
            )
        return ""

    def _request(self):
        """The request of this day: made once, found when it has been made before."""
        self.ensure_one()
        order = self.order_id
        if not order:
            Order = self.env["service.order"].with_company(self.company_id)
            vals = self._prepare_request_vals()
            found = Order._find_by_source([vals])
            order = next(iter(found.values()), None) or Order._create_or_find([vals])
        self.write({"order_id": order.id, "state": "requested", "note": False})
        return order

    def _prepare_request_vals(self) -> dict:
        plan = self.plan_id
        day = fields.Date.to_string(self.date)
        lines = [self.env._("%(plan)s, due on %(day)s", plan=plan.name, day=day)]
        lines += [f"- {asset.name}" for asset in self.asset_ids]
        if plan.description:
            lines.insert(1, plan.description)
        return {
            "channel": "plan",
            "source_key": f"plan:{plan.id}:{self.due_date}:{self.site_id.id}",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "site_id": self.site_id.id,
            "asset_id": self.asset_ids[:1].id,
            "plan_asset_ids": [fields.Command.set(self.asset_ids.ids)],
            "plan_date": self.date,
            "type_id": plan.type_id.id,
            "contract_id": self.contract_id.id,
            "user_id": plan.user_id.id,
            "description": "\n".join(lines),
            "date_preferred": day,
            "date_due": self.company_id._get_day_end(self.date),
        }

    def action_request(self):
        """Make the request now, whatever the lead time says."""
        self.check_access("write")
        for day in self:
            if day.state == "skipped":
                raise UserError(
                    self.env._("The day is left out. Take it up again first.")
                )
            if reason := day._get_obstacle():
                raise UserError(reason)
            # sudo: service.plan.date: a request is made by whoever plans
            day.sudo()._request()
            day.sudo().write({"queue_state": "done"})
        return self.action_view_order() if len(self) == 1 else True

    def action_view_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }
