from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestAreaTree(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env.ref("base.lu")
        cls.area_model = cls.env["service.area"]
        cls.state = cls._make("Test State", "T-1")
        cls.city = cls._make("Test City", "T-2", cls.state)

    @classmethod
    def _make(cls, name, code, parent=None, country=None):
        return cls.area_model.create(
            {
                "name": name,
                "code": code,
                "parent_id": parent.id if parent else False,
                "country_id": (country or cls.country).id,
            }
        )

    def test_cycle_refused(self):
        with self.assertRaises(UserError):
            self.state.parent_id = self.city

    def test_parent_in_another_country_refused(self):
        with self.assertRaises(ValidationError):
            self._make("Elsewhere", "T-3", self.state, self.env.ref("base.be"))

    def test_code_unique_in_its_country(self):
        self._make("Elsewhere", "T-1", country=self.env.ref("base.be"))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._make("Again", "T-1")

    def test_areas_without_code_are_many(self):
        areas = self.area_model.create(
            [{"name": name, "country_id": self.country.id} for name in ("A1", "A2")]
        )
        self.assertEqual(len(areas), 2)

    def test_prefix_is_normalised_and_unique_in_its_country(self):
        zip_model = self.env["service.area.zip"]
        record = zip_model.create({"prefix": " tl-1 2", "area_id": self.city.id})
        self.assertEqual(record.prefix, "TL12")
        record.prefix = "tl 13"
        self.assertEqual(record.prefix, "TL13")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            zip_model.create({"prefix": "TL13", "area_id": self.state.id})

    def test_coordinates_on_earth(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.city.latitude = 91
            self.city.flush_recordset()
