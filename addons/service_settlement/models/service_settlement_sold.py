from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ServiceSettlement(models.Model):
    """Points that buy their parts pay for them with their statements.

    What was sent to them is taken off, what was bought back is paid, each at the
    point's price list of that day; every movement once. What was sent before the
    point was settled, or before the company netted parts, was billed in another way
    and is left alone.
    """

    _inherit = "service.settlement"

    @api.model
    def _prepare_dues(self, points, date_to):
        return [
            *super()._prepare_dues(points, date_to),
            *self._prepare_sold_dues(points, date_to),
        ]

    @api.model
    def _prepare_sold_dues(self, points, date_to) -> list[dict]:
        if not self.env.company.service_settlement_net_parts:
            return []
        until = self._get_dues_end(date_to)
        # sudo: service.point: what is owed is taken off, whoever settles
        points_sudo = points.sudo()
        starts = self._get_netting_starts(points_sudo)
        if not starts:
            return []
        domain = self._get_unsettled_move_domain()
        domain &= Domain("date", ">=", min(starts.values()))
        vals_list = []
        for sign, moves_by_point in (
            (-1, points_sudo._get_sold_parts(until, domain)),
            (1, points_sudo._get_bought_back_parts(until, domain)),
        ):
            for point, moves in moves_by_point.items():
                for move in moves:
                    if point not in starts or move.date < starts[point]:
                        continue
                    vals = self._prepare_sold_vals(point, move, sign)
                    if vals["amount"]:
                        vals_list.append(vals | {"date": date_to})
        return vals_list

    @api.model
    def _get_netting_starts(self, points) -> dict:
        """Point → the moment (UTC) from which on its parts are netted."""
        since = self.env.company.service_settlement_net_parts_from
        return {
            point: self._get_dues_end(
                fields.Date.subtract(
                    max(since or point.settled_since, point.settled_since), days=1
                )
            )
            for point in points
            if point.settled_since
        }

    @api.model
    def _get_unsettled_move_domain(self) -> Domain:
        """Movements of the company that stand on no statement and wait for none."""
        return Domain("company_id", "=", self.env.company.id) & Domain(
            "id",
            "not in",
            SQL(
                "(SELECT split_part(source_ref, ',', 2)::integer "
                "FROM service_settlement_adjustment "
                "WHERE kind = 'sold' AND source_ref LIKE 'stock.move,%%')"
            ),
        )

    @api.model
    def _prepare_sold_vals(self, point, move, sign) -> dict:
        company = move.company_id
        labels = {"part": move.product_id.display_name, "transfer": move.reference}
        quantity = f"{move.quantity:g} {move.product_uom.display_name}"
        return {
            "company_id": company.id,
            "point_id": point.id,
            "currency_id": company.currency_id.id,
            "kind": "sold",
            "amount": sign
            * company.currency_id.round(
                move.quantity * self._get_sold_price(point, move)
            ),
            "reason": self.env._(
                "Sold: %(quantity)s %(part)s (%(transfer)s)",
                quantity=quantity,
                **labels,
            )
            if sign < 0
            else self.env._(
                "Bought back: %(quantity)s %(part)s (%(transfer)s)",
                quantity=quantity,
                **labels,
            ),
            "source_ref": f"{move._name},{move.id}",
        }

    @api.model
    def _get_sold_price(self, point, move) -> float:
        """Of one unit, without taxes, in the currency of the company."""
        company = move.company_id
        partner = point.partner_id.with_company(company)
        return partner.property_product_pricelist._get_product_price(
            move.product_id.with_company(company),
            move.quantity,
            currency=company.currency_id,
            uom=move.product_uom,
            date=move.date,
        )


class ServiceSettlementAdjustment(models.Model):
    _inherit = "service.settlement.adjustment"

    @api.model
    def _get_source_models(self):
        return [*super()._get_source_models(), "stock.move"]


class ResCompany(models.Model):
    _inherit = "res.company"

    service_settlement_net_parts = fields.Boolean(
        string="Net Parts Sold to Service Points",
        default=True,
        help="Parts sent to a settled service point that buys its parts are taken off "
        "its next statement. Otherwise they are invoiced in another way.",
    )
    service_settlement_net_parts_from = fields.Date(
        string="Net Parts Sent From",
        default=fields.Date.context_today,
        help="The day since when sold parts are netted: what was sent before was "
        "invoiced in another way. Set anew when netting is switched on again. Empty: "
        "since each service point is settled.",
    )

    def write(self, vals):
        if (
            vals.get("service_settlement_net_parts")
            and "service_settlement_net_parts_from" not in vals
        ):
            starting = self.filtered(
                lambda company: not company.service_settlement_net_parts
            )
            starting.service_settlement_net_parts_from = fields.Date.context_today(self)
        return super().write(vals)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_settlement_net_parts = fields.Boolean(
        related="company_id.service_settlement_net_parts", readonly=False
    )
    service_settlement_net_parts_from = fields.Date(
        related="company_id.service_settlement_net_parts_from", readonly=False
    )

    @api.onchange("service_settlement_net_parts")
    def _onchange_service_settlement_net_parts(self):
        """Show the day that switching it on means, before it is saved."""
        company = self.company_id
        if self.service_settlement_net_parts and (
            not company.service_settlement_net_parts
        ):
            self.service_settlement_net_parts_from = fields.Date.context_today(self)
