from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestOwner(ServiceCommon):
    """Nobody gives rows to a point that the rules do not let them work with."""

    def test_rows_of_the_own_point_are_not_given_to_another(self):
        other = self._make_point("Competitor")
        guarded = self.registry["service.owner.mixin"]._inherit_children
        kind = self.env["service.document.type"].create(
            {"name": "Owner Test", "code": "owner_test"}
        )
        for model, vals in (
            ("service.point.closure", {"name": "Stocktaking"}),
            ("service.point.capacity", {"orders_a_day": 1}),
            ("service.point.document", {"type_id": kind.id, "valid_to": "2099-12-31"}),
        ):
            row = self.env[model].create({"point_id": self.point.id, **vals})
            as_point = row.with_user(self.point_manager)
            with self.subTest(model=model):
                self.assertIn(model, guarded)
                # what the point may change, and still may not give away
                self.assertTrue(as_point.has_access("write"))
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    as_point.write({"point_id": other.id})
                    self.env.flush_all()
                row.invalidate_recordset()
                self.assertEqual(row.point_id, self.point)
