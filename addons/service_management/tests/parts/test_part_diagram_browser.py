from odoo.tests import HttpCase, tagged

from .test_part_diagram import DiagramCommon


@tagged("post_install", "-at_install")
class TestPartDiagramBrowser(HttpCase, DiagramCommon):
    """A marker is placed; an agent and a technician choose a part on the picture."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.quality, cls.agent, cls.technician_user):
            user.password = user.login

    def test_quality_places_a_marker(self):
        self.start_tour(
            f"/odoo/service-parts-pictures/{self.diagram.id}",
            "service_part_diagram_edit",
            login=self.quality.login,
        )
        new = self.diagram.hotspot_ids - self.hotspot - self.nameless
        self.assertRecordValues(new, [{"number": 3, "part_id": self.serial_part.id}])
        self.assertAlmostEqual(new.x, 50, delta=1)
        self.assertAlmostEqual(new.y, 80, delta=1)

    def test_agent_expects_a_part(self):
        self._stock(self.part, 3)
        order = self._make_accepted_order()
        self.start_tour(
            f"/odoo/service-orders/{order.id}",
            "service_part_diagram_expect",
            login=self.agent.login,
        )
        self.assertRecordValues(
            order.part_need_ids, [{"product_id": self.part.id, "quantity": 1}]
        )

    def test_technician_notes_a_part(self):
        self._stock(self.part, 3)
        visit = self._make_visit()
        self.start_tour(
            f"/odoo/service-visits/{visit.id}",
            "service_part_diagram_use",
            login=self.technician_user.login,
        )
        self.assertRecordValues(
            visit.move_ids, [{"product_id": self.part.id, "product_uom_qty": 1}]
        )
