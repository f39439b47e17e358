from odoo import api, fields, models
from odoo.fields import Domain

from .service_claim import OPEN_STATES


class ServiceTariff(models.Model):
    """Claims that are there already when a tariff begins to hold for their points.

    They keep their amounts until somebody prices them again: whoever widens the tariff
    is told how many there are.
    """

    _inherit = "service.tariff"

    other_claim_count = fields.Integer(
        string="Claims Priced Otherwise",
        compute="_compute_other_claim_count",
        help="Not settled yet, of work that this tariff holds for, and priced by "
        "another one or by none.",
    )

    @api.depends(
        "state", "company_id", "date_start", "date_end", "point_ids", "area_ids"
    )
    def _compute_other_claim_count(self):
        for tariff in self:
            tariff.other_claim_count = len(tariff._find_other_claims())

    def _find_other_claims(self):
        """Claims that this tariff would price, were they priced again: another one did,
        or none. As the form stands, also before it is saved."""
        self.ensure_one()
        claims = self.env["service.claim"]
        if self.state != "active" or not self.date_start:
            return claims
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "in", OPEN_STATES)
            & Domain("tariff_id", "!=", self._origin.id)
            & Domain("date", ">=", self.date_start)
        )
        if self.date_end:
            domain &= Domain("date", "<=", self.date_end)
        if self.point_ids or self.area_ids:
            domain &= Domain("point_id", "in", self.point_ids.ids) | Domain(
                "point_id.area_id", "child_of", self.area_ids.ids
            )
        claims = claims.search_fetch(domain, ["company_id", "point_id", "date"])
        found = self._find_many(
            {(claim.company_id, claim.point_id, claim.date) for claim in claims},
            draft=self,
        )
        return claims.filtered(
            lambda claim: (
                found.get((claim.company_id, claim.point_id, claim.date)) == self
            )
        )

    def action_view_other_claims(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_claim"
        )
        return action | {
            "domain": [("id", "in", self._find_other_claims().ids)],
            "context": {},
        }
