from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestSlaAccess(SlaCommon):
    def test_who_may_do_what(self):
        day = self.env["service.workday"].create(
            {"name": "Bridge day", "date": "2026-03-07"}
        )
        order = self._request()
        order._dispatch()
        order.offer_ids.action_accept()
        records = {
            "service.sla.policy": self.policy,
            "service.sla.target": self.policy.target_ids[0],
            "service.workday": day,
            "service.sla.clock": order.sla_clock_ids[0],
        }
        reads = dict.fromkeys(records, "r")
        keeps = dict.fromkeys(records, "rwcd") | {"service.sla.clock": "r"}
        matrix = {
            self.agent: reads,
            self.dispatcher: reads,
            self.quality: reads,
            self.point_manager: reads,
            # Nothing of this order is the technician's
            self.technician_user: {**reads, "service.sla.clock": ""},
            self.manager: keeps,
            self.portal_customer: {},
            self.portal_point: {},
        }
        check_matrix(self, records, matrix)

    def test_a_point_sees_the_clocks_of_its_own_orders_only(self):
        order = self._request()
        clocks = self.env["service.sla.clock"].with_user(self.point_manager)
        self.assertFalse(clocks.search([("order_id", "=", order.id)]))

    def test_nobody_sets_a_clock_by_hand(self):
        order = self._request()
        for user in (self.agent, self.manager):
            with self.assertRaisesRegex(UserError, "not by hand"):
                order.with_user(user).write({"sla_state": "met"})
