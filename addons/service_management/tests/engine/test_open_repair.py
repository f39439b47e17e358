from datetime import date
from unittest import TestCase

from odoo.addons.service_management.engine import open_repair
from odoo.addons.service_management.engine.log_file import LogFile, Record, Refusal

TODAY = date(2026, 3, 2)
GOOD = {
    "id": "mh-1",
    "data_provider": "Menders House",
    "country": "FRA",
    "partner_product_category": "Kitchen ~ Toaster",
    "product_category": "Toaster",
    "product_category_id": "31",
    "brand": "Moulinex",
    "year_of_manufacture": "2015",
    "product_age": "",
    "repair_status": "Fixed",
    "repair_barrier_if_end_of_life": "",
    "group_identifier": "Atelier",
    "event_date": "2023-01-14",
    "problem": "No heat",
}


def parse(**values):
    return open_repair.parse_job(Record(2, GOOD | values, "raw"), TODAY)


def get_reasons(**values):
    refusal = parse(**values)
    return [(reason.code, reason.column) for reason in refusal.reasons]


class TestOpenRepair(TestCase):
    def test_good_row_is_a_job(self):
        job = parse()
        self.assertEqual(job.key, "Menders House/mh-1")
        self.assertEqual(job.product, "Moulinex Toaster")
        self.assertEqual(job.country, "FR")
        self.assertEqual((job.made_on, job.day), (date(2015, 1, 1), date(2023, 1, 14)))
        self.assertEqual(job.families[-1], "small_appliance")
        self.assertEqual(job.notes, ())

    def test_every_status_has_an_outcome(self):
        outcomes = {
            "Fixed": "fixed",
            "Repairable": "repairable",
            "End of life": "end_of_life",
            "END  OF LIFE": "end_of_life",
            "Unknown": "not_fixed",
        }
        for status, outcome in outcomes.items():
            self.assertEqual(parse(repair_status=status).outcome, outcome)

    def test_missing_values_that_matter_are_refused_together(self):
        self.assertEqual(
            get_reasons(id="", repair_status="", event_date=""),
            [
                ("missing", "id"),
                ("missing", "event_date"),
                ("missing", "repair_status"),
            ],
        )

    def test_broken_values_are_refused(self):
        cases = {
            "event_date": ["2023-02-30", "14.1.2023", "yesterday", "2023-1-4"],
            "repair_status": ["Melted"],
            "id": ["a\nb", "x" * 300],
        }
        for column, values in cases.items():
            for value in values:
                with self.subTest(column=column, value=value[:20]):
                    self.assertIsInstance(parse(**{column: value}), Refusal)

    def test_days_out_of_range_are_refused(self):
        for day in ("2026-03-03", "1969-12-31"):
            self.assertEqual(
                get_reasons(event_date=day), [("date_range", "event_date")]
            )
        self.assertEqual(parse(event_date="2026-03-02T00:00:00").day, TODAY)

    def test_optional_values_may_be_empty(self):
        job = parse(
            country="",
            brand="",
            year_of_manufacture="",
            product_category_id="",
            group_identifier="",
            problem="",
        )
        self.assertEqual((job.country, job.brand, job.made_on), ("", "", None))
        self.assertEqual(job.group, "Menders House")
        self.assertEqual(job.product, "Toaster")
        self.assertEqual(job.problem, "Kitchen ~ Toaster")

    def test_optional_values_that_cannot_be_read_are_noted(self):
        job = parse(country="Q1X", year_of_manufacture="soon", product_age="-3")
        self.assertEqual(
            [note.column for note in job.notes],
            ["country", "year_of_manufacture", "product_age"],
        )
        self.assertIsNone(job.made_on)

    def test_age_tells_the_year(self):
        job = parse(year_of_manufacture="", product_age="2.5")
        self.assertEqual(job.made_on, date(2020, 1, 1))
        self.assertIsNone(parse(year_of_manufacture="2024", product_age="").made_on)

    def test_category_by_number_or_by_the_partner(self):
        self.assertEqual(parse(product_category="").category, "Toaster")
        job = parse(product_category="", product_category_id="")
        self.assertEqual(job.category, "Kitchen ~ Toaster")
        self.assertEqual(job.families, ())

    def test_words_for_no_brand(self):
        for brand in ("Unknown", "N/A", "don't know", "-"):
            self.assertEqual(parse(brand=brand).brand, "")

    def test_id_counts_once_for_each_provider(self):
        header = ",".join(reversed(GOOD))
        rows = [
            ",".join(reversed((GOOD | values).values()))
            for values in ({}, {"brand": "Other"}, {"data_provider": "Else"})
        ]
        log = LogFile.open("\n".join([header, *rows]).encode())
        first, again, other = open_repair.read_jobs(log, TODAY)
        self.assertEqual(first.line, 2)
        self.assertEqual(again.reasons[0].code, "id_twice")
        self.assertEqual(again.reasons[0].value, "2")
        self.assertEqual(other.key, "Else/mh-1")

    def test_header_tells_the_kind(self):
        self.assertTrue(open_repair.is_open_repair([*GOOD, "more"]))
        self.assertFalse(open_repair.is_open_repair(["id", "number"]))
