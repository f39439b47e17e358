from pathlib import Path

from odoo import SUPERUSER_ID, api

from odoo.addons.service_management.upgrade import renew_terms

FORMER = Path(__file__).with_name("zh_CN.csv")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    renew_terms(env, "service_portal", "zh_CN", FORMER)
