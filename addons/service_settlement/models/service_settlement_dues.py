from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ServiceSettlement(models.Model):
    """What a point owes us comes onto its next statement by itself."""

    _inherit = "service.settlement"

    @api.model
    def _prepare_dues(self, points, date_to) -> list[dict]:
        """Hook: what ``points`` owe the current company, or are owed, until
        ``date_to``.

        :return: values of ``service.settlement.adjustment``, each with a
            ``source_ref`` ("model,id"): what is there already is not taken again;
            or with ``reverses_id``, an adjustment that is taken back, once
        """
        return [
            *self._prepare_part_dues(points, date_to),
            *self._prepare_part_credits(points, date_to),
        ]

    @api.model
    def _prepare_part_dues(self, points, date_to) -> list[dict]:
        """Recovered parts that should have come back by now, at their value."""
        if "service.part.return" not in self.env:
            return []
        # sudo: service.part.return: what is overdue is charged, whoever settles
        returns_sudo = self.env["service.part.return"].sudo()
        vals_list = []
        for point, overdue in returns_sudo._get_overdue(points, date_to).items():
            for row in overdue:
                company = row.company_id or point.company_id or self.env.company
                if company.currency_id.compare_amounts(row.value, 0.0) <= 0:
                    continue
                vals_list.append(
                    {
                        "company_id": company.id,
                        "point_id": point.id,
                        "currency_id": company.currency_id.id,
                        "kind": "part",
                        "date": date_to,
                        "amount": -row.value,
                        "reason": self.env._(
                            "Not returned by %(date)s: %(part)s (%(order)s)",
                            date=row.date_due,
                            part=row.product_id.display_name,
                            order=row.order_id.name,
                        ),
                        "source_ref": f"{row._name},{row.id}",
                    }
                )
        return vals_list

    @api.model
    def _prepare_part_credits(self, points, date_to) -> list[dict]:
        """Parts that were charged, and came back after all or were waived."""
        # sudo: service.settlement.adjustment: what is given back, whoever settles
        charged_sudo = (
            self.env["service.settlement.adjustment"]
            .sudo()
            .search(
                [
                    ("kind", "=", "part"),
                    ("point_id", "in", points.ids),
                    ("source_ref", "!=", False),
                    ("reversal_ids", "=", False),
                ]
            )
        )
        vals_list = []
        for adjustment in charged_sudo:
            row = adjustment.source_ref
            if row._name != "service.part.return" or not row.exists():
                continue
            # Judged before the next run it is settled already
            came_back = row.disposition != "charged" and (
                row.state == "received" or (row.state == "settled" and row.disposition)
            )
            if came_back or row.state == "waived":
                vals_list.append(
                    {
                        "company_id": adjustment.company_id.id,
                        "point_id": adjustment.point_id.id,
                        "currency_id": adjustment.currency_id.id,
                        "kind": "part",
                        "date": date_to,
                        "amount": -adjustment.amount,
                        "reason": self.env._(
                            "Returned after all: %s", row.product_id.display_name
                        ),
                        "reverses_id": adjustment.id,
                    }
                )
        return vals_list

    @api.model
    def _collect_dues(self, company, date_to, points=None):
        """Make the adjustments of what is due; each source once, also in two runs."""
        self = self.with_company(company)
        if not points:
            points = self.env["service.point"].search(
                Domain("is_settled", "=", True)
                & Domain("company_id", "in", (company.id, False))
            )
        # sudo: service.settlement.adjustment: their sources are the system's
        adjustments_sudo = self.env["service.settlement.adjustment"].sudo()
        vals_list = self.sudo()._prepare_dues(points, date_to)
        wanted = [vals["source_ref"] for vals in vals_list if "source_ref" in vals]
        known = {
            f"{row.source_ref._name},{row.source_ref.id}"
            for row in adjustments_sudo.search([("source_ref", "in", wanted)])
        }
        return adjustments_sudo.create(
            [
                vals
                for vals in vals_list
                if vals.get("source_ref") not in known
                and vals.get("company_id", company.id) == company.id
            ]
        )

    @api.model
    def _get_dues_end(self, date_to):
        """The moment at which the day ends where the current company is (UTC)."""
        return self.env.company._get_day_bounds(fields.Date.to_date(date_to))[1]

    # What a point owes in the end may wait for its next statement

    def _carry_negative(self):
        """Where the company says so, a statement below zero is closed with zero, and
        the rest stands on the next one."""
        vals_list = []
        for settlement in self:
            if (
                settlement.company_id.service_settlement_carry
                and settlement.currency_id.compare_amounts(settlement.amount_total, 0.0)
                < 0
            ):
                vals_list += settlement._prepare_carry_vals()
        # sudo: service.settlement.adjustment: both halves are made by this flow only
        self.env["service.settlement.adjustment"].sudo().create(vals_list)

    def _prepare_carry_vals(self) -> list[dict]:
        self.ensure_one()
        common = {
            "company_id": self.company_id.id,
            "point_id": self.point_id.id,
            "currency_id": self.currency_id.id,
            "kind": "carry",
            "carried_from_id": self.id,
        }
        return [
            common
            | {
                "settlement_id": self.id,
                "date": self.date_to,
                "amount": -self.amount_total,
                "reason": self.env._("Carried forward to the next statement"),
            },
            common
            | {
                "date": fields.Date.add(self.date_to, days=1),
                "amount": self.amount_total,
                "reason": self.env._("Carried forward from %s", self.name),
            },
        ]

    def _undo_carry(self):
        # sudo: service.settlement.adjustment: made by this flow, so it takes them back
        carried = (
            self.env["service.settlement.adjustment"]
            .sudo()
            .search([("carried_from_id", "in", self.ids)])
        )
        for row in carried:
            if row.settlement_id and row.settlement_id.state != "draft":
                raise UserError(
                    self.env._(
                        "The rest of %(name)s stands on %(next)s already.",
                        name=row.carried_from_id.name,
                        next=row.settlement_id.name,
                    )
                )
        drafts = carried.settlement_id
        carried.unlink()
        drafts._draw_advances()


class ServiceSettlementAdjustment(models.Model):
    _inherit = "service.settlement.adjustment"

    carried_from_id = fields.Many2one(
        "service.settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    reverses_id = fields.Many2one(
        "service.settlement.adjustment",
        string="Takes Back",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
    )
    reversal_ids = fields.One2many("service.settlement.adjustment", "reverses_id")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_carried(self):
        if not self.env.su and self.carried_from_id:
            raise UserError(
                self.env._(
                    "What is carried forward stands on two statements: set the first "
                    "one back to draft."
                )
            )

    _reverses_uniq = models.UniqueIndex(
        "(reverses_id) WHERE reverses_id IS NOT NULL",
        "This has been taken back already.",
    )
