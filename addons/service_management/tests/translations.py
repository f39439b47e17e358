"""What is checked of an addon's terms: the template is up to date, every term has a
Chinese one, and what a program fills in or reads (gaps, tags) is the same in both."""

import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase
from odoo.tools.misc import file_path
from odoo.tools.translate import TranslationModuleReader

GAP = re.compile(
    r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[sdifgr%]|\{\{[^}]*\}\}|\$\{[^}]*\}"
)
TAG = re.compile(r"</?\w[^>]*>")
# What dev/merge_terms.py writes where Chinese has the same words.
SAME = "The same in this language."
# A term in such an attribute of a client template is neither collected nor translated.
FORMATTED_TERM = re.compile(
    r't-attf-(?:title|aria-label|placeholder|alt)="((?:\{\{[^}]*\}\}|[^"{])*)"'
)
TRANSLATED_ATTRIBUTE = re.compile(r'\b(title|aria-label|placeholder|alt)="[^"]*"')


def find_broken(term, translation):
    """What a program needs of ``term`` and does not find in ``translation``."""
    return [
        part
        for find in (GAP.findall, _find_tags)
        for part in sorted(set(find(term)) ^ set(find(translation)))
    ]


def _find_tags(text):
    return [TRANSLATED_ATTRIBUTE.sub(r"\1", tag) for tag in TAG.findall(text)]


class TranslationCase(TransactionCase):
    module = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(file_path(f"{cls.module}/i18n/{cls.module}.pot"))
        cls.chinese = polib.pofile(file_path(f"{cls.module}/i18n/zh_CN.po"))
        cls.lang = cls.env["res.lang"]._get_data(code="zh_CN").code
        cls.terms = [
            (source, translation, f"{name}:{record}")
            for __, __, name, record, source, translation, __ in (
                TranslationModuleReader(cls.cr, modules=[cls.module], lang=cls.lang)
            )
        ]

    def _is_here(self, entry):
        """Whether the entry can be in this database: not if demo data alone has it."""
        records = [
            place.rpartition(":")[2]
            for place, __ in entry.occurrences
            if place.startswith("model")
        ]
        return len(records) < len(entry.occurrences) or any(
            self.env.ref(record, raise_if_not_found=False) for record in records
        )

    def test_template_is_up_to_date(self):
        found = {source for source, __, __ in self.terms}
        listed = {entry.msgid for entry in self.template}
        self.assertFalse(sorted(found - listed), "missing in the .pot: make i18n")
        gone = [
            entry.msgid
            for entry in self.template
            if entry.msgid not in found and self._is_here(entry)
        ]
        self.assertFalse(gone, "no longer in the addon: make i18n")

    def test_every_term_has_a_chinese_one(self):
        translated = {
            entry.msgid
            for entry in self.chinese
            if entry.msgstr or SAME in entry.comment
        }
        missing = [
            entry.msgid for entry in self.template if entry.msgid not in translated
        ]
        self.assertFalse(missing)

    def test_gaps_and_tags_survive_translation(self):
        broken = [
            (entry.msgid, entry.msgstr, parts)
            for entry in self.chinese
            if entry.msgstr and (parts := find_broken(entry.msgid, entry.msgstr))
        ]
        self.assertFalse(broken)

    def test_client_templates_hide_no_term(self):
        static = Path(file_path(self.module), "static", "src")
        hidden = [
            (path.name, text)
            for path in sorted(static.rglob("*.xml"))
            for text in FORMATTED_TERM.findall(path.read_text())
            if re.search(r"[A-Za-z]{2}", GAP.sub("", text))
        ]
        self.assertFalse(hidden, "use _t() in the component")

    def test_translations_are_loaded(self):
        if not self.lang:
            self.skipTest("Chinese is not installed")
        chinese = {entry.msgid: entry.msgstr or entry.msgid for entry in self.chinese}
        lost = [
            (source, place)
            for source, translation, place in self.terms
            if (translation or source) != chinese.get(source, translation or source)
        ]
        self.assertFalse(lost)
