from odoo.tests import TransactionCase, tagged

from odoo.addons.service_management.models.catalog.service_stage import ORDER_STATES


@tagged("post_install", "-at_install")
class TestStage(TransactionCase):
    def test_every_state_has_a_stage(self):
        for state, _label in ORDER_STATES:
            with self.subTest(state):
                stage = self.env["service.stage"]._get_by_state(state)
                self.assertEqual(stage.state, state)

    def test_first_stage_of_a_state_by_sequence(self):
        stage_model = self.env["service.stage"]
        first = stage_model._get_by_state("new")
        other = stage_model.create(
            {"name": "Just In", "state": "new", "sequence": first.sequence - 1}
        )
        self.assertEqual(stage_model._get_by_state("new"), other)
        other.sequence = first.sequence + 1
        self.assertEqual(stage_model._get_by_state("new"), first)
        other.sequence = first.sequence - 1
        other.unlink()
        self.assertEqual(stage_model._get_by_state("new"), first)

    def test_state_without_stage_is_empty(self):
        self.assertFalse(self.env["service.stage"]._get_by_state("nowhere"))

    def test_asked_twice_costs_no_query(self):
        stage_model = self.env["service.stage"]
        stage_model._get_by_state("done")
        with self.assertQueryCount(0):
            stage_model._get_by_state("done")
