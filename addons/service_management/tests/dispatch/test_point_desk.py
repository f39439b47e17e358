from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestPointDesk(ServiceCommon):
    """What a network manager reaches from the form of a service point."""

    def test_open_orders_of_a_branch_are_those_below_it(self):
        branch = self._make_point("Branch", kind="branch", coverage=False)
        self.point.parent_id = branch
        orders = self._make_accepted_order() + self._make_accepted_order()
        self._make_order()
        points = (branch + self.point).with_user(self.manager)
        self.assertEqual(points.mapped("tree_order_count"), [2, 2])
        action = points[0].action_view_open_orders()
        self.assertEqual(self.env["service.order"].search(action["domain"]), orders)
        orders[0]._set_state("cancelled")
        points.invalidate_recordset(["tree_order_count"])
        self.assertEqual(points.mapped("tree_order_count"), [1, 1])

    def test_open_orders_are_counted_at_once(self):
        points = self.point
        for number in range(4):
            points += self._make_point(f"More {number}", coverage=False)
        points = points.with_user(self.manager)
        points.mapped("tree_order_count")
        for part in (points[:1], points):
            self.env.invalidate_all()
            part.mapped("parent_path")
            with self.assertQueryCount(2):
                part.mapped("tree_order_count")

    def test_scorecards_of_the_point_best_rank_first(self):
        cards = self.env["service.scorecard"].sudo()
        values = {
            "kind": "point",
            "company_id": self.env.company.id,
            "period": "month",
            "date_start": "2026-01-01",
            "date_end": "2026-01-31",
            "has_score": True,
            "score": 95.9,
        }
        other = self._make_point("Other", coverage=False)
        second, first = cards.create(
            [
                {**values, "point_id": self.point.id, "rank": 2},
                {**values, "point_id": other.id, "rank": 1},
            ]
        )
        action = self.point.with_user(self.manager).action_view_scorecards()
        self.assertEqual(cards.search(action["domain"]), second)
        view = self.env["service.scorecard"].get_view(
            self.env.ref("service_management.service_scorecard_view_list").id
        )
        order = etree.fromstring(view["arch"]).get("default_order")
        self.assertEqual(
            cards.search([("id", "in", (first + second).ids)], order=order),
            first + second,
        )

    def test_a_technician_sees_the_own_scorecards(self):
        card = self.env["service.scorecard"].create(
            {
                "kind": "technician",
                "point_id": self.point.id,
                "technician_id": self.technician.id,
                "company_id": self.env.company.id,
                "period": "month",
                "date_start": "2026-01-01",
                "date_end": "2026-01-31",
            }
        )
        self.technician.user_id = self.technician_user
        menus = self.env["ir.ui.menu"].with_user(self.technician_user)
        shown = menus._visible_menu_ids()
        mine = self.env.ref("service_management.menu_service_scorecard_mine")
        everybody = self.env.ref("service_management.menu_service_scorecard")
        self.assertIn(mine.id, shown)
        self.assertNotIn(everybody.id, shown, "it begins with cards of points")
        self.assertIn(
            everybody.id, menus.with_user(self.point_manager)._visible_menu_ids()
        )
        action = mine.action
        user = self.technician_user
        domain = safe_eval(action.domain, {"uid": user.id})
        self.assertEqual(
            self.env[action.res_model].with_user(user).search(domain), card
        )

    def test_no_click_on_a_list_changes_who_is_excluded(self):
        """A toggle in a list writes at once, without a question."""
        views = self.env["ir.ui.view"].search(
            [("model", "=", "service.coverage"), ("type", "=", "list")]
        )
        for view in views:
            arch = etree.fromstring(
                self.env["service.coverage"].get_view(view.id, "list")["arch"]
            )
            (field,) = arch.xpath("//field[@name='is_exclusion']")
            self.assertFalse(field.get("widget"))

    def test_no_application_is_entered_as_approved(self):
        """The plus of a column fills in its state, which only the buttons may set."""
        arch = etree.fromstring(
            self.env["service.point.application"].get_view(view_type="kanban")["arch"]
        )
        self.assertEqual(arch.get("quick_create"), "0")
