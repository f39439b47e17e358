from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon

SECRET_MESSAGE = "The secret word is quartz."


@tagged("post_install", "-at_install")
class TestShare(ServiceCommon):
    """Shared orders are seen in every way, by whom they are shared with only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requester = new_test_user(
            cls.env,
            "test_requester",
            groups="service_management.group_service_requester,base.group_allow_export",
        )
        cls.stranger = new_test_user(
            cls.env,
            "test_stranger",
            groups="service_management.group_service_requester,base.group_allow_export",
        )
        for user in (cls.point_manager, cls.technician_user):
            user.group_ids += cls.env.ref("base.group_allow_export")
        cls.team = cls.env["service.team"].create(
            {"name": "Sharers", "member_ids": [Command.link(cls.requester.id)]}
        )
        cls.order = cls._make_order()
        cls.order.with_user(cls.agent).message_post(body=SECRET_MESSAGE)
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "quartz.txt",
                "raw": b"quartz",
                "res_model": "service.order",
                "res_id": cls.order.id,
            }
        )

    def _share(self, **vals):
        return (
            self.env["service.order.share"]
            .with_user(self.agent)
            .create({"order_id": self.order.id, **vals})
        )

    def _get_ways(self, user) -> dict:
        """What the user gets of the order, by each way of asking."""
        env = self.env(user=user)
        env.invalidate_all()
        orders = env["service.order"]
        order = orders.browse(self.order.id)

        def allowed(ask):
            try:
                return bool(ask())
            except AccessError:
                return False

        asset = self.order.asset_id
        mine = [("id", "=", order.id)]
        return {
            "read": allowed(lambda: order.read(["description"])),
            "web_read": allowed(lambda: order.web_read({"description": {}})),
            "search": allowed(lambda: orders.search(mine)),
            "count": allowed(lambda: orders.search_count(mine)),
            "group": allowed(
                lambda: orders.formatted_read_group(mine, ["state"], ["__count"])
            ),
            "name_search": allowed(lambda: orders.name_search(self.order.name)),
            "export": allowed(lambda: order.export_data(["description"])["datas"]),
            "asset": allowed(
                lambda: env["service.asset"].search([("id", "=", asset.id)])
            ),
            "events": allowed(
                lambda: env["service.order.event"].search([("order_id", "=", order.id)])
            ),
            "items": allowed(
                lambda: env["service.workitem"].search([("order_id", "=", order.id)])
            ),
            "messages": allowed(
                lambda: env["mail.message"].search(
                    [("model", "=", "service.order"), ("body", "ilike", "quartz")]
                )
            ),
            "attachments": allowed(
                lambda: env["ir.attachment"].search(
                    [("res_model", "=", "service.order"), ("name", "=", "quartz.txt")]
                )
            ),
            "bytes": allowed(
                lambda: env["ir.attachment"].browse(self.attachment.id).raw
            ),
        }

    def assertSees(self, user, expected):
        for way, found in self._get_ways(user).items():
            with self.subTest(user=user.login, way=way):
                self.assertEqual(found, expected)

    def test_person_team_and_point_see_what_is_shared_and_nobody_else(self):
        cases = [
            ({"user_id": self.requester.id}, self.requester),
            ({"team_id": self.team.id}, self.requester),
            ({"point_id": self.point.id}, self.point_manager),
            ({"user_id": self.technician_user.id}, self.technician_user),
        ]
        for vals, user in cases:
            self.assertSees(user, False)
            share = self._share(**vals)
            self.assertSees(user, True)
            self.assertSees(self.stranger, False)
            share.unlink()
            self.assertSees(user, False)

    def test_share_ends_with_its_last_day(self):
        today = fields.Date.today()
        share = self._share(user_id=self.requester.id, until=today)
        self.assertSees(self.requester, True)
        share.until = today - timedelta(days=1)
        self.assertSees(self.requester, False)
        self.assertFalse(share.is_current)
        self.assertFalse(
            self.env["service.order.share"]
            .with_user(self.requester)
            .search([("order_id", "=", self.order.id)])
        )

    def test_L6_read_reads_and_work_works(self):
        order = self.order.with_user(self.requester)
        share = self._share(user_id=self.requester.id)
        self.assertTrue(order.has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(order.has_access(operation))
        with self.assertRaises(AccessError):
            order.action_cancel()
        with self.assertRaises(AccessError):
            order.workitem_ids[-1:].action_take()
        share.level = "work"
        self.assertTrue(order.has_access("write"))
        self.assertFalse(order.has_access("unlink"))
        order.workitem_ids[-1:].action_take()
        self.assertEqual(order.workitem_ids[-1:].user_id, self.requester)
        order.outcome_note = "It squealed."
        with self.assertRaises(UserError):
            order.write({"state": "closed"})

    def test_who_works_on_a_shared_order_does_not_make_it_another_customers(self):
        stranger = self.env["res.partner"].create({"name": "Another Customer"})
        foreign = self.env["service.asset"].create(
            {
                "partner_id": stranger.id,
                "product_id": self.product.id,
                "serial": "FOREIGN-1",
            }
        )
        self._share(user_id=self.requester.id, level="work")
        self._share(point_id=self.point.id, level="work")
        for user in (self.requester, self.point_manager):
            order = self.order.with_user(user)
            for vals in (
                {"asset_id": foreign.id},
                {"partner_id": stranger.id},
                {"contract_id": False},
                {"company_id": self.env.company.id},
                {"user_id": user.id},
                {"outcome_note": "Both", "priority": "3"},
            ):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaisesRegex(
                        AccessError, "only the service desk changes this"
                    ):
                        order.write(vals)
            self.assertFalse(foreign.with_user(user).has_access("read"))
            order.write({"outcome": "fixed", "date_preferred": "Mornings"})
            order.message_subscribe(partner_ids=user.partner_id.ids)
            order.activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id, summary="Look again"
            )
        self.order.with_user(self.agent).write({"partner_id": stranger.id})

    def test_technician_of_the_crew_still_only_reads(self):
        visit = self._make_visit()
        order = visit.order_id.with_user(self.technician_user)
        self.assertTrue(order.has_access("read"))
        self.assertFalse(order.has_access("write"))

    def test_matrix(self):
        share = self._share(user_id=self.requester.id)
        every = "rwcd"
        check_matrix(
            self,
            {"order": self.order, "share": share},
            {
                self.requester: {"order": "r", "share": "r"},
                self.stranger: {},
                self.agent: {"order": every, "share": every},
                self.dispatcher: {"order": every, "share": every},
                self.quality: {"order": "r", "share": "r"},
                self.manager: {"order": every, "share": every},
                self.technician_user: {},
                self.point_manager: {},
                self.portal_point: {},
            },
        )

    def test_who_reads_cannot_share_further(self):
        self._share(user_id=self.requester.id, level="work")
        with self.assertRaises(AccessError):
            self.env["service.order.share"].with_user(self.requester).create(
                {"order_id": self.order.id, "user_id": self.stranger.id}
            )
        with self.assertRaises(AccessError):
            self.order.with_user(self.requester).write(
                {"share_ids": [Command.create({"user_id": self.stranger.id})]}
            )

    def test_timeline_says_who_shared_what(self):
        share = self._share(user_id=self.requester.id)
        share.unlink()
        events = self.order.event_ids.filtered(
            lambda event: event.kind in ("shared", "unshared")
        )
        self.assertEqual(events.mapped("kind"), ["shared", "unshared"])
        self.assertEqual(events.user_id, self.agent)

    def test_form_opens_for_whom_it_is_shared_with(self):
        self._share(user_id=self.requester.id)
        form = Form(self.order.with_user(self.requester))
        self.assertEqual(form.description, "It does not spin.")

    # Control

    def test_creator_passes_control_and_keeps_reading(self):
        order = self._make_order(
            user_id=self.requester.id, type_id=self.type_consulting.id
        )
        self.assertFalse(order.with_user(self.requester).has_access("read"))
        order._share_with(self.requester, "read")
        wizard = (
            self.env["service.order.handover"]
            .with_user(self.requester)
            .create(
                {
                    "order_ids": [Command.set(order.ids)],
                    "user_id": self.dispatcher.id,
                    "reason": "Yours to plan.",
                }
            )
        )
        wizard.action_confirm()
        self.assertEqual(order.user_id, self.dispatcher)
        item = order.workitem_ids.filtered(lambda item: item.state == "open")
        self.assertEqual(item.user_id, self.dispatcher)
        self.assertTrue(order.with_user(self.requester).has_access("read"))
        self.assertFalse(order.with_user(self.requester).has_access("write"))
        event = order.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertIn("Yours to plan.", event.name)
        self.assertEqual(event.user_id, self.requester)
        # It is not theirs any more to pass on
        with self.assertRaises(AccessError):
            order.with_user(self.requester)._hand_over_control(self.requester)

    def test_dispatcher_passes_it_on_to_an_engineer_who_may_work(self):
        order = self._make_order(user_id=self.dispatcher.id)
        order.with_user(self.dispatcher)._hand_over_control(self.technician_user)
        order = order.with_user(self.technician_user)
        self.assertTrue(order.has_access("write"))
        self.assertEqual(order.sudo().share_ids.mapped("level").count("work"), 1)

    def test_control_goes_to_staff_only(self):
        with self.assertRaises(UserError):
            self._make_order()._hand_over_control(self.portal_point)

    def test_without_keep_reading_no_share_is_left(self):
        order = self._make_order(user_id=self.agent.id)
        order.with_user(self.agent)._hand_over_control(
            self.dispatcher, keep_reading=False
        )
        self.assertFalse(order.share_ids)
