from odoo.tests import tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestCatalogAccess(ServiceCommon):
    def test_matrix(self):
        ref = self.env.ref
        requirement = self.env["service.skill.requirement"].create(
            {
                "type_id": self.type_repair.id,
                "skill_id": ref("service_management.skill_laundry").id,
                "level_id": ref("service_management.skill_level_1").id,
            }
        )
        records = {
            "stage": ref("service_management.stage_new"),
            "type": self.type_repair,
            "requirement": requirement,
            "fault": ref("service_management.fault_symptom_s101"),
            "reason": ref("service_management.reject_reason_other"),
        }
        read = dict.fromkeys(records, "r")
        portal = {name: "r" for name in records if name != "requirement"}
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "test_stranger",
                "group_ids": [ref("base.group_user").id],
            }
        )
        check_matrix(
            self,
            records,
            {
                self.agent: read,
                self.dispatcher: read,
                self.technician_user: read,
                self.point_manager: read,
                self.quality: read | {"fault": "rwcd"},
                self.manager: dict.fromkeys(records, "rwcd"),
                self.portal_customer: portal,
                self.portal_point: portal,
                stranger: {},
            },
        )
