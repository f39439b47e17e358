from odoo import api, fields, models
from odoo.tools import SQL


class ServiceMarginReport(models.Model):
    """What service costs and brings, one row for each amount behind it.

    - parts: value of stock moves between own places and the customer, by Odoo's
      valuation; a part that comes back is deducted. Parts that a point owns itself
      have no value here: the point claims them.
    - labour and travel: hours of finished visits of points that are not settled, at
      the technician's hourly cost (crew × hours on site, crew × travel).
    - fees: approved lines of claims, rejected claims excepted, in the company's
      currency at the rate of the claim's day.
    - charge, contract: untaxed lines of posted invoices and credit notes, of the
      order itself or of the contract it belongs to. Revenue of a contract stands on
      rows without an order: it is earned by all of them together.
    """

    _name = "service.margin.report"
    _description = "Cost and Margin of Service"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"
    # What has to be in the tables before they are read
    _depends = {
        "account.move.line": [
            "service_order_id",
            "balance",
            "date",
            "display_type",
            "parent_state",
            "sale_line_ids",
        ],
        "service.asset": ["product_id"],
        "service.claim": ["order_id", "state", "date", "currency_id"],
        "service.claim.line": ["claim_id", "amount_approved"],
        "service.contract": ["sale_line_id", "partner_id"],
        "service.order": [
            "asset_id",
            "category_id",
            "contract_id",
            "partner_id",
            "point_id",
            "type_id",
        ],
        "service.point": ["is_settled"],
        "service.technician": ["hourly_cost"],
        "service.visit": [
            "state",
            "order_id",
            "point_id",
            "actual_start",
            "actual_end",
            "travel_minutes",
        ],
        "service.visit.crew": ["visit_id", "technician_id"],
        "stock.move": ["service_order_id", "state", "value", "is_in", "is_out", "date"],
    }

    order_id = fields.Many2one("service.order", string="Service Order", readonly=True)
    kind = fields.Selection(
        [
            ("parts", "Parts"),
            ("labour", "Labour"),
            ("travel", "Travel"),
            ("fees", "Fees of Service Points"),
            ("charge", "Charged to the Customer"),
            ("contract", "Contract"),
        ],
        readonly=True,
    )
    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("service.contract", readonly=True)
    type_id = fields.Many2one("service.type", string="Service Type", readonly=True)
    product_id = fields.Many2one(
        "product.product", string="Product of the Asset", readonly=True
    )
    category_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    cost = fields.Monetary(readonly=True)
    revenue = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
              WITH zone (company_id, name) AS (%s)
            SELECT entry.id, entry.order_id, entry.kind, entry.date,
                   entry.company_id, company.currency_id,
                   COALESCE(job.partner_id, contract.partner_id) AS partner_id,
                   contract.id AS contract_id, job.type_id, asset.product_id,
                   job.category_id, job.point_id,
                   entry.cost, entry.revenue, entry.revenue - entry.cost AS margin
              FROM (%s) AS entry
              JOIN res_company company ON company.id = entry.company_id
              LEFT JOIN service_order job ON job.id = entry.order_id
              LEFT JOIN service_asset asset ON asset.id = job.asset_id
              LEFT JOIN service_contract contract
                     ON contract.id = COALESCE(entry.contract_id, job.contract_id)
            """,
            self.env["res.company"]._get_zones_sql(),
            SQL(" UNION ALL ").join(self._get_sources()),
        )

    @api.model
    def _get_sources(self) -> list[SQL]:
        """One SELECT a kind: id, order_id, contract_id, kind, date, company_id, cost,
        revenue. The id is that of the source row × 8 + the number of the kind."""
        return [
            SQL(
                """
                SELECT move.id * 8 AS id, move.service_order_id AS order_id,
                       NULL::integer AS contract_id, 'parts' AS kind,
                       %s AS date, move.company_id,
                       CASE WHEN move.is_in THEN -move.value ELSE move.value END
                           AS cost,
                       0.0 AS revenue
                  FROM stock_move move
                 WHERE move.service_order_id IS NOT NULL AND move.state = 'done'
                   AND (move.is_out OR move.is_in) AND move.value != 0
                """,
                self._get_day("move", "date"),
            ),
            SQL(
                """
                SELECT crew.id * 8 + 1, visit.order_id, NULL::integer, 'labour',
                       %s, visit.company_id,
                       EXTRACT(EPOCH FROM visit.actual_end - visit.actual_start)
                           / 3600 * technician.hourly_cost,
                       0.0
                %s AND visit.actual_end > visit.actual_start
                """,
                self._get_day("visit", "actual_end"),
                self._get_crews(),
            ),
            SQL(
                """
                SELECT crew.id * 8 + 2, visit.order_id, NULL::integer, 'travel',
                       %s, visit.company_id,
                       visit.travel_minutes / 60.0 * technician.hourly_cost, 0.0
                %s AND visit.travel_minutes > 0
                """,
                self._get_day("visit", "planned_end"),
                self._get_crews(),
            ),
            SQL(
                """
                SELECT line.id * 8 + 3, claim.order_id, NULL::integer, 'fees',
                       claim.date, claim.company_id,
                       CASE WHEN claim.currency_id = company.currency_id
                            THEN line.amount_approved
                            ELSE line.amount_approved * %s / %s END,
                       0.0
                  FROM service_claim_line line
                  JOIN service_claim claim ON claim.id = line.claim_id
                  JOIN res_company company ON company.id = claim.company_id
                 WHERE claim.state != 'rejected' AND line.amount_approved != 0
                """,
                self._get_rate(SQL("company.currency_id")),
                self._get_rate(SQL("claim.currency_id")),
            ),
            SQL(
                """
                SELECT line.id * 8 + 4, line.service_order_id, NULL::integer, 'charge',
                       line.date, line.company_id, 0.0, -line.balance
                  FROM account_move_line line
                 WHERE line.service_order_id IS NOT NULL
                   AND line.parent_state = 'posted' AND line.display_type = 'product'
                """
            ),
            SQL(
                """
                SELECT line.id * 8 + 5, NULL::integer, contract.id, 'contract',
                       line.date, line.company_id, 0.0, -line.balance
                  FROM service_contract contract
                  JOIN sale_order_line_invoice_rel rel
                    ON rel.order_line_id = contract.sale_line_id
                  JOIN account_move_line line ON line.id = rel.invoice_line_id
                 WHERE line.parent_state = 'posted' AND line.display_type = 'product'
                """
            ),
        ]

    @api.model
    def _get_day(self, alias, column) -> SQL:
        """The day of a moment where the company is, as claims have it."""
        return SQL(
            """
            (%s AT TIME ZONE 'UTC' AT TIME ZONE
             (SELECT name FROM zone WHERE zone.company_id = %s))::date
            """,
            SQL.identifier(alias, column),
            SQL.identifier(alias, "company_id"),
        )

    @api.model
    def _get_crews(self) -> SQL:
        """Crews of finished visits whose point is paid by wages, not by claims."""
        return SQL(
            """
              FROM service_visit_crew crew
              JOIN service_visit visit ON visit.id = crew.visit_id
              JOIN service_technician technician ON technician.id = crew.technician_id
              LEFT JOIN service_point point ON point.id = visit.point_id
             WHERE visit.state = 'done' AND technician.hourly_cost > 0
               AND point.is_settled IS NOT TRUE
            """
        )

    @api.model
    def _get_rate(self, currency) -> SQL:
        """The rate of a currency on the claim's day, as Odoo chooses it."""
        return SQL(
            """
            COALESCE((
                SELECT rate.rate FROM res_currency_rate rate
                 WHERE rate.currency_id = %s AND rate.name <= claim.date
                   AND (rate.company_id IS NULL OR rate.company_id
                        = split_part(company.parent_path, '/', 1)::integer)
                 ORDER BY rate.company_id, rate.name DESC LIMIT 1
            ), 1.0)
            """,
            currency,
        )
