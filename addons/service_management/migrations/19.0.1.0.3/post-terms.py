from pathlib import Path

from odoo import SUPERUSER_ID, api

from odoo.addons.service_management.upgrade import renew_terms

FORMER = Path(__file__).with_name("zh_CN.csv")
# Mails are one term each: their sentences, so that what was added to a mail stays
SENTENCES = {
    "mail_template_document": [
        ("的一份证件即将到期：", "的一份文件即将到期："),
        ("</strong>, <t", "</strong>，<t"),
        (
            "请在门户中提交新证件。缺少有效的必备证件将不再派单。",
            "请在门户中提交新文件。缺少有效的必备文件将不再派单。",
        ),
    ],
    "mail_template_offer": [
        ("派出一个服务单。", "派出一张服务单。"),
        ("请于此前应答<", "请于此前答复<"),
        ("先接受者得单。", "先接单者得。"),
    ],
    "mail_template_rating": [
        ("</t>,您好!", "</t>，您好！"),
        ("</t>,您好！", "</t>，您好！"),
        ("</strong> (<t", "</strong>（<t"),
        ("</t>)已完工。", "</t>）已完工。"),
        ("您对我们的服务满意吗?只需一分钟。", "您对我们的服务满意吗？只需一分钟。"),
    ],
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    renew_terms(env, "service_management", "zh_CN", FORMER)
    for name, pairs in SENTENCES.items():
        for former, text in pairs:
            _replace_in_mail(cr, name, "zh_CN", former, text)
    # A point without hours of its own was told the time of Greenwich
    for lang, _name in env["res.lang"].get_installed():
        _replace_in_mail(
            cr,
            "mail_template_offer",
            lang,
            "object.point_id.resource_calendar_id.tz or 'UTC'",
            "object.point_id._get_zone(object.company_id)",
        )


def _replace_in_mail(cr, name, lang, former, text):
    cr.execute(
        """
        UPDATE mail_template AS template
           SET body_html = template.body_html || jsonb_build_object(
                   %(lang)s,
                   replace(template.body_html->>%(lang)s, %(former)s, %(text)s))
          FROM ir_model_data data
         WHERE data.module = 'service_management'
           AND data.name = %(name)s
           AND data.res_id = template.id
           AND strpos(template.body_html->>%(lang)s, %(former)s) > 0
        """,
        {"name": name, "lang": lang, "former": former, "text": text},
    )
