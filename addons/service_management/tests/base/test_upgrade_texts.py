"""What upgrading does to texts of earlier versions; what is somebody's own stays.

``tests/test_lifecycle.py`` does it in an upgrade.
"""

from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

SCRIPT = Path(__file__).parents[2] / "migrations" / "19.0.1.0.3" / "post-terms.py"
ZONE = "object.point_id._get_zone(object.company_id)"
FORMER_ZONE = "object.point_id.resource_calendar_id.tz or 'UTC'"


@tagged("post_install", "-at_install")
class TestUpgradeTexts(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.script = load_script(str(SCRIPT), SCRIPT.stem)

    def _upgrade(self):
        """Without what Odoo does next: it fills what has no Chinese from the file."""
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.0.2")

    def _ref(self, name):
        return self.env.ref(f"service_management.{name}").with_context(lang="zh_CN")

    def test_words_of_earlier_versions_are_taken_away(self):
        stage = self._ref("stage_accepted")
        label = self._ref("selection__service_point__kind__agent")
        stage.name, label.name = "已接单", "客服坐席"
        self._upgrade()
        self.assertEqual((stage.name, label.name), ("Accepted", "Agency"))

    def test_words_of_somebody_stay(self):
        stage, reason = self._ref("stage_accepted"), self._ref("reject_reason_closed")
        stage.name = "网点已接"
        # A former word, but of another term
        reason.name = "已接单"
        own = self.env["service.stage"].create({"name": "Accepted", "state": "new"})
        own = own.with_context(lang="zh_CN")
        own.name = "已接单"
        self._upgrade()
        self.assertEqual((stage.name, reason.name), ("网点已接", "已接单"))
        self.assertEqual(own.name, "已接单")

    def _make_view(self, english, chinese):
        """A view of the addon, translated by term."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "service.stage.former",
                "model": "service.stage",
                "arch": f"<form>{english}</form>",
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": "service_management",
                "name": "view_former",
                "model": "ir.ui.view",
                "res_id": view.id,
            }
        )
        view.update_field_translations("arch_db", {"zh_CN": chinese})
        return view.with_context(lang="zh_CN")

    def test_views_are_read_term_by_term(self):
        view = self._make_view(
            "<p>Accepted</p><p>Part replaced</p><p>Closed on that day</p>",
            {"Accepted": "已接单", "Part replaced": "换了", "Closed on that day": "休"},
        )
        self.assertIn("<p>已接单</p><p>换了</p><p>休</p>", view.arch_db)
        self._upgrade()
        self.assertIn("<p>Accepted</p><p>换了</p><p>休</p>", view.arch_db)

    def test_a_view_built_otherwise_is_somebody_s(self):
        view = self._make_view("<p>Accepted</p>", {"Accepted": "已接单"})
        own = "<form><b>已接单</b></form>"
        self._write_raw(view, "arch_db", own)
        self.env.invalidate_all()
        self._upgrade()
        self.assertEqual(view.arch_db, own)

    def test_mails_keep_what_was_added_to_them(self):
        for name, pairs in self.script.SENTENCES.items():
            mail = self._ref(name)
            former = "|".join(old for old, _new in pairs)
            self._write_raw(mail, "body_html", f"<p>我们的话</p>{former}")
            self._upgrade()
            now = "|".join(new for _old, new in pairs)
            self.assertEqual(self._read_raw(mail, "body_html"), f"<p>我们的话</p>{now}")

    def test_offers_tell_the_time_of_the_place(self):
        mail = self._ref("mail_template_offer")
        mails = [mail.with_context(lang=lang) for lang in ("en_US", "zh_CN")]
        for each in mails:
            self._write_raw(each, "body_html", f'<b t-out="{FORMER_ZONE}"/>')
        self._upgrade()
        for each in mails:
            self.assertEqual(self._read_raw(each, "body_html"), f'<b t-out="{ZONE}"/>')

    def _write_raw(self, record, field, text):
        """In the language of the record, as an earlier version left it."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %(table)s
                   SET %(field)s = %(field)s || jsonb_build_object(%(lang)s, %(text)s)
                 WHERE id = %(id)s
                """,
                table=SQL.identifier(record._table),
                field=SQL.identifier(field),
                lang=record.env.lang,
                text=text,
                id=record.id,
            )
        )

    def _read_raw(self, record, field):
        [[values]] = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(field),
                SQL.identifier(record._table),
                record.id,
            )
        )
        return values[record.env.lang]
