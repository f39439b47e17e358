from odoo.tests import TransactionCase, tagged

from odoo.addons.service_management.tests import translations


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env["res.lang"]._get_data(code="zh_CN"):
            cls.env["res.lang"]._activate_lang("zh_CN")
            cls.env["ir.module.module"].search(
                [("name", "=", "service_portal")]
            )._update_translations(["zh_CN"])

    def test_every_term_has_a_chinese_one(self):
        self.assertEqual(translations.find_untranslated(self.env, "service_portal"), [])

    def test_placeholders_survive_translation(self):
        self.assertEqual(translations.find_broken(self.env, "service_portal"), [])
