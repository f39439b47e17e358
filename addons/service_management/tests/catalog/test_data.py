from odoo.tests import TransactionCase, tagged

from odoo.addons.service_management.models.catalog.service_fault_code import (
    FAULT_KINDS,
)

MODULE = "service_management"


@tagged("post_install", "-at_install")
class TestCatalogData(TransactionCase):
    def _count_codes(self, kind, category):
        domain = self.env["service.fault.code"]._get_category_domain(category, kind)
        return self.env["service.fault.code"].search_count(domain)

    def test_fault_library_serves_every_product_group(self):
        for name in ("large_appliance", "small_appliance", "computer", "phone"):
            top = self.env.ref(f"{MODULE}.category_{name}")
            categories = self.env["product.category"].search(
                [("id", "child_of", top.id)]
            )
            for category in categories - top:
                for kind, _label in FAULT_KINDS:
                    with self.subTest(category=category.complete_name, kind=kind):
                        self.assertGreaterEqual(self._count_codes(kind, category), 10)

    def test_service_types_are_there(self):
        for code in (
            "delivery",
            "installation",
            "repair",
            "return",
            "inspection",
            "maintenance",
            "consulting",
            "complaint",
            "follow_up",
        ):
            service_type = self.env.ref(f"{MODULE}.type_{code}")
            self.assertEqual(service_type.code, code)
            self.assertTrue(service_type.promise_hours)

    def test_master_data_survives_an_upgrade(self):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", MODULE),
                (
                    "model",
                    "in",
                    [
                        "service.stage",
                        "service.type",
                        "service.fault.code",
                        "service.reject.reason",
                        "product.category",
                        "hr.skill",
                        "service.team",
                    ],
                ),
            ]
        )
        self.assertGreater(len(data), 200)
        self.assertFalse(data.filtered(lambda rec: not rec.noupdate).mapped("name"))

    def test_skill_types_have_levels(self):
        for name in ("service", "certificate"):
            skill_type = self.env.ref(f"{MODULE}.skill_type_{name}")
            self.assertTrue(skill_type.skill_ids)
            self.assertTrue(skill_type.skill_level_ids)
