from odoo.exceptions import AccessError, UserError
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

    def test_batches_are_the_dispatchers_work(self):
        self._make_order()
        runs = self.env["service.dispatch.run"]
        run = runs.with_user(self.dispatcher).create({})
        run.action_compute()
        line = run.line_ids[:1]
        price = self.env["service.dispatch.price"].create(
            {
                "run_id": run.id,
                "point_id": self.point.id,
                "day": "2026-03-02",
                "price": 1.0,
            }
        )
        share = self.env["service.dispatch.share"].create(
            {"point_id": self.point.id, "most": 0.5}
        )
        records = (run, line, price, share)
        for record in records:
            record.with_user(self.dispatcher).read(["display_name"])
            for user in (self.agent, self.technician_user, self.portal_point):
                with self.assertRaises(AccessError, msg=f"{user.login} {record}"):
                    record.with_user(user).read(["display_name"])
        for record in (line, price, share):
            with self.assertRaises(AccessError):
                record.with_user(self.dispatcher).unlink()
        share.with_user(self.manager).least = 0.1
        with self.assertRaisesRegex(UserError, "Only a dispatcher"):
            run.with_user(self.agent).action_apply()
        with self.assertRaises(AccessError):
            self.env["service.dispatch.run.line"].with_user(self.dispatcher).create(
                {"run_id": run.id, "order_id": line.order_id.id, "state": "proposed"}
            )

    def test_batches_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Second"})
        run = self.env["service.dispatch.run"].create({"company_id": company.id})
        self.assertFalse(run.with_user(self.dispatcher).search([("id", "=", run.id)]))
