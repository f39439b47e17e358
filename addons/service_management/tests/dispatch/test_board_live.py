import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.bus.models import ir_websocket as core
from odoo.addons.service_management.models.dispatch.ir_websocket import BOARD_CHANNEL
from odoo.addons.service_management.tests.common import MONDAY

from .test_board import BoardCommon


@tagged("post_install", "-at_install")
@freeze_time(MONDAY - timedelta(days=3))
class TestBoardLive(BoardCommon):
    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()

    def _sent(self, work) -> list[dict]:
        """What boards are told when the work is committed."""
        hooks = self.env.cr.postcommit
        hooks.clear()
        last = self.env["bus.bus"].sudo()._bus_last_id()
        work()
        self.env.flush_all()
        hooks.run()
        rows = self.env["bus.bus"].sudo().search([("id", ">", last)])
        sent = []
        for row in rows:
            message = json.loads(row.message)
            if message["type"] == "service_board/changed":
                self.assertIn(BOARD_CHANNEL, row.channel)
                sent.append(message["payload"])
        return sent

    def test_one_commit_is_one_message_per_company_with_ids_only(self):
        orders = self._make_accepted_order() | self._make_accepted_order(
            description="second"
        )

        def plan():
            for number, order in enumerate(orders):
                self._make_visit(order, start=MONDAY + timedelta(hours=number))

        (payload,) = self._sent(plan)
        self.assertEqual(
            payload,
            {
                "company_id": self.env.company.id,
                "order_ids": sorted(orders.ids),
                "board": False,
            },
        )

    def test_every_step_of_an_order_is_told(self):
        order = self._make_order()
        visit = None
        steps = [
            lambda: order._dispatch(),
            lambda: order.offer_ids.action_accept(),
            lambda: self._make_visit(order, start=MONDAY),
            lambda: visit.action_reschedule(
                MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2)
            ),
            lambda: visit.action_en_route(),
            lambda: visit.action_on_site(),
            lambda: visit.action_cancel(),
        ]
        for step in steps:
            (payload,) = self._sent(step)
            self.assertEqual(payload["order_ids"], order.ids)
            visit = order.visit_ids

    def test_what_a_board_does_not_show_is_not_told(self):
        order = self._make_order()
        self.assertFalse(self._sent(lambda: order._log_event("call", name="hello")))

    def test_a_board_knows_its_own_moves(self):
        visit = self._make_visit(start=MONDAY)
        board = self.board.with_context(service_board="token-1")
        (payload,) = self._sent(
            lambda: board.move_visit(
                visit.id,
                self.technician.ids,
                self._expected(visit)["start"] + 3600,
                self._expected(visit)["end"] + 3600,
                self._expected(visit),
            )
        )
        self.assertEqual(payload["board"], "token-1")

    def test_an_import_is_one_word_to_refresh(self):
        orders = self._make_order()
        orders |= orders.create([orders.copy_data()[0] for __ in range(200)])
        (payload,) = self._sent(lambda: orders._tell_boards())
        self.assertFalse(payload["order_ids"])

    def test_only_who_has_a_board_is_subscribed(self):
        websocket = self.env["ir.websocket"]
        company = self.env.company
        for user, has_board in (
            (self.dispatcher, True),
            (self.manager, True),
            (self.point_manager, True),
            (self.agent, False),
            (self.technician_user, False),
            (self.portal_point, False),
        ):
            with self.subTest(user=user.login):
                channels = self._build_channels(websocket.with_user(user))
                own = [one for one in channels if isinstance(one, tuple)]
                self.assertEqual((company, BOARD_CHANNEL) in own, has_board)
                self.assertFalse(
                    [one for one in channels if isinstance(one, str) and "board" in one]
                )

    def _build_channels(self, websocket):
        class Request:
            class session:
                uid = websocket.env.uid

        with (
            patch.object(core, "wsrequest", Request),
            patch.object(core, "request", None),
        ):
            return websocket._build_bus_channel_list([BOARD_CHANNEL])
