from odoo import api, fields, models


class ServiceContract(models.Model):
    """What the contract promises in time, and what both sides do for it."""

    _inherit = "service.contract"

    sla_policy_id = fields.Many2one(
        "service.sla.policy",
        string="Service-Level Policy",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="What is promised for orders under this contract.",
    )
    provider_duties = fields.Text(
        string="What We Do",
        compute="_compute_duties",
        store=True,
        readonly=False,
        help="Our side of the service level; printed on the customer's review.",
    )
    customer_duties = fields.Text(
        string="What the Customer Does",
        compute="_compute_duties",
        store=True,
        readonly=False,
        help="The customer's side, such as access to the site; printed on the review.",
    )

    @api.depends("sla_policy_id")
    def _compute_duties(self):
        for contract in self:
            policy = contract.sla_policy_id
            contract.provider_duties = (
                contract.provider_duties or policy.provider_duties
            )
            contract.customer_duties = (
                contract.customer_duties or policy.customer_duties
            )

    def write(self, vals):
        result = super().write(vals)
        if "sla_policy_id" in vals:
            self._on_sla_policy_changed()
        return result

    def _on_sla_policy_changed(self):
        """Hook: open orders under these contracts are promised something else."""
