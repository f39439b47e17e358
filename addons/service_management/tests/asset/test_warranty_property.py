from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.service_management.engine import warranty as engine

from .warranty_common import WarrantyCommon

DAYS = [date(2025, 12, 31) + timedelta(days=61 * step) for step in range(70)]
EDITS = (
    "months",
    "component",
    "exclusion",
    "line",
    "no_line",
    "product",
    "category",
    "strict",
    "transfer",
    "archive",
    "dates",
)


@tagged("post_install", "-at_install")
class TestWarrantyProperty(WarrantyCommon):
    """L11: whatever is edited later, a frozen term and a given answer stay."""

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        lines=st.lists(
            st.tuples(
                st.sampled_from(engine.KINDS), st.integers(1, 120), st.booleans()
            ),
            max_size=5,
        ),
        edits=st.lists(
            st.tuples(st.sampled_from(EDITS), st.integers(1, 200)),
            min_size=1,
            max_size=8,
        ),
        installed=st.booleans(),
    )
    def test_l11_no_later_edit_changes_what_was_promised(self, lines, edits, installed):
        with self.env.cr.savepoint(flush=True) as savepoint:
            self._check(lines, edits, installed)
            savepoint.rollback()
        self.env.invalidate_all()

    def _check(self, lines, edits, installed):
        self.exclusion = self.env["service.warranty.exclusion"].create(
            {"name": "Dirt", "code": "test_dirt"}
        )
        self.template = self._make_template(
            *(
                (kind, months, *([self.component] if is_component else []))
                for kind, months, is_component in lines
            ),
            exclusion_ids=self.exclusion.ids,
        )
        self.edited = self._make_product(service_warranty_template_id=self.template.id)
        asset = self._make_asset(
            self.edited, install_date="2026-01-01" if installed else False
        )
        before = None
        if installed:
            before = self._read(asset)
        else:
            # The promise is that of the first day, when its date comes after the edits
            other = self._make_asset(self.edited)
            before = self._read(other)
        for edit, number in edits:
            getattr(self, f"_edit_{edit}")(asset, number)
        if not installed:
            asset.install_date = "2026-01-01"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._read(asset), before)

    def _read(self, asset):
        """All terms, and the answers for many days, with and without a section."""
        terms = {
            (term.kind, term.component_id.id, term.date_start, term.date_end)
            for term in asset.warranty_ids
        }
        answers = []
        for day in DAYS:
            for facts in (
                {},
                {"sections": frozenset(self.section.ids)},
                {"found": frozenset({"test_dirt"})},
            ):
                decisions = asset._decide_warranty(engine.Fault(day, **facts))
                answers.append(
                    [(one.kind, one.code, one.answer) for one in decisions.values()]
                )
        return terms, answers, asset.warranty_end

    def _edit_months(self, asset, number):
        self.template.line_ids.months = number

    def _edit_component(self, asset, number):
        sections = self.env["service.fault.code"].search([("kind", "=", "section")])
        self.component.section_ids = sections[number % 5]

    def _edit_exclusion(self, asset, number):
        self.exclusion.code = f"changed_{number}"
        self.exclusion.for_companies = True

    def _edit_line(self, asset, number):
        kind = engine.KINDS[number % 3]
        self.template.line_ids = [Command.create({"kind": kind, "months": number})]

    def _edit_no_line(self, asset, number):
        self.template.line_ids[:1].unlink()

    def _edit_product(self, asset, number):
        self.edited.service_warranty_labour = number

    def _edit_category(self, asset, number):
        self.edited.categ_id = self.category
        self.category.service_warranty_template_id = self._make_template(
            ("parts", number)
        )

    def _edit_strict(self, asset, number):
        self.template.document_ids = self.env["service.warranty.document"].search([])
        self.template.is_strict = True

    def _edit_transfer(self, asset, number):
        self.template.transfer = "ends"

    def _edit_archive(self, asset, number):
        self.template.active = False

    def _edit_dates(self, asset, number):
        if asset.install_date:
            asset.install_date = date(2020, 1, 1) + timedelta(days=number)
