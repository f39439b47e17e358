from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceCollection(models.Model):
    """Cash that a settled point keeps is taken off its next statement.

    From then on it is netted: no cashier counts it and nobody cancels it, until the
    draft that it stands on is given up. The customer's payment is booked with the
    bill of the statement: into the till, from which the bill takes it out again.
    """

    _inherit = "service.collection"

    @api.model
    def _get_dues_domain(self, points, until) -> Domain:
        """Cash in the hands of ``points``; what a cashier is counting is not."""
        return (
            Domain("company_id", "=", self.env.company.id)
            & Domain("point_id", "in", points.ids)
            & Domain("state", "=", "taken")
            & Domain("method", "=", "cash")
            & Domain("handover_id", "=", False)
            & Domain("date", "<", until)
        )

    def _get_nettings(self):
        """The adjustments that take these off statements, in sudo."""
        # sudo: service.settlement.adjustment: cashiers need not see statements
        return (
            self.env["service.settlement.adjustment"]
            .sudo()
            .search([("source_ref", "in", [f"{self._name},{rec.id}" for rec in self])])
        )

    def _bring_in_after_all(self):
        """The money is on the cashier's desk before its statement was issued."""
        nettings_sudo = self._get_nettings().filtered(
            lambda row: row.settlement_id.state in (False, "draft")
        )
        drafts_sudo = nettings_sudo.settlement_id
        nettings_sudo.unlink()
        drafts_sudo._draw_advances()


class ServiceSettlement(models.Model):
    _inherit = "service.settlement"

    @api.model
    def _prepare_dues(self, points, date_to):
        return [
            *super()._prepare_dues(points, date_to),
            *self._prepare_cash_dues(points, date_to),
        ]

    @api.model
    def _prepare_cash_dues(self, points, date_to) -> list[dict]:
        """Cash that was not handed over by the end of the day, each receipt once."""
        if not self.env.company.service_settlement_net_cash:
            return []
        until = self._get_dues_end(date_to)
        # sudo: service.collection: what is owed is taken off, whoever settles
        collections_sudo = self.env["service.collection"].sudo()
        return [
            {
                "company_id": collection.company_id.id,
                "point_id": collection.point_id.id,
                "currency_id": collection.currency_id.id,
                "kind": "cash",
                "date": date_to,
                "amount": -collection.amount,
                "reason": self.env._(
                    "Cash of a customer, receipt %(receipt)s (%(order)s)",
                    receipt=collection.name,
                    order=collection.order_id.name,
                ),
                "source_ref": f"{collection._name},{collection.id}",
            }
            for collection in collections_sudo.search(
                collections_sudo._get_dues_domain(points, until), order="date, id"
            )
        ]

    def _release(self):
        # Until it is on an issued statement the point may still hand it over
        self.adjustment_ids.filtered(
            lambda row: row._get_collections().filtered(
                lambda receipt: receipt.state == "netted"
            )
        ).unlink()
        return super()._release()

    def _prepare_bill_line_vals(self, kind, count, amount, is_refund):
        vals = super()._prepare_bill_line_vals(kind, count, amount, is_refund)
        if kind == "adjustment_cash":
            vals |= self._prepare_till_vals()
        return vals

    def _prepare_till_vals(self) -> dict:
        """Cash is no expense: it leaves the till that the receipts went into."""
        journal = self.company_id._get_service_collection_journal("cash")
        account = journal.default_account_id
        return {"account_id": account.id, "tax_ids": False} if account else {}

    def _create_bills(self):
        moves = super()._create_bills()
        netted = self.adjustment_ids._get_collections().filtered(
            lambda receipt: receipt.state == "netted"
        )
        if netted:
            netted._book()
        return moves


class ServiceSettlementAdjustment(models.Model):
    _inherit = "service.settlement.adjustment"

    @api.model_create_multi
    def create(self, vals_list):
        adjustments = super().create(vals_list)
        collections_sudo = adjustments._get_collections()
        if collections_sudo:
            collections_sudo._check_state("taken")
            collections_sudo.write({"state": "netted"})
        return adjustments

    def unlink(self):
        collections_sudo = self._get_collections().filtered(
            lambda receipt: receipt.state == "netted"
        )
        result = super().unlink()
        collections_sudo.write({"state": "taken"})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked_cash(self):
        for receipt in self._get_collections():
            if receipt.state == "booked":
                raise UserError(
                    self.env._(
                        "%(receipt)s has been booked: the service point still owes it.",
                        receipt=receipt.display_name,
                    )
                )

    def _get_collections(self):
        """The receipts that these take off statements, in sudo."""
        # sudo: service.settlement.adjustment, service.collection: source_ref is for
        # accountants, its state follows the statement whoever acts
        collections_sudo = self.env["service.collection"].sudo()
        # Browsed together, so that they are read together
        return collections_sudo.browse(
            row.source_ref.id
            for row in self.sudo()
            if row.kind == "cash"
            and row.source_ref
            and row.source_ref._name == collections_sudo._name
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    service_settlement_net_cash = fields.Boolean(
        string="Net Cash of Service Points",
        default=True,
        help="Cash of customers that a settled service point has not handed over is "
        "taken off its next statement. Otherwise it waits for a cashier.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_settlement_net_cash = fields.Boolean(
        related="company_id.service_settlement_net_cash", readonly=False
    )
