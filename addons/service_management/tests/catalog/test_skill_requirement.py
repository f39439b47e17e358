from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestSkillRequirement(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.type = cls.env["service.type"].create({"name": "Test", "code": "test_type"})
        cls.skill = ref("service_management.skill_refrigeration")
        cls.certificate = ref("service_management.certificate_refrigerant")
        cls.level = ref("service_management.skill_level_2")
        cls.fridge = ref("service_management.category_refrigerator")
        cls.phone = ref("service_management.category_phone")
        cls.general, cls.for_fridges = cls.env["service.skill.requirement"].create(
            [
                {
                    "type_id": cls.type.id,
                    "skill_id": cls.skill.id,
                    "level_id": cls.level.id,
                },
                {
                    "type_id": cls.type.id,
                    "category_id": cls.fridge.parent_id.id,
                    "skill_id": cls.certificate.id,
                    "level_id": ref("service_management.skill_level_certified").id,
                },
            ]
        )

    def test_requirement_of_parent_category_applies(self):
        self.assertEqual(
            self.type._get_requirements(self.fridge), self.general + self.for_fridges
        )

    def test_requirement_of_other_category_does_not_apply(self):
        self.assertEqual(self.type._get_requirements(self.phone), self.general)
        self.assertEqual(
            self.type._get_requirements(self.env["product.category"]), self.general
        )

    def test_level_of_another_skill_refused(self):
        with self.assertRaises(ValidationError):
            self.for_fridges.level_id = self.level

    def test_same_requirement_twice_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.general.copy()

    def test_display_name_says_what_is_asked(self):
        self.assertEqual(
            self.general.display_name, "Refrigerators and freezers, L2 or above"
        )
