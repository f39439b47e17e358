from datetime import timedelta

from odoo import fields

from odoo.addons.service_management.tests.common import ServiceCommon


class PartCommon(ServiceCommon):
    """A recoverable part, a van, stock in the central warehouse."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.part.write(
            {
                "categ_id": cls.env["product.category"].create({"name": "Parts"}).id,
                "service_recoverable": True,
                "standard_price": 20,
            }
        )
        cls.serial_part = cls.env["product.product"].create(
            {
                "name": "Test Board",
                "type": "consu",
                "is_storable": True,
                "tracking": "serial",
                "service_recoverable": True,
                "standard_price": 50,
            }
        )
        cls.technician.vehicle = "Z 1"
        cls.van = cls.technician.vehicle_location_id
        cls.central = cls.company._get_part_location("central")

    @classmethod
    def _make_visit(cls, order=None, start=None, hours=1.0):
        """One after the other: nobody is booked twice."""
        cls.visit_count = getattr(cls, "visit_count", 0) + 1
        start = start or fields.Datetime.now() + timedelta(hours=24 + cls.visit_count)
        return super()._make_visit(order, start, hours)

    @classmethod
    def _put(cls, product, location, quantity=1.0, lot=None, owner=None):
        cls.env["stock.quant"]._update_available_quantity(
            product, location, quantity, lot_id=lot, owner_id=owner
        )

    @classmethod
    def _lot(cls, name, product=None):
        return cls.env["stock.lot"].create(
            {"name": name, "product_id": (product or cls.serial_part).id}
        )

    def _held(self, location, product=None, lot=None):
        domain = [
            ("location_id", "=", location.id),
            ("product_id", "=", (product or self.part).id),
        ]
        if lot:
            domain.append(("lot_id", "=", lot.id))
        return sum(self.env["stock.quant"].search(domain).mapped("quantity"))

    def _use(self, product=None, quantity=1, **kwargs):
        """A finished visit that used parts; the returns it made."""
        visit = self._make_visit()
        visit.with_user(self.technician_user).action_add_part(
            (product or self.part).id, quantity, **kwargs
        )
        visit.with_user(self.technician_user).action_done({"outcome": "fixed"})
        return self.env["service.part.return"].search([("visit_id", "=", visit.id)])

    def _today(self, days=0):
        return fields.Date.add(fields.Date.context_today(self.point), days=days)
