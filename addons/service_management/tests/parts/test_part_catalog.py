from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import PartCommon


@tagged("post_install", "-at_install")
class TestPartCatalog(PartCommon):
    """What fits, what follows, what goes along."""

    def _part(self, name, **vals):
        return self.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": True, **vals}
        )

    def _fit(self, part):
        return self.env["service.part.bom"].create(
            {"product_tmpl_id": self.product.product_tmpl_id.id, "part_id": part.id}
        )

    def test_successors_are_a_chain_without_a_circle(self):
        first, second, third = (self._part(name) for name in "abc")
        first.service_successor_id = second
        second.service_successor_id = third
        substitute = self._part("d")
        second.service_substitute_ids = substitute
        self.assertEqual(
            first._get_part_choices().ids,
            (first + second + third + substitute).ids,
        )
        with self.assertRaisesRegex(ValidationError, "its own"):
            third.service_successor_id = first

    def test_the_template_shows_what_its_variant_keeps(self):
        part, successor = self._part("a"), self._part("b")
        part.product_tmpl_id.service_successor_id = successor
        self.assertEqual(part.service_successor_id, successor)
        self.assertEqual(
            self.env["product.template"].search(
                [("service_successor_id", "=", successor.id)]
            ),
            part.product_tmpl_id,
        )

    def test_whether_a_part_fits(self):
        fits = self.env["service.part.bom"]._get_fits
        other = self._part("other")
        pair = (self.product.id, self.part.id)
        self.assertEqual(fits([(self.product, self.part)])[pair], "unknown")
        self._fit(other)
        self.assertEqual(fits([(self.product, self.part)])[pair], "no")
        other.service_successor_id = self.part
        self.assertEqual(fits([(self.product, self.part)])[pair], "yes")

    def test_a_part_that_does_not_fit_is_noted_with_a_warning(self):
        self._fit(self._part("other"))
        visit = self._make_visit()
        form = Form(
            self.env["service.visit.part"]
            .with_user(self.technician_user)
            .with_context(default_visit_id=visit.id)
        )
        self.assertTrue(form.fits_only)
        form.fits_only = False
        form.product_id = self.part
        self.assertIn("Not in the spare-part list", form.warning)
        form.save().action_confirm()
        self.assertIn("Not in", visit.part_lines[0]["warning"])
        self.assertEqual(visit.move_ids.service_fits, "no")

    def test_a_kit_takes_its_accessories_along(self):
        seal, screws = self._part("seal"), self._part("screws")
        self.part.service_kit_ids = [
            (0, 0, {"part_id": seal.id, "quantity": 2}),
            (0, 0, {"part_id": screws.id, "quantity": 4}),
        ]
        for part in (self.part, seal, screws):
            self._stock(part, 20)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 2)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(
            {
                move.product_id: move.quantity
                for move in visit.move_ids
                if move.service_kind == "use"
            },
            {self.part: 2, seal: 4, screws: 8},
        )

    def test_a_kit_that_is_not_in_stock_is_a_name_only(self):
        seal = self._part("seal")
        kit = self._part("service kit", is_storable=False)
        kit.service_kit_ids = [(0, 0, {"part_id": seal.id, "quantity": 3})]
        self._stock(seal, 5)
        visit = self._make_visit()
        visit.action_add_part(kit.id, 1)
        self.assertEqual(
            [(line["name"], line["quantity"]) for line in visit.part_lines],
            [("seal", 3)],
        )

    def test_kits_are_flat(self):
        seal, ring = self._part("seal"), self._part("ring")
        self.part.service_kit_ids = [(0, 0, {"part_id": seal.id})]
        with self.assertRaises(ValidationError):
            seal.service_kit_ids = [(0, 0, {"part_id": ring.id})]
        with self.assertRaises(ValidationError):
            ring.service_kit_ids = [(0, 0, {"part_id": self.part.id})]

    def test_the_point_is_not_served_from_a_van(self):
        """A van stands beside the point: its parts are its own."""
        self._put(self.part, self.van, 3)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1)
        with self.assertRaisesRegex(UserError, "holds 0"):
            visit.action_done({"outcome": "fixed"})

    def test_a_part_from_the_own_van(self):
        self._put(self.part, self.van, 3)
        visit = self._make_visit()
        visit.action_add_part(self.part.id, 1, location_id=self.van.id)
        visit.action_done({"outcome": "fixed"})
        self.assertEqual(self._held(self.van), 2)
