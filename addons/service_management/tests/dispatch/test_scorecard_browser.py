from datetime import date

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestDecideProgress(HttpCase, ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager.password = "test_manager"
        points = cls.point + cls._make_point("Second Point")
        cards = cls.env["service.scorecard"].create(
            [
                {
                    "point_id": point.id,
                    "company_id": point.company_id.id,
                    "kind": "point",
                    "period": "month",
                    "date_start": date(2026, 3, 1),
                    "date_end": date(2026, 3, 31),
                }
                for point in points
            ]
        )
        cls.proposals = cls.env["service.scorecard.proposal"].create(
            [
                {
                    "scorecard_id": card.id,
                    "point_id": card.point_id.id,
                    "step": "warning",
                    "decision": "warning",
                    "reason": "Late",
                    "state": "queued",
                    "queue_state": "pending",
                    "asked_by_id": cls.manager.id,
                    "asked_at": fields.Datetime.now(),
                }
                for card in cards
            ]
        )
        cls.proposals[0].write({"state": "decided", "queue_state": "done"})

    def _ask(self, user):
        return self.proposals.with_user(user).get_decision_progress()

    def test_how_far_the_own_decisions_are(self):
        self.assertEqual(self._ask(self.manager), {"total": 2, "done": 1})
        self.assertEqual(self._ask(self.quality), {"total": 0, "done": 0})
        self.proposals[1].write({"state": "decided", "queue_state": "done"})
        self.assertEqual(self._ask(self.manager), {"total": 0, "done": 0})

    def test_the_list_shows_it(self):
        action = self.env.ref("service_management.action_service_scorecard_proposal")
        self.start_tour(
            f"/odoo/action-{action.id}", "service_decide_progress", login="test_manager"
        )
