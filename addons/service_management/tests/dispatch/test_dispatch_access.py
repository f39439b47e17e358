from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestDispatchAccess(ServiceCommon):
    """L6: who decides by what service points are chosen."""

    def test_managers_set_weights_and_dispatchers_read_them(self):
        weights = self.env["service.ranking.weight"]
        vals = {"type_id": self.type_repair.id, "objective": "distance", "weight": 5}
        weight = weights.with_user(self.manager).create(vals)
        weight.with_user(self.dispatcher).read(["weight"])
        for user in (self.dispatcher, self.agent, self.point_manager):
            with self.assertRaises(AccessError):
                weight.with_user(user).weight = 0
        with self.assertRaises(AccessError):
            weight.with_user(self.portal_point).read(["weight"])
