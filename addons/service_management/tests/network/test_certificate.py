import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestCertificate(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.height = cls.env.ref("service_management.certificate_height")
        cls.level = cls.env.ref("service_management.skill_level_certified")
        cls.need = cls.env["service.skill.requirement"].create(
            {
                "type_id": cls.type_repair.id,
                "skill_id": cls.height.id,
                "level_id": cls.level.id,
            }
        )
        cls.today = fields.Date.today()

    def _certify(self, user=None, **vals):
        model = self.env["service.technician.skill"]
        return (model.with_user(user) if user else model).create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": self.height.skill_type_id.id,
                "skill_id": self.height.id,
                "skill_level_id": self.level.id,
                "valid_from": self.today,
                **vals,
            }
        )

    def _missing(self):
        return self.technician._get_missing_requirements(self.need, self.today)[
            self.technician
        ]

    def test_what_a_point_claims_counts_once_quality_has_verified_it(self):
        claimed = self._certify(self.point_manager)
        self.assertEqual(claimed.sudo().verification, "claimed")
        self.assertTrue(self._missing())
        with self.assertRaises(AccessError):
            claimed.action_verify()
        with self.assertRaises(AccessError):
            claimed.verification = "verified"
        claimed.with_user(self.quality).action_verify()
        self.assertFalse(self._missing())
        self.assertEqual(claimed.sudo().verified_by_id, self.quality)
        claimed.with_user(self.quality).action_refuse()
        self.assertTrue(self._missing())

    def test_no_default_makes_a_claim_verified(self):
        model = self.env["service.technician.skill"].with_context(
            default_verified_by_id=self.manager.id, default_verification="verified"
        )
        claimed = model.with_user(self.point_manager).create(
            {
                "technician_id": self.technician.id,
                "skill_type_id": self.height.skill_type_id.id,
                "skill_id": self.height.id,
                "skill_level_id": self.level.id,
            }
        )
        self.assertEqual(claimed.sudo().verification, "claimed")
        self.assertFalse(claimed.sudo().verified_by_id)

    def test_a_verified_certificate_changed_by_the_point_is_looked_at_again(self):
        certificate = self._certify(valid_to=self.today)
        self.assertEqual(certificate.verification, "verified")
        certificate.with_user(self.point_manager).valid_to = self.today + timedelta(9)
        self.assertEqual(certificate.verification, "claimed")
        certificate.action_verify()
        certificate.with_user(self.manager).valid_to = self.today + timedelta(10)
        self.assertEqual(certificate.verification, "verified")
        paper = base64.b64encode(b"paper")
        certificate.with_user(self.point_manager).certificate_file = paper
        self.assertEqual(certificate.verification, "claimed")

    def test_a_skill_that_is_no_certificate_needs_no_verification(self):
        laundry = self.env.ref("service_management.skill_laundry")
        skill = self._certify(
            self.point_manager,
            skill_type_id=laundry.skill_type_id.id,
            skill_id=laundry.id,
            skill_level_id=self.env.ref("service_management.skill_level_1").id,
        )
        self.assertEqual(skill.sudo().verification, "verified")

    def test_reminded_once_of_each_certificate_that_ends(self):
        remind = self.env["service.technician.skill"]._remind_of_end
        certificate = self._certify(valid_to=self.today + timedelta(20))
        self._certify(
            skill_id=self.env.ref("service_management.certificate_gas").id,
            valid_to=self.today + timedelta(90),
        )
        before = len(self.technician.activity_ids)
        remind()
        remind()
        activities = self.technician.activity_ids[before:]
        self.assertEqual(len(activities), 1)
        self.assertEqual(activities.user_id, self.point_manager)
        self.assertIn(self.height.name, activities.summary)
        self.assertEqual(activities.date_deadline, certificate.valid_to)
        certificate.valid_to = self.today + timedelta(25)
        remind()
        self.assertEqual(len(self.technician.activity_ids), before + 2)

    def test_not_reminded_where_a_successor_is_there(self):
        self._certify(valid_to=self.today + timedelta(20))
        self._certify(
            valid_from=self.today + timedelta(1), valid_to=self.today + timedelta(400)
        )
        before = self.technician.activity_ids
        self.env["service.technician.skill"]._remind_of_end()
        self.assertEqual(self.technician.activity_ids, before)
