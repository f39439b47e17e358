"""What a run came to is written by the run, never by whoever may ask for one."""

from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestRunGuard(ServiceCommon):
    def test_results_are_not_given_at_creation_nor_written(self):
        cases = {
            "service.planning.run": {
                "state": "proposed",
                "travel_after": 5,
                "line_ids": [(0, 0, {})],
                "done_point_ids": [(6, 0, self.point.ids)],
            },
            "service.dispatch.run": {
                "state": "proposed",
                "mode": "online",
                "cost": 1.0,
                "line_ids": [(0, 0, {})],
            },
        }
        for model, results in cases.items():
            runs = self.env[model].with_user(self.dispatcher)
            run = runs.create({})
            for name, value in results.items():
                with self.subTest(model, field=name):
                    with self.assertRaises(AccessError):
                        runs.create({name: value})
                    if name == "line_ids" and model == "service.dispatch.run":
                        continue  # its rows are edited in the form, by their own rules
                    with self.assertRaises(AccessError):
                        run.write({name: value})

    def test_nor_by_the_defaults_of_a_context(self):
        for model in ("service.planning.run", "service.dispatch.run"):
            runs = self.env[model].with_user(self.dispatcher)
            run = runs.with_context(default_state="proposed").create({})
            self.assertEqual(run.state, "draft")
        orders = self.env["service.order"].with_user(self.agent)
        with self.assertRaises(UserError):
            orders.with_context(default_point_id=self.point.id).create(
                {
                    "partner_id": self.customer.id,
                    "type_id": self.type_repair.id,
                    "description": "It does not spin.",
                }
            )

    def test_what_the_customer_said_is_not_written_by_the_desk(self):
        order = self._make_order().with_user(self.agent)
        for vals in (
            {"rating_last_value": 5.0},
            {"rating_asked_at": fields.Datetime.now()},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                order.write(vals)

    def test_days_off_that_no_calendar_holds(self):
        technician = self.technician.with_user(self.point_manager)
        for first, last in (
            (date(1, 1, 1), date(1, 1, 2)),
            (date.today(), date(9999, 12, 31)),
            (date.today(), date(2199, 1, 1)),
        ):
            with (
                self.subTest(first, last=last),
                self.assertRaisesRegex(UserError, "Days of time off"),
            ):
                technician._add_days_off(first, last)
