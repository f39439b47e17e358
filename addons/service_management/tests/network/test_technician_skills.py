from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon

DAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestTechnicianSkills(ServiceCommon):
    """L9: level and validity on the day are hard rules, and hold for sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.laundry = ref("service_management.skill_laundry")
        cls.height = ref("service_management.certificate_height")
        cls.certified = ref("service_management.skill_level_certified")
        cls.other = cls._make_technician("Other")
        cls.both = cls.technician + cls.other
        cls.need_laundry = cls._require(cls.laundry, cls._level(2))
        cls.need_height = cls._require(cls.height, cls.certified)
        cls.needs = cls.need_laundry + cls.need_height

    @classmethod
    def _level(cls, number):
        return cls.env.ref(f"service_management.skill_level_{number}")

    @classmethod
    def _require(cls, skill, level):
        return cls.env["service.skill.requirement"].create(
            {
                "type_id": cls.type_repair.id,
                "skill_id": skill.id,
                "level_id": level.id,
            }
        )

    def _give(self, technician, skill, level, start="2026-01-01", end=False):
        return self.env["service.technician.skill"].create(
            {
                "technician_id": technician.id,
                "skill_type_id": skill.skill_type_id.id,
                "skill_id": skill.id,
                "skill_level_id": level.id,
                "valid_from": start,
                "valid_to": end,
            }
        )

    def _missing(self, technician=None, day=DAY):
        technician = technician or self.technician
        return technician._get_missing_requirements(self.needs, day)[technician]

    def test_without_skills_everything_is_missing(self):
        self.assertEqual(self._missing(), self.needs)

    def test_level_reached_or_above(self):
        skill = self._give(self.technician, self.laundry, self._level(1))
        self.assertEqual(self._missing(), self.needs)
        for number in (2, 3, 4):
            skill.skill_level_id = self._level(number)
            self.assertEqual(self._missing(), self.need_height)

    def test_certificate_counts_on_its_days_only(self):
        self._give(
            self.technician, self.height, self.certified, "2026-03-02", "2026-03-02"
        )
        self.assertEqual(self._missing(), self.need_laundry)
        for day in (date(2026, 3, 1), date(2026, 3, 3)):
            self.assertEqual(self._missing(day=day), self.needs)

    def test_renewed_certificate_counts(self):
        self._give(
            self.technician, self.height, self.certified, "2025-01-01", "2025-12-31"
        )
        self.assertEqual(self._missing(), self.needs)
        self._give(
            self.technician, self.height, self.certified, "2026-01-01", "2026-12-31"
        )
        self.assertEqual(self._missing(), self.need_laundry)

    def test_set_is_answered_one_by_one(self):
        self._give(self.technician, self.laundry, self._level(3))
        self._give(self.other, self.height, self.certified)
        missing = self.both._get_missing_requirements(self.needs, DAY)
        self.assertEqual(missing[self.technician], self.need_height)
        self.assertEqual(missing[self.other], self.need_laundry)

    def test_nothing_required_nothing_missing(self):
        nothing = self.env["service.skill.requirement"]
        missing = self.both._get_missing_requirements(nothing, DAY)
        self.assertEqual(missing, {self.technician: nothing, self.other: nothing})

    def test_same_skill_twice_at_a_time_refused(self):
        self._give(self.technician, self.laundry, self._level(1))
        with self.assertRaises(ValidationError):
            self._give(self.technician, self.laundry, self._level(2), "2026-02-01")

    def test_level_of_another_skill_refused(self):
        with self.assertRaises(ValidationError):
            self._give(self.technician, self.laundry, self.certified)
