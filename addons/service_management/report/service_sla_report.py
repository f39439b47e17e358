from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.service_management.models.agreement.service_sla_target import METRICS
from odoo.addons.service_management.models.catalog.service_type import PRIORITIES


class ServiceSlaReport(models.Model):
    """What was promised and what was kept: a row for each clock of an order.

    Cancelled orders are left out: nobody waits for their promises any more. A near
    miss was kept, but only after the warning time had passed.
    """

    _name = "service.sla.report"
    _description = "Service-Level Report"
    _auto = False
    _order = "date_request desc, id desc"
    _rec_name = "order_id"
    _depends = {
        "service.sla.clock": [
            "order_id",
            "company_id",
            "metric",
            "state",
            "policy_id",
            "target_minutes",
            "elapsed_minutes",
            "late_minutes",
            "due_at",
            "stopped_at",
            "is_warned",
            "is_breached",
        ],
        "service.order": [
            "commercial_partner_id",
            "contract_id",
            "point_id",
            "type_id",
            "category_id",
            "area_id",
            "team_id",
            "priority",
            "date_request",
            "state",
        ],
    }

    # What it is about
    order_id = fields.Many2one("service.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    policy_id = fields.Many2one("service.sla.policy", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("service.contract", readonly=True)
    point_id = fields.Many2one("service.point", string="Service Point", readonly=True)
    type_id = fields.Many2one("service.type", string="Service Type", readonly=True)
    category_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    area_id = fields.Many2one("service.area", string="Service Area", readonly=True)
    team_id = fields.Many2one("service.team", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    # When
    date_request = fields.Datetime(string="Requested On", readonly=True)
    due_at = fields.Datetime(string="Due On", readonly=True)
    stopped_at = fields.Datetime(string="Ended On", readonly=True)
    # How it went
    outcome = fields.Selection(
        [
            ("open", "Open"),
            ("overdue", "Overdue"),
            ("met", "Met"),
            ("near", "Met, Near Miss"),
            ("missed", "Missed"),
        ],
        readonly=True,
    )
    promised = fields.Integer(readonly=True)
    met = fields.Integer(readonly=True)
    missed = fields.Integer(readonly=True)
    near = fields.Integer(string="Near Misses", readonly=True)
    pending = fields.Integer(string="Still Open", readonly=True)
    kept = fields.Float(
        string="Kept (%)",
        readonly=True,
        aggregator="avg",
        help="Of the promises that have ended, those that were kept.",
    )
    target_minutes = fields.Float(
        string="Promised (Minutes)", readonly=True, aggregator="avg"
    )
    elapsed_minutes = fields.Float(
        string="Taken (Minutes)", readonly=True, aggregator="avg"
    )
    late_minutes = fields.Float(string="Late (Minutes)", readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT c.id,
                   c.order_id,
                   c.company_id,
                   c.metric,
                   c.policy_id,
                   o.commercial_partner_id AS partner_id,
                   o.contract_id,
                   o.point_id,
                   o.type_id,
                   o.category_id,
                   o.area_id,
                   o.team_id,
                   o.priority,
                   o.date_request,
                   c.due_at,
                   c.stopped_at,
                   CASE
                     WHEN c.state = 'missed' THEN 'missed'
                     WHEN c.state = 'met' AND c.is_warned THEN 'near'
                     WHEN c.state = 'met' THEN 'met'
                     WHEN c.is_breached THEN 'overdue'
                     ELSE 'open'
                   END AS outcome,
                   1 AS promised,
                   (c.state = 'met')::int AS met,
                   (c.state = 'missed')::int AS missed,
                   (c.state = 'met' AND c.is_warned IS TRUE)::int AS near,
                   (c.state IN ('running', 'paused'))::int AS pending,
                   CASE c.state WHEN 'met' THEN 100.0 WHEN 'missed' THEN 0.0 END
                     AS kept,
                   c.target_minutes,
                   CASE WHEN c.state IN ('met', 'missed') THEN c.elapsed_minutes END
                     AS elapsed_minutes,
                   c.late_minutes
            """
        )

    def _from(self) -> SQL:
        return SQL("FROM service_sla_clock c JOIN service_order o ON o.id = c.order_id")

    def _where(self) -> SQL:
        return SQL("WHERE o.state NOT IN ('draft', 'cancelled')")

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }
