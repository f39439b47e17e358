from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import ServiceCommon


@tagged("post_install", "-at_install")
class TestChecklistEditor(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.env["service.checklist"].create(
            {
                "name": "Repair",
                "type_id": cls.type_repair.id,
                "item_ids": [
                    Command.create({"name": "Is it safe?", "sequence": 1}),
                    Command.create(
                        {
                            "name": "Cause",
                            "sequence": 2,
                            "kind": "choice",
                            "is_required": False,
                            "choice_ids": [
                                Command.create({"name": "Wear"}),
                                Command.create({"name": "Water"}),
                            ],
                        }
                    ),
                    Command.create({"name": "Why not?", "sequence": 3, "kind": "text"}),
                ],
            }
        )
        cls.safe, cls.cause, cls.why = cls.checklist.item_ids
        cls.why.write({"condition_item_id": cls.safe.id, "condition_operator": "no"})

    def test_the_checklist_of_the_nearest_category_is_asked(self):
        parent = self.category.parent_id
        of_parent = self.checklist.create(
            {"name": "P", "type_id": self.type_repair.id, "category_id": parent.id}
        )
        self.assertEqual(self.type_repair._find_checklist(self.category), of_parent)
        own = self.checklist.create(
            {
                "name": "C",
                "type_id": self.type_repair.id,
                "category_id": self.category.id,
            }
        )
        self.assertEqual(self.type_repair._find_checklist(self.category), own)
        self.assertEqual(self.type_repair._find_checklist(parent), of_parent)
        nothing = self.category.browse()
        self.assertEqual(self.type_repair._find_checklist(nothing), self.checklist)
        own.active = False
        self.type_repair.invalidate_recordset()
        self.assertEqual(self.type_repair._find_checklist(self.category), of_parent)

    def test_a_version_is_kept_when_something_else_is_asked(self):
        version = self.checklist._get_versions()[self.checklist]
        self.assertEqual(self.checklist._get_versions()[self.checklist], version)
        self.safe.name = "Is it dead?"
        changed = self.checklist._get_versions()[self.checklist]
        self.assertNotEqual(changed, version)
        self.assertEqual(version.content[0]["label"]["en_US"], "Is it safe?")
        self.safe.name = "Is it safe?"
        self.assertEqual(self.checklist._get_versions()[self.checklist], version)
        self.assertEqual(
            self.env["service.checklist.version"].search_count(
                [("checklist_id", "=", self.checklist.id)]
            ),
            2,
        )

    def test_a_version_speaks_every_language_that_is_installed(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.safe.with_context(lang="zh_CN").name = "安全吗？"
        version = self.checklist._get_versions()[self.checklist]
        self.assertEqual(version._localise("zh_CN")[0]["label"], "安全吗？")
        self.assertEqual(version._localise("en_US")[0]["label"], "Is it safe?")
        self.assertEqual(version._localise("fr_FR")[0]["label"], "Is it safe?")

    def test_an_item_hangs_on_an_earlier_one_only(self):
        with self.assertRaisesRegex(ValidationError, "stands before it"):
            self.safe.write(
                {"condition_item_id": self.why.id, "condition_operator": "answered"}
            )

    def test_an_item_is_not_moved_before_what_it_hangs_on(self):
        with self.assertRaisesRegex(ValidationError, "stands before it"):
            self.safe.sequence = 9

    def test_an_item_hangs_on_its_own_checklist_only(self):
        other = self.checklist.create(
            {
                "name": "Other",
                "type_id": self.type_repair.copy({"code": "other"}).id,
                "item_ids": [Command.create({"name": "Alien"})],
            }
        )
        with self.assertRaisesRegex(ValidationError, "stands before it"):
            self.why.condition_item_id = other.item_ids

    def test_a_condition_fits_the_item_it_asks_about(self):
        with self.assertRaisesRegex(ValidationError, "which answer"):
            self.why.condition_operator = "above"
        with self.assertRaisesRegex(ValidationError, "which answer"):
            self.why.write(
                {"condition_item_id": self.cause.id, "condition_operator": "is"}
            )
        self.why.write(
            {
                "condition_item_id": self.cause.id,
                "condition_operator": "is",
                "condition_choice_id": self.cause.choice_ids[0].id,
            }
        )
        with self.assertRaisesRegex(ValidationError, "for this answer"):
            self.cause.choice_ids[0].unlink()

    def test_what_others_hang_on_is_not_deleted(self):
        with self.assertRaisesRegex(ValidationError, "hangs on the answer"):
            self.safe.unlink()
        self.checklist.item_ids.unlink()

    def test_a_choice_needs_two_answers(self):
        with self.assertRaisesRegex(ValidationError, "at least two"):
            self.cause.choice_ids[0].unlink()
            self.cause.kind = "choice"
            self.cause._check_choices()

    def test_a_copy_hangs_on_its_own_items(self):
        self.why.write(
            {
                "condition_item_id": self.cause.id,
                "condition_operator": "is_not",
                "condition_choice_id": self.cause.choice_ids[1].id,
            }
        )
        copy = self.checklist.copy()
        self.assertFalse(copy.active)
        condition = copy.item_ids[2]
        self.assertEqual(condition.condition_item_id, copy.item_ids[1])
        self.assertEqual(condition.condition_choice_id, copy.item_ids[1].choice_ids[1])

    def test_the_editor_opens_and_saves(self):
        with Form(self.checklist) as form, form.item_ids.new() as item:
            item.name = "Voltage"
            item.kind = "number"
            item.has_minimum = True
            item.minimum = 210
        self.assertEqual(self.checklist.item_ids[-1].minimum, 210)

    def test_who_may_edit(self):
        check_matrix(
            self,
            {
                "checklist": self.checklist,
                "item": self.env["service.checklist.item"].browse(self.safe.id),
                "choice": self.env["service.checklist.choice"].browse(
                    self.cause.choice_ids[0].id
                ),
                "version": self.checklist._get_versions()[self.checklist],
            },
            {
                self.quality: {
                    "checklist": "rwcd",
                    "item": "rwcd",
                    "choice": "rwcd",
                    "version": "r",
                },
                self.technician_user: dict.fromkeys(
                    ("checklist", "item", "choice", "version"), "r"
                ),
                self.portal_point: {},
                self.portal_customer: {},
            },
        )
