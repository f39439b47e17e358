from odoo import models

from .service_order import FINISHED_STATES


class ServiceContract(models.Model):
    _inherit = "service.contract"

    def _on_sla_policy_changed(self):
        result = super()._on_sla_policy_changed()
        # sudo: service.order: the promise follows from the contract
        self.env["service.order"].sudo().search(
            [
                ("contract_id", "in", self.ids),
                ("state", "not in", ("draft", *FINISHED_STATES)),
            ]
        )._renew_clocks("contract")
        return result
