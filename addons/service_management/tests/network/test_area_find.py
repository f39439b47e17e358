import base64

from odoo.tests import TransactionCase, tagged

from odoo.addons.service_management.tests.shared_data import shared_path


@tagged("post_install", "-at_install")
class TestAreaFind(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cn = cls.env.ref("base.cn")
        cls.uk = cls.env.ref("base.uk")
        cls.area_model = cls.env["service.area"]
        # Away from the codes of the official tables, which may be loaded.
        cls.area_model.search(
            [("country_id", "in", (cls.cn + cls.uk).ids)]
        ).active = False
        cls.guangdong = cls._make("广东省", "province", "T44")
        cls.shenzhen = cls._make("深圳市", "city", "T4403", cls.guangdong)
        cls.nanshan = cls._make("南山区", "district", "T440305", cls.shenzhen)
        cls.beijing = cls._make("北京市", "province", "T11")
        cls.filler = cls._make("市辖区", "city", "T1101", cls.beijing)
        cls.chaoyang = cls._make("朝阳区", "district", "T110105", cls.filler)
        cls.london = cls._make("London", "city", "T-LND", country=cls.uk)
        cls.west = cls._make("West End", "district", "T-LW", cls.london, cls.uk)
        cls.env["service.area.zip"].create(
            [
                {"prefix": "518", "area_id": cls.shenzhen.id},
                {"prefix": "w", "area_id": cls.london.id},
                {"prefix": "W1", "area_id": cls.west.id},
            ]
        )

    @classmethod
    def _make(cls, name, level, code, parent=None, country=None):
        return cls.area_model.create(
            {
                "name": name,
                "level": level,
                "code": code,
                "parent_id": parent.id if parent else False,
                "country_id": (country or cls.cn).id,
            }
        )

    def test_code_decides(self):
        found = self.area_model._find(
            self.cn, code="T4403", zip="518000", text="北京市"
        )
        self.assertEqual(found, self.shenzhen)

    def test_code_of_another_country_does_not_count(self):
        self.assertFalse(self.area_model._find(self.uk, code="T4403"))

    def test_longest_prefix_wins(self):
        self.assertEqual(self.area_model._find(self.uk, zip="w1d 3af"), self.west)
        self.assertEqual(self.area_model._find(self.uk, zip="W8-4PT"), self.london)
        self.assertFalse(self.area_model._find(self.uk, zip="E1 6AN"))

    def test_prefix_counts_in_its_country_only(self):
        self.assertFalse(self.area_model._find(self.uk, zip="518000"))
        self.assertEqual(self.area_model._find(None, zip="518000"), self.shenzhen)

    def test_text_within_the_area_of_the_postcode_is_finer(self):
        found = self.area_model._find(self.cn, zip="518000", text="深圳市南山区科技园")
        self.assertEqual(found, self.nanshan)

    def test_postcode_stands_against_another_text(self):
        found = self.area_model._find(self.cn, zip="518000", text="北京市朝阳区")
        self.assertEqual(found, self.shenzhen)

    def test_text_without_city_or_rank(self):
        for text in ("广东省深圳市南山区科技园", "广东南山区", "广东 深圳 南山"):
            with self.subTest(text):
                self.assertEqual(
                    self.area_model._find(self.cn, text=text), self.nanshan
                )
        found = self.area_model._find(self.cn, text="北京市朝阳区建国路")
        self.assertEqual(found, self.chaoyang)

    def test_archived_areas_are_not_found(self):
        self.nanshan.active = False
        found = self.area_model._find(self.cn, text="广东省深圳市南山区")
        self.assertEqual(found, self.shenzhen)

    def test_nothing_known_is_nothing_found(self):
        addresses = [{}, {"country": self.cn, "zip": False, "text": ""}, {"text": "x"}]
        self.assertEqual(
            [area.ids for area in self.area_model._find_many(addresses)], [[], [], []]
        )

    def test_display_name_leaves_out_fillers_and_repetitions(self):
        town = self._make("深圳市", "district", "T440300", self.shenzhen)
        self.assertEqual(self.chaoyang.display_name, "北京市 / 朝阳区")
        self.assertEqual(town.display_name, "广东省 / 深圳市")

    def test_partner_gets_the_area_of_the_address(self):
        partner = self.env["res.partner"].create(
            {
                "name": "P",
                "country_id": self.cn.id,
                "city": "深圳",
                "street": "南山科技园",
            }
        )
        self.assertEqual(partner.service_area_id, self.nanshan)
        partner.write({"city": "北京", "street": "朝阳区"})
        self.assertEqual(partner.service_area_id, self.chaoyang)


@tagged("post_install", "-at_install")
class TestAreaFindOfficial(TransactionCase):
    """The official Chinese tables down to districts."""

    def test_known_addresses(self):
        folder = shared_path(self, "geo", "china-division")
        wizard = self.env["service.area.import"].create(
            {
                "country_id": self.env.ref("base.cn").id,
                **{
                    name: _encode(folder / file_name)
                    for name, file_name in (
                        ("province_file", "provinces.csv"),
                        ("city_file", "cities.csv"),
                        ("district_file", "areas.csv"),
                    )
                },
            }
        )
        wizard.action_import()
        self.assertEqual(wizard.refused, 0)
        expected = {
            "广东省深圳市南山区科技园": "440305",
            "广东南山区": "440305",
            "北京市朝阳区": "110105",
            "长春市朝阳区": "220104",
            "吉林省吉林市船营区": "220204",
            "吉林": "22",
            "上海市南京西路1266号": "31",
            "上海浦东新区世纪大道": "310115",
            "重庆渝北区": "500112",
            "内蒙古呼和浩特": "1501",
            "恩施来凤县": "422827",
            "江苏 苏州 昆山": "320583",
            "湖北仙桃": "429004",
            "佛山顺德": "440606",
            "深圳南山大道": "4403",
            "南京西路": False,
            "朝阳区": False,
        }
        areas = self.env["service.area"]._find_many(
            [{"country": self.env.ref("base.cn"), "text": text} for text in expected]
        )
        found = {text: area.code for text, area in zip(expected, areas, strict=True)}
        self.assertEqual(found, expected)


def _encode(path):
    return base64.b64encode(path.read_bytes())
