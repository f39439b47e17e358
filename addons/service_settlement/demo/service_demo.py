from datetime import datetime, time, timedelta

from odoo import api, fields, models

from odoo.addons.service_management.demo.board_demo import get_board_stories
from odoo.addons.service_management.demo.order_player import ZONE, to_local, to_utc
from odoo.addons.service_management.demo.order_stories import STORIES
from odoo.addons.service_management.models.order.service_order_flow import Moments

# Whose statement of last month has been issued already; the others are to be settled.
ISSUED_POINTS = ("yuhang", "nanshan")
PAID_POINTS = ("yuhang", "pudong")
PRICED_AFTER = timedelta(minutes=10)


class ServiceDemo(models.AbstractModel):
    """What became of the finished orders: claims, two months of statements, bills.

    The month before last is billed, and partly paid. Of last month some points have
    their statement, the others wait for the accountant; so do a claim without a
    price, one to check and an adjustment.
    """

    _inherit = "service.demo"

    @api.model
    def _load_settlement(self):
        orders = self._get_orders()
        points = orders.point_id.filtered("is_settled")
        settlements = self.env["service.settlement"]
        if not points or settlements.search_count(
            [("point_id", "in", points.ids)], limit=1
        ):
            return
        company = self.env.ref("base.main_company")
        accountant = self.env.ref("service_settlement.demo_user_accountant")
        self = self.with_user(accountant).with_company(company)
        self._load_claims(orders.with_env(self.env))
        last = settlements._get_previous_month()
        before = [fields.Date.subtract(day, months=1) for day in last]
        before[1] = fields.Date.end_of(before[0], "month")
        self._settle(before, points, "billed")
        self._pay(before)
        self._decide_claims()
        self._load_advance(before[1])
        self._dispute_line(
            self._settle(last, self._get_points(ISSUED_POINTS), "issued")
        )

    @api.model
    def _get_orders(self):
        orders = self.env["service.order"]
        now = to_local(fields.Datetime.now())
        for story in (*STORIES, *get_board_stories(now)):
            order = self.env.ref(
                f"service_management.demo_order_{story.key}", raise_if_not_found=False
            )
            orders |= order or orders
        return orders.filtered(lambda order: order.state in ("done", "closed"))

    @api.model
    def _get_points(self, names):
        return self.env["service.point"].union(
            *(self.env.ref(f"service_management.demo_point_{name}") for name in names)
        )

    @api.model
    def _load_claims(self, orders):
        """The orders were done before there was a tariff: claim them now."""
        moments = Moments(
            {order.id: order.date_done + PRICED_AFTER for order in orders}
        )
        orders.with_context(service_moments=moments)._create_claims()

    @api.model
    def _get_claim(self, key):
        order = self.env.ref(f"service_management.demo_order_{key}")
        return self.env["service.claim"].search([("order_id", "=", order.id)])

    @api.model
    def _decide_claims(self):
        """What an accountant finds on the desk."""
        self._get_claim("television_restarts").action_back_to_check()
        self._get_claim("fridge_check").action_reject(
            "Agreed with the point: the check after the move is free of charge."
        )
        self._share_claim(
            "laptop_battery",
            supplier_percent=60.0,
            note="A batch of batteries that its maker answers for.",
        )
        self._share_claim(
            "meeting_ac_panel",
            customer_percent=50.0,
            note="The panel was broken while the room was cleaned.",
        )
        claim = self._get_claim("television_no_picture")
        self.env["service.settlement.adjustment"].create(
            {
                "point_id": claim.point_id.id,
                "claim_id": claim.id,
                "date": fields.Date.add(claim.date, months=1),
                "amount": 8.0,
                "reason": "A second trip to fetch the power board was not paid.",
            }
        )

    @api.model
    def _share_claim(self, key, **vals):
        """Supplier or customer bear a part of it, and nobody has asked them yet."""
        claim = self._get_claim(key)
        claim.action_back_to_check()
        claim.line_ids.filtered(lambda line: line.kind == "labour").write(
            {"payer": "shared", **vals}
        )
        claim.action_approve()

    @api.model
    def _load_advance(self, day):
        """One point got money ahead; its statements pay it back bit by bit."""
        self.env["service.settlement.advance"].create(
            {
                "name": "Tools for the new workshop",
                "point_id": self._get_points(ISSUED_POINTS[1:]).id,
                "date": day,
                "amount": 600.0,
                "share_max": 0.2,
            }
        )
        manager = self.env.ref("base.user_admin")
        # sudo: service.settlement.tier: kept by managers
        self.env["service.settlement.tier"].sudo().create(
            {
                "name": "Head of accounting",
                "amount_min": 10000.0,
                "user_ids": [(6, 0, manager.ids)],
            }
        )

    @api.model
    def _dispute_line(self, settlements):
        """A point does not agree with one line of what was issued to it."""
        for settlement in settlements:
            users = settlement.point_id.user_ids.filtered("share")
            line = settlement.claim_ids.line_ids[:1]
            if users and line:
                settlement.with_user(users[0])._dispute(
                    [
                        {
                            "claim_line_id": line.id,
                            "amount_asked": line.amount_approved + 30.0,
                            "reason": "Two technicians were needed: the machine "
                            "weighs 90 kg.",
                        }
                    ]
                )
                return

    @api.model
    def _settle(self, period, points, until):
        """Run the settlement of a period, as on the first days of the next month."""
        issued = self._get_clock(fields.Date.add(period[1], days=2), 10)
        confirmed = self._get_clock(fields.Date.add(period[1], days=4), 15)
        orders = (
            self.env["service.claim"].search([("point_id", "in", points.ids)]).order_id
        )
        moments = Moments.fromkeys(orders.ids, confirmed)
        settlements, __ = (
            self.env["service.settlement"]
            .with_context(service_moments=moments)
            ._run(self.env.company, *period, points, until)
        )
        for settlement in settlements:
            dates = {"issued_on": issued}
            if settlement.confirmed_on:
                dates["confirmed_on"] = confirmed
            settlement._write_flow(dates)
        return settlements

    @api.model
    def _pay(self, period):
        """Pay two of the bills, where there is a bank to pay from."""
        moves = (
            self.env["service.settlement"]
            .search(
                [
                    ("point_id", "in", self._get_points(PAID_POINTS).ids),
                    ("date_to", "=", period[1]),
                ]
            )
            .move_id
        )
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        for move in moves.filtered(lambda move: bank and move.state == "posted"):
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create(
                {
                    "journal_id": bank.id,
                    "payment_date": fields.Date.add(period[1], days=12),
                }
            ).action_create_payments()

    @api.model
    def _get_clock(self, day, hour):
        moment = to_utc(datetime.combine(day, time(hour), ZONE))
        return min(moment, fields.Datetime.now())
