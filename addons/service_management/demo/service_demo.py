from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.service_management.models.order.service_order_flow import Moments

from .order_player import OrderPlayer
from .order_stories import STORIES

# Pieces of each part on the shelf of headquarters, own centres and partners.
STOCK_BY_KIND = {"hq": 40, "centre": 8, "point": 4}
SCARCE_PARTS = {"compressor", "inverter_board"}
# Nobody acted on it for too long
ESCALATED_STORY = "robot_map"
# Nobody is told about what a demonstration makes up.
QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_quick_update": True,
    "tracking_disable": True,
}


class ServiceDemo(models.AbstractModel):
    """The part of the demonstration that records cannot say: what happened.

    Who and what there is (network, staff, customers, assets, contracts) are records
    in ``demo/<area>/``. What happened to the orders are stories
    (``order_stories``), and each is played through the methods that people's buttons
    call (``order_player``), at its own time: states, events, work items, offers,
    visits and stock moves agree because the product itself wrote them.

    ``demo/order/service_order_demo.xml`` calls ``_load`` once, when the demonstration
    data is loaded. Nothing else calls it: without demonstration data this model does
    nothing. Loaded twice, it changes nothing; on the same day it tells the same.
    """

    _name = "service.demo"
    _description = "Demonstration Data"

    @api.model
    def _load(self):
        first = f"service_management.demo_order_{STORIES[0].key}"
        if self.env.ref(first, raise_if_not_found=False):
            return
        company = self.env.ref("base.main_company")
        self = self.with_company(company).with_context(lang=None)
        self._load_stock()
        self._load_orders(fields.Datetime.now())
        self._load_escalations(fields.Datetime.now())

    @api.model
    def _load_stock(self):
        """Count the parts of each point in, long before the first order."""
        points = self.env["service.point"].search([("kind", "in", list(STOCK_BY_KIND))])
        parts = self.env["product.product"].search(
            [
                (
                    "categ_id",
                    "=",
                    self.env.ref("service_management.demo_category_part").id,
                )
            ],
            order="default_code",
        )
        scarce = self.env["product.product"].union(
            *(
                self.env.ref(f"service_management.demo_part_{key}")
                for key in SCARCE_PARTS
            )
        )
        quants = self.env["stock.quant"].with_context(inventory_mode=True)
        counted = quants.create(
            [
                {
                    "product_id": part.id,
                    "location_id": point.location_id.id,
                    "inventory_quantity": STOCK_BY_KIND[point.kind]
                    // (2 if part in scarce else 1),
                }
                for point in points
                for part in parts
            ]
        )
        counted.action_apply_inventory(fields.Datetime.now() - timedelta(days=100))

    @api.model
    def _load_orders(self, now):
        """Play the stories in the order in which the requests came."""
        env = self.with_context(**QUIET, service_moments=Moments()).env
        players = [
            OrderPlayer(env, story, number, now) for number, story in enumerate(STORIES)
        ]
        for player in sorted(players, key=lambda player: player.requested):
            player.play()
        self.env["service.sla.clock"]._mark_passed(now)

    @api.model
    def _load_escalations(self, now):
        """An order that nobody acted on: the next of the team, then the team above.

        Told by the product's own ladder, at the times at which it would have happened;
        a day from now it goes on climbing, as in life.
        """
        order = self.env.ref(f"service_management.demo_order_{ESCALATED_STORY}")
        item = order.workitem_ids.filtered(lambda item: item.state == "open")[:1]
        agent = self.env.ref("service_management.demo_user_agent")
        item.write({"user_id": agent.id, "escalate_at": item.deadline})
        for level in (1, 2):
            calendar = order._get_escalation_calendars()[order.id]
            moment = min(calendar.add(item.escalate_at, 0) or now, now)
            at_moment = Moments({order.id: moment})
            step = (
                self.env["service.escalation.step"]
                .with_context(**QUIET, service_moments=at_moment)
                .create(
                    {
                        "order_id": order.id,
                        "workitem_id": item.id,
                        "level": level,
                        "episode": item.episode,
                        "due_at": item.escalate_at,
                        "next_try_at": moment,
                    }
                )
            )
            step._queue_process_one()
            step.done_at = moment
        item.escalate_at = now + timedelta(days=1)
