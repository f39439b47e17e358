from odoo import api, fields, models

from .service_order_coverage import COVERAGE_FIELDS

# What the phone form may ask the coverage of.
ASKED_FIELDS = (COVERAGE_FIELDS | {"site_id"}) - {"entitlement_quantity"}


class ServiceOrder(models.Model):
    """What the phone form shows of contracts, while the caller is on the line."""

    _inherit = "service.order"

    @api.model
    @api.readonly
    def intake_coverage(self, vals):
        """What would cover a request of these values, without keeping any of it.

        :return: what ``_prepare_coverage_view`` gives
        """
        self.check_access("create")
        known = {name: value for name, value in vals.items() if name in ASKED_FIELDS}
        order = self.new(
            {
                "company_id": self.env.company.id,
                "stage_id": self.env["service.stage"]._get_by_state("draft").id,
                "date_request": fields.Datetime.now(),
                **known,
            }
        )
        order.partner_id.check_access("read")
        return order.coverage_view

    def _prepare_intake_saved(self):
        return super()._prepare_intake_saved() | {"coverage": self.coverage_view}

    @api.model
    @api.readonly
    def intake_context(self, partner_id):
        """Also what is left of each contract, in two queries for all of them."""
        context = super().intake_context(partner_id)
        contracts = self.env["service.contract"].browse(
            [contract["id"] for contract in context["contracts"]]
        )
        today = fields.Date.context_today(self)
        periods = self.env["service.entitlement.period"].search(
            [
                ("contract_id", "in", contracts.ids),
                ("date_start", "<=", today),
                ("date_end", ">=", today),
            ]
        )
        kinds = dict(self._fields["entitlement_kind"]._description_selection(self.env))
        balances = {contract.id: [] for contract in contracts}
        for period in periods.sorted(lambda rec: (rec.entitlement_id.sequence, rec.id)):
            balances[period.contract_id.id].append(
                {
                    "id": period.entitlement_id.id,
                    "kind": kinds[period.entitlement_id.kind],
                    "left": period.available,
                    "granted": period.granted,
                    "unlimited": period.is_unlimited,
                }
            )
        for contract in context["contracts"]:
            contract["balances"] = balances[contract["id"]]
        return context
