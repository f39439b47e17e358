from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time

# How far back the trend goes, in months
TREND_MONTHS = 6
SHOWN_MISSES = 60


class ServiceSlaReview(models.TransientModel):
    """What a customer was promised and what was kept in a period, to be printed.

    It is what both sides look at in their monthly review: figures by metric, the
    promises that were not kept one by one, the trend, and who does what.
    """

    _name = "service.sla.review"
    _description = "Service-Level Review"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, check_company=True
    )
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id")
    contract_id = fields.Many2one(
        "service.contract",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: every order of the customer, under contract or not.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        required=True,
        default=lambda self: fields.Date.today() + relativedelta(months=-1, day=1),
    )
    date_to = fields.Date(
        required=True,
        default=lambda self: fields.Date.today() + relativedelta(day=1, days=-1),
    )

    def action_print(self):
        self.ensure_one()
        if self.date_to < self.date_from:
            raise UserError(self.env._("The last day comes before the first one."))
        return self.env.ref(
            "service_management.action_report_service_sla_review"
        ).report_action(self)

    @api.onchange("contract_id")
    def _onchange_contract_id(self):
        if self.contract_id:
            self.partner_id = self.contract_id.partner_id

    # For the printed page

    def _get_zone(self) -> str:
        """Whose days and hours the page speaks of: the customer's."""
        return self.partner_id.tz or self.company_id._get_service_zone()

    def _get_domain(self, date_from, date_to) -> Domain:
        """Promises of requests that were made in a period, in the customer's days."""
        zone = self._get_zone()
        domain = Domain(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("date_request", ">=", local_time.start_of(date_from, zone)),
                ("date_request", "<", local_time.hours_of(date_to, zone)[1]),
            ]
        )
        if self.contract_id:
            domain &= Domain("contract_id", "=", self.contract_id.id)
        return domain

    def _get_contracts(self):
        if self.contract_id:
            return self.contract_id
        return self.env["service.contract"].search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("date_start", "<=", self.date_to),
                ("date_end", ">=", self.date_from),
                ("state", "!=", "draft"),
            ]
        )

    def _get_lines(self, groupby, date_from=None, date_to=None) -> list[dict]:
        """Figures of a period, a line for each value of ``groupby``."""
        fields_ = ["promised", "met", "missed", "near", "pending", "late_minutes"]
        rows = self.env["service.sla.report"]._read_group(
            self._get_domain(date_from or self.date_from, date_to or self.date_to),
            [groupby],
            [f"{name}:sum" for name in fields_],
        )
        lines = []
        for key, *values in rows:
            line = dict(zip(fields_, values, strict=True)) | {"key": key}
            ended = line["met"] + line["missed"]
            line["kept"] = round(100 * line["met"] / ended) if ended else None
            lines.append(line)
        return lines

    def _get_metric_lines(self) -> list[dict]:
        field = self.env["service.sla.report"]._fields["metric"]
        labels = dict(field._description_selection(self.env))
        lines = {line["key"]: line for line in self._get_lines("metric")}
        return [
            lines[metric] | {"label": label}
            for metric, label in labels.items()
            if metric in lines
        ]

    def _get_type_lines(self) -> list[dict]:
        return [
            line | {"label": line["key"].name or ""}
            for line in self._get_lines("type_id")
        ]

    def _get_trend(self) -> list[dict]:
        """The last months up to the end of the period, the oldest first."""
        last = self.date_to + relativedelta(day=1)
        months = []
        for back in reversed(range(TREND_MONTHS)):
            first = last - relativedelta(months=back)
            lines = self._get_lines(
                "company_id", first, first + relativedelta(day=31)
            ) or [{"promised": 0, "met": 0, "missed": 0, "kept": None}]
            months.append(lines[0] | {"label": f"{first:%Y-%m}"})
        return months

    def _get_misses(self):
        """The promises that were not kept, the latest first."""
        return self.env["service.sla.report"].search(
            self._get_domain(self.date_from, self.date_to)
            & Domain("outcome", "in", ("missed", "overdue")),
            limit=SHOWN_MISSES,
        )

    def _format_minutes(self, minutes) -> str:
        hours, rest = divmod(round(minutes or 0), 60)
        if not hours:
            return self.env._("%s min", rest)
        if not rest:
            return self.env._("%s h", hours)
        return self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
