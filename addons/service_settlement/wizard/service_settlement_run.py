from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class ServiceSettlementRun(models.TransientModel):
    """Settle a period: which one, of whom, and how far to go."""

    _name = "service.settlement.run"
    _description = "Settlement Run"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env["service.settlement"]._get_previous_month()[0],
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env["service.settlement"]._get_previous_month()[1],
    )
    period = fields.Selection(
        [
            ("month", "A month"),
            ("half", "Half a month"),
            ("other", "Other days"),
        ],
        compute="_compute_period",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    point_ids = fields.Many2many(
        "service.point",
        string="Service Points",
        domain="[('company_id', 'in', (company_id, False)), ('is_settled', '=', True)]",
        help="Empty: all of the company that are settled in such periods.",
    )
    until = fields.Selection(
        [
            ("draft", "Prepare drafts"),
            ("issued", "Issue to the service points"),
            ("confirmed", "Confirm for the service points"),
            ("billed", "Create the bills"),
        ],
        string="Go As Far As",
        default="issued",
        required=True,
    )
    # Before
    claim_count = fields.Integer(string="Claims to Settle", compute="_compute_counts")
    unpriced_count = fields.Integer(
        string="Claims Not Priced", compute="_compute_counts"
    )
    unchecked_count = fields.Integer(
        string="Claims Not Approved", compute="_compute_counts"
    )
    # After
    state = fields.Selection([("ready", "Ready"), ("done", "Done")], default="ready")
    settlement_ids = fields.Many2many("service.settlement", readonly=True)
    failure_ids = fields.One2many(
        "service.settlement.run.failure", "run_id", readonly=True
    )

    @api.depends("date_from", "date_to")
    def _compute_period(self):
        """What the days are: from the 1st or 16th, to the 15th or the end."""
        for run in self:
            run.period = run._name_period()

    def _name_period(self) -> str:
        start, end = self.date_from, self.date_to
        if not (start and end) or (start.year, start.month) != (end.year, end.month):
            return "other"
        days = (start.day, fields.Date.end_of(start, "month") == end or end.day)
        return {(1, True): "month", (1, 15): "half", (16, True): "half"}.get(
            days, "other"
        )

    @api.onchange("period")
    def _onchange_period(self):
        """The last such period that is over."""
        if self.period == self._name_period():
            return
        start, end = self.env["service.settlement"]._get_previous_month()
        if self.period == "half":
            today = fields.Date.context_today(self)
            if today.day > 15:
                start, end = today.replace(day=1), today.replace(day=15)
            else:
                start = end.replace(day=16)
        if self.period != "other":
            self.date_from, self.date_to = start, end

    def _get_points(self):
        """Those that were chosen, else those that are settled in such periods; ``None``
        for all of the company."""
        self.ensure_one()
        chosen = self.point_ids._origin
        if chosen:
            return chosen
        if self.period == "other":
            return None
        settled = self.env["service.point"].search(
            Domain("is_settled", "=", True)
            & Domain("company_id", "in", (self.company_id.id, False))
        )
        points = settled.filtered(lambda point: point.settlement_rhythm == self.period)
        return None if points == settled else points

    def _check_points(self):
        """The points to settle, as ``_get_points``; there are some."""
        if self.date_to < self.date_from:
            raise UserError(self.env._("A period cannot end before it begins."))
        points = self._get_points()
        if points is not None and not points:
            raise UserError(
                self.env._(
                    "No service point is settled in such periods: choose the service "
                    "points here, or write on them how often they are settled."
                )
            )
        return points

    @api.depends("company_id", "date_from", "date_to", "period", "point_ids")
    def _compute_counts(self):
        claims = self.env["service.claim"]
        for run in self:
            points = run._get_points()
            nobody = points is not None and not points
            if nobody or not (run.company_id and run.date_to):
                run.claim_count = run.unpriced_count = run.unchecked_count = 0
                continue
            settlements = self.env["service.settlement"]
            run.claim_count = claims.search_count(
                settlements._get_claim_domain(run.company_id, run.date_to, points)
            )
            counts = dict(
                claims._read_group(
                    [
                        ("company_id", "=", run.company_id.id),
                        ("date", "<=", run.date_to),
                        ("state", "in", ("unpriced", "draft", "checked")),
                        *([("point_id", "in", points.ids)] if points else []),
                    ],
                    ["state"],
                    ["__count"],
                )
            )
            run.unpriced_count = counts.get("unpriced", 0)
            run.unchecked_count = counts.get("draft", 0) + counts.get("checked", 0)

    def action_run_in_background(self):
        """Queue the service points and show how far they are."""
        self.ensure_one()
        batch = self.env["service.settlement.batch"]._start(
            self.company_id,
            self.date_from,
            self.date_to,
            self._check_points(),
            self.until,
        )
        if not batch.item_ids:
            raise UserError(self.env._("There is nothing to settle in this period."))
        return batch._get_form_action()

    def action_run(self):
        self.ensure_one()
        settlements, failures = self.env["service.settlement"]._run(
            self.company_id,
            self.date_from,
            self.date_to,
            self._check_points(),
            self.until,
        )
        if settlements and not failures:
            return self._prepare_list_action(settlements)
        self.write(
            {
                "state": "done",
                "settlement_ids": [Command.set(settlements.ids)],
                "failure_ids": [
                    Command.create(
                        {
                            "point_id": failure.point_id,
                            "settlement_id": failure.settlement_id,
                            "step": failure.step,
                            "message": failure.message,
                        }
                    )
                    for failure in failures
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Settlement Run"),
        }

    def action_view_settlements(self):
        self.ensure_one()
        return self._prepare_list_action(self.settlement_ids)

    def _prepare_list_action(self, settlements):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_settlement"
        )
        return action | {
            "domain": [("id", "in", settlements.ids)],
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "context": {},
            "target": "main",
        }


class ServiceSettlementRunFailure(models.TransientModel):
    """What a run could not finish, one row each."""

    _name = "service.settlement.run.failure"
    _description = "Settlement Run Failure"

    run_id = fields.Many2one(
        "service.settlement.run", required=True, ondelete="cascade", index=True
    )
    point_id = fields.Many2one("service.point", string="Service Point")
    settlement_id = fields.Many2one("service.settlement", string="Statement")
    step = fields.Selection(
        [
            ("draft", "Prepare"),
            ("issued", "Issue"),
            ("confirmed", "Confirm"),
            ("billed", "Bill"),
        ]
    )
    message = fields.Text()
