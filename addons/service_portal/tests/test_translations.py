from odoo.tests import tagged

from odoo.addons.service_management.tests import translations


@tagged("post_install", "-at_install")
class TestTranslations(translations.TranslationCase):
    module = "service_portal"
