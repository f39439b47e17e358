import base64

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.service_management.tests.shared_data import shared_path

PROVINCES = "code,name\nT1,甲省\nT2,乙省\n"
CITIES = "code,name,provinceCode\nT11,甲一市,T1\nT21,乙一市,T2\n"
DISTRICTS = "code,name,cityCode,provinceCode\nT1101,东区,T11,T1\nT1102,西区,T11,T1\n"
STREETS = "code,name,areaCode,provinceCode,cityCode\nT110101,一号街道,T1101,T1,T11\n"
FILES = ("province_file", "city_file", "district_file", "street_file")


@tagged("post_install", "-at_install")
class TestAreaImport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cn = cls.env.ref("base.cn")
        cls.area_model = cls.env["service.area"]

    def _import(self, *texts, encoding="utf-8", **vals):
        files = {
            name: base64.b64encode(text.encode(encoding))
            for name, text in zip(FILES, texts, strict=False)
        }
        wizard = self.env["service.area.import"].create(
            {"country_id": self.cn.id, **files, **vals}
        )
        wizard.action_import()
        return wizard

    def _import_zips(self, text, country=None):
        return self._import(
            kind="zip",
            zip_file=base64.b64encode(text.encode()),
            country_id=(country or self.cn).id,
        )

    def assertCounts(self, wizard, created=0, updated=0, unchanged=0, refused=0):
        self.assertRecordValues(
            wizard,
            [
                {
                    "state": "done",
                    "created": created,
                    "updated": updated,
                    "unchanged": unchanged,
                    "refused": refused,
                }
            ],
        )

    def test_four_files_make_a_tree(self):
        self.assertCounts(
            self._import(PROVINCES, CITIES, DISTRICTS, STREETS), created=7
        )
        street = self.area_model.search([("code", "=", "T110101")])
        self.assertEqual(street.display_name, "甲省 / 甲一市 / 东区 / 一号街道")
        self.assertEqual(street.level, "street")
        self.assertEqual(street.country_id, self.cn)

    def test_again_changes_nothing(self):
        self._import(PROVINCES, CITIES, DISTRICTS)
        before = self.area_model.search([("code", "=like", "T1%")])
        stamps = before.mapped("write_date")
        self.assertCounts(self._import(PROVINCES, CITIES, DISTRICTS), unchanged=6)
        self.assertEqual(before.mapped("write_date"), stamps)

    def test_changed_rows_correct_what_is_there(self):
        self._import(PROVINCES, CITIES)
        area = self.area_model.search([("code", "=", "T11")])
        changed = "code,name,provinceCode\nT11,甲新市,T2\nT21,乙一市,T2\n"
        self.assertCounts(self._import("", changed), updated=1, unchanged=1)
        self.assertEqual(area.display_name, "乙省 / 甲新市")

    def test_encodings(self):
        for encoding in ("utf-8-sig", "gb18030", "utf-16"):
            with self.subTest(encoding):
                self._import(PROVINCES, encoding=encoding)
                areas = self.area_model.search([("code", "in", ("T1", "T2"))])
                self.assertEqual(areas.mapped("name"), ["甲省", "乙省"])

    def test_bad_rows_are_reported_and_the_rest_imported(self):
        self._import(PROVINCES)
        cities = (
            "code,name,provinceCode\n"
            "T11,甲一市,T1\n"
            "T12,没有上级,T9\n"
            'T13,"引号,T1\n'
            "T14,T1\n"
            ",无码,T1\n"
            "T15,,T1\n"
            "T11,又一次,T1\n"
            "T16,甲六市,T1\n"
        )
        wizard = self._import("", cities, city_filename="cities.csv")
        self.assertCounts(wizard, created=2, refused=6)
        self.assertEqual(
            wizard.refusals.splitlines(),
            [
                "cities.csv, line 4: a quotation mark is not closed",
                "cities.csv, line 5: the line has 2 columns",
                "cities.csv, line 3: there is no area “T9” above it",
                "cities.csv, line 6: “” is not a code",
                "cities.csv, line 7: the name is missing",
                "cities.csv, line 8: “T11” stands in the file twice",
            ],
        )

    def test_many_refusals_are_cut_short(self):
        rows = "".join(f"T5{number},X{number},T9\n" for number in range(150))
        wizard = self._import("", "code,name,provinceCode\n" + rows)
        self.assertEqual(wizard.refused, 150)
        self.assertEqual(len(wizard.refusals.splitlines()), 101)

    def test_wrong_files_are_refused_with_a_sentence(self):
        for texts in ((), ("a,b\n1,2\n",), ("", "code,name\nT11,X\n")):
            with self.subTest(texts), self.assertRaises(UserError):
                self._import(*texts)
        with self.assertRaises(UserError):
            self._import_zips("country,town\nGB,Leeds\n")

    def test_archived_area_is_known(self):
        self._import(PROVINCES)
        self.area_model.search([("code", "=", "T1")]).active = False
        self.assertCounts(self._import(PROVINCES), unchanged=2)

    def test_an_area_is_not_above_itself(self):
        self._import(PROVINCES, CITIES)
        cities = "code,name,provinceCode\nT11,甲一市,T11\nT21,乙新市,T2\n"
        wizard = self._import("", cities)
        self.assertCounts(wizard, updated=1, refused=1)

    def test_a_prefix_of_an_archived_area_stops_no_other(self):
        self._import(PROVINCES, CITIES)
        area = self.area_model.search([("code", "=", "T11")])
        area.active = False
        text = "prefix,area_code,area\n9901,T11,甲一市\n9902,T21,乙一市\n"
        self.assertCounts(self._import_zips(text), created=2)
        self.assertEqual(
            self.env["service.area.zip"].search([("prefix", "=", "9901")]).area_id, area
        )

    def test_postcode_prefixes_make_missing_areas(self):
        text = "country,prefix,area\nGB,LS,Test Leeds\nGB,ls1,Test Leeds\n,TX9,T Town\n"
        self.assertCounts(self._import_zips(text, self.env.ref("base.us")), created=3)
        leeds = self.area_model.search([("name", "=", "Test Leeds")])
        self.assertEqual(len(leeds), 1)
        self.assertEqual(leeds.level, "postal")
        self.assertEqual(set(leeds.zip_ids.mapped("prefix")), {"LS", "LS1"})
        town = self.area_model.search([("name", "=", "T Town")])
        self.assertEqual(town.country_id.code, "US")
        self.assertCounts(self._import_zips(text, self.env.ref("base.us")), unchanged=3)

    def test_postcode_prefixes_find_areas_by_code_and_move(self):
        self._import(PROVINCES)
        self.assertCounts(
            self._import_zips("zip;area_code\nT511;T1\nT512;T9\n"), created=1, refused=1
        )
        self.assertCounts(self._import_zips("zip;area_code\nT511;T2\n"), updated=1)
        area = self.area_model._find(self.cn, zip="T51120")
        self.assertEqual(area.name, "乙省")

    def test_bad_prefix_rows(self):
        wizard = self._import_zips(
            "country,prefix,area\nXX,1,A\nCN,,A\nCN,T77,A\nCN,t-77,A\n"
        )
        self.assertCounts(wizard, created=1, refused=3)
        self.assertIn("line 2: there is no country “XX”", wizard.refusals)
        self.assertIn("line 3: the prefix is missing", wizard.refusals)
        self.assertIn("line 5: “T77” stands in the file twice", wizard.refusals)

    def test_official_files(self):
        folder = shared_path(self, "geo", "china-division")
        files = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
        data = {
            name: base64.b64encode((folder / file_name).read_bytes())
            for name, file_name in zip(FILES, files, strict=True)
        }
        before = self.cr.sql_log_count
        wizard = self._import(**data)
        self.env.flush_all()
        queries = self.cr.sql_log_count - before
        rows = sum(len((folder / name).read_text().splitlines()) - 1 for name in files)
        self.assertEqual(wizard.created + wizard.updated + wizard.unchanged, rows)
        self.assertEqual(wizard.refused, 0)
        self.assertLess(queries, rows / 50)
        self.assertCounts(self._import(**data), unchanged=rows)
