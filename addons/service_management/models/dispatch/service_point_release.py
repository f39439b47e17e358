from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

BEGUN_VISITS = ("en_route", "on_site")


class ServicePointRelease(models.Model):
    """An order that a suspended or terminated point lets go of, to be seen to in the
    background: one bad order does not stop the others."""

    _name = "service.point.release"
    _description = "Order Let Go by a Service Point"
    _inherit = "service.queue.mixin"
    _order = "id desc"
    _rec_name = "order_id"

    _queue_cron = "service_management.cron_point_release"
    _queue_job = "point_release"

    change_id = fields.Many2one(
        "service.point.change",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    point_id = fields.Many2one(related="change_id.point_id", store=True, index=True)
    company_id = fields.Many2one(related="change_id.company_id", store=True)
    order_id = fields.Many2one(
        "service.order", required=True, index=True, ondelete="cascade", readonly=True
    )
    result = fields.Selection(
        [
            ("released", "Dispatched Anew"),
            ("withdrawn", "Offer Withdrawn"),
            ("kept", "Under Way: Stays"),
            ("none", "Nothing to Do"),
        ],
        readonly=True,
    )

    def _queue_process(self):
        self.result = self._release()

    def _release(self) -> str:
        order, point, change = self.order_id, self.point_id, self.change_id
        reason = change.reason or ""
        if order.state in FINISHED_STATES or point._is_open():
            return "none"
        waiting = order.offer_ids.filtered(
            lambda offer: offer.state == "offered" and offer.point_id == point
        )
        if waiting:
            waiting._withdraw_all(reason)
            return "withdrawn"
        if change.orders != "redispatch" or order.point_id != point:
            return "none"
        if order.state == "in_progress" or order.visit_ids.filtered(
            lambda visit: visit.state in BEGUN_VISITS
        ):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "%(point)s has left: the visit is under way",
                    point=point.display_name,
                ),
                note=reason,
                user_id=(order.user_id or self.env["service.job"]._get_manager()).id,
            )
            return "kept"
        order.action_redispatch(reason)
        order._dispatch()
        return "released"


class ServicePoint(models.Model):
    _inherit = "service.point"

    release_ids = fields.One2many("service.point.release", "point_id")
    open_order_count = fields.Integer(
        string="Open Orders", compute="_compute_open_order_count"
    )

    def _compute_open_order_count(self):
        # sudo: service.order: how many there are is what is asked
        counts = dict(
            self.env["service.order"]
            .sudo()
            ._read_group(
                Domain("point_id", "in", self.ids)
                & Domain("state", "not in", FINISHED_STATES),
                ["point_id"],
                ["__count"],
            )
        )
        for point in self:
            point.open_order_count = counts.get(point._origin, 0)

    def _get_orders_to_release(self, ways):
        orders = super()._get_orders_to_release(ways)
        domain = Domain("offer_ids", "any", self._get_waiting_domain())
        if ways == "redispatch":
            domain |= Domain("point_id", "in", self.ids)
        # sudo: service.order: no open order may be overlooked, whoever may see it
        model = self.env["service.order"].sudo()
        return model.browse(order.id for order in orders) | model.search(
            domain & Domain("state", "not in", FINISHED_STATES)
        )

    @api.model
    def _get_offered_domain(self):
        return Domain("state", "=", "offered")

    def _get_waiting_domain(self):
        return self._get_offered_domain() & Domain("point_id", "in", self.ids)

    def _release_orders(self, orders, change):
        result = super()._release_orders(orders, change)
        # sudo: service.point.release: made with the change, by nobody's hand
        self.env["service.point.release"].sudo().create(
            [{"change_id": change.id, "order_id": order.id} for order in orders]
        )
        return result

    def _get_open_order_counts(self) -> dict:
        counts = super()._get_open_order_counts()
        # sudo: service.order: how many there are is what is asked
        orders = self.env["service.order"].sudo()
        domain = Domain("point_id", "in", self.ids) & Domain(
            "state", "not in", FINISHED_STATES
        )
        begun = Domain("state", "=", "in_progress") | Domain(
            "visit_ids", "any", [("state", "in", BEGUN_VISITS)]
        )
        counts["open"] += orders.search_count(domain)
        counts["begun"] += orders.search_count(domain & begun)
        return counts

    def _get_review_figures(self) -> list[str]:
        self.ensure_one()
        figures = super()._get_review_figures()
        # sudo: service.offer, service.order: figures of the whole point
        states = dict(
            self.env["service.offer"]
            .sudo()
            ._read_group([("point_id", "=", self.id)], ["state"], ["__count"])
        )
        done = (
            self.env["service.order"]
            .sudo()
            .search_count(
                [("point_id", "=", self.id), ("state", "in", ("done", "closed"))]
            )
        )
        figures.append(
            self.env._(
                "Offers: %(all)s, accepted %(accepted)s, refused %(refused)s, not "
                "answered %(expired)s. Orders done: %(done)s. Satisfaction: "
                "%(satisfaction)s%%.",
                all=sum(states.values()),
                accepted=states.get("accepted", 0),
                refused=states.get("rejected", 0),
                expired=states.get("expired", 0),
                done=done,
                satisfaction=round(100 * self.satisfaction),
            )
        )
        return figures
