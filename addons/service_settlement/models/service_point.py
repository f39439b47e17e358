from odoo import api, fields, models

SETTLEMENT_RHYTHMS = [
    ("month", "Every Month"),
    ("half", "Every Half Month"),
    ("request", "On Request"),
]


class ServicePoint(models.Model):
    _inherit = "service.point"

    is_settled = fields.Boolean(
        compute="_compute_is_settled",
        store=True,
        readonly=False,
        precompute=True,
        help="Finished orders of this point become claims, statements and bills. "
        "On for partners, off for own centres, unless changed here.",
    )
    settled_since = fields.Date(
        compute="_compute_settled_since",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Set when the point begins to be settled. Parts sold to it before that "
        "day do not come onto its statements.",
    )
    settlement_rhythm = fields.Selection(
        SETTLEMENT_RHYTHMS,
        default="month",
        required=True,
        help="Which runs take the point along when they name no points: those of a "
        "month, those of half a month, or none of them.",
    )
    settlement_ids = fields.One2many("service.settlement", "point_id")
    settlement_count = fields.Integer(
        compute="_compute_settlement_count",
        groups="service_settlement.group_settlement_accountant",
    )

    @api.depends("ownership")
    def _compute_is_settled(self):
        for point in self:
            point.is_settled = point.ownership == "partner"

    @api.depends("is_settled")
    def _compute_settled_since(self):
        for point in self:
            if not point.is_settled:
                point.settled_since = False
            else:
                point.settled_since = point.settled_since or (
                    fields.Date.context_today(point)
                )

    def _compute_settlement_count(self):
        counts = dict(
            self.env["service.settlement"]._read_group(
                [("point_id", "in", self.ids)], ["point_id"], ["__count"]
            )
        )
        for point in self:
            point.settlement_count = counts.get(point, 0)

    def action_view_settlements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_settlement.action_service_settlement"
        )
        action["domain"] = [("point_id", "=", self.id)]
        action["context"] = {"default_point_id": self.id}
        return action
