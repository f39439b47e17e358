from odoo import models


class ServiceOrder(models.Model):
    """What becomes known after an order was claimed still counts.

    A claim on which nobody has decided is priced again; for one that is decided or
    settled the bonus or penalty comes onto the next statement, once for each answer
    and each complaint.
    """

    _inherit = "service.order"

    def _rate(self, value, feedback="", way="mail"):
        rating = super()._rate(value, feedback, way)
        self._follow_result("survey", {self.id: self})
        return rating

    def _on_transition(self, state):
        result = super()._on_transition(state)
        if state == "new":
            complaints = self.filtered(
                lambda order: order.parent_id and order.type_id.code == "complaint"
            )
            if complaints:
                complaints.parent_id._follow_result(
                    "complaint", {rec.parent_id.id: rec for rec in complaints}
                )
        return result

    def _follow_result(self, occasion, sources):
        """Let a result count in the money of these orders.

        :param occasion: ``survey`` or ``complaint``
        :param sources: order id → the record that an amount on a statement comes from
        """
        # sudo: service.claim: results are told by customers and agents
        claims = self.env["service.claim"].sudo()
        claims = claims.search([("order_id", "in", self.ids)])
        open_claims = claims.filtered(lambda claim: claim._is_untouched())
        open_claims._refresh()
        decided = (claims - open_claims).filtered(
            lambda claim: claim.state in ("checked", "approved", "settled")
        )
        if decided:
            decided._adjust_for(occasion, sources)


class ServiceClaim(models.Model):
    _inherit = "service.claim"

    def _adjust_for(self, occasion, sources):
        """Put what the tariff gives for a late result onto the next statement."""
        priced = self._get_price_vals(self.order_id)
        # sudo: service.settlement.adjustment: its source is named by this flow
        adjustments_sudo = self.env["service.settlement.adjustment"].sudo()
        refs = {
            claim: f"service.order,{sources[claim.order_id.id].id}" for claim in self
        }
        # A complaint that is opened once more has been taken off already. The stars for
        # its own work are another matter: they belong to another claim
        known = {
            (row.claim_id.id, f"{row.source_ref._name},{row.source_ref.id}")
            for row in adjustments_sudo.search(
                [("source_ref", "in", list(refs.values()))]
            )
        }
        vals_list = []
        for claim in self:
            paid = claim.line_ids.tariff_line_id
            told = paid.filtered(lambda line: line.occasion == occasion)
            if told and priced[claim.order_id]["tariff_id"] not in told.tariff_id.ids:
                # Counted in the claim, by the tariff that held for the point then
                continue
            lines = [
                line
                for __, __, line in priced[claim.order_id]["line_ids"]
                if line["inputs"].get("occasion") == occasion
                and line["tariff_line_id"] not in paid.ids
            ]
            # A source is taken once: what several lines give for it is one amount, in
            # the currency of the tariff, which need not be that of the claim any more
            currency = self.env["res.currency"].browse(
                priced[claim.order_id]["currency_id"]
            )
            amount = currency.round(sum(row["amount_claimed"] for row in lines))
            if (claim.id, refs[claim]) in known or currency.is_zero(amount):
                continue
            vals_list.append(
                {
                    "company_id": claim.company_id.id,
                    "point_id": claim.point_id.id,
                    "claim_id": claim.id,
                    "currency_id": currency.id,
                    "kind": "bonus" if amount > 0 else "penalty",
                    "amount": amount,
                    "source_ref": refs[claim],
                    "reason": "; ".join(
                        claim._describe_result(line, occasion) for line in lines
                    ),
                }
            )
        return adjustments_sudo.create(vals_list).sudo(self.env.su)

    def _describe_result(self, line, occasion) -> str:
        """Why a late result is paid or taken off, with the line of the tariff."""
        self.ensure_one()
        return self.env._(
            "%(order)s, %(occasion)s (tariff %(tariff)s, line %(number)s)",
            order=self.order_id.name,
            occasion=self.env["service.claim.line"]._label("occasion", occasion),
            tariff=line["inputs"]["tariff"],
            number=line["inputs"]["number"],
        )
