import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.service_management.engine.area_text import (
    AreaName,
    find_area,
    shorten,
    split_keys,
)

AREAS = {
    1: ("province", (), "广东省"),
    2: ("city", (1,), "深圳市"),
    3: ("district", (1, 2), "南山区"),
    4: ("province", (), "黑龙江省"),
    5: ("city", (4,), "鹤岗市"),
    6: ("district", (4, 5), "南山区"),
    7: ("province", (), "北京市"),
    8: ("city", (7,), "市辖区"),
    9: ("district", (7, 8), "朝阳区"),
    10: ("province", (), "吉林省"),
    11: ("city", (10,), "长春市"),
    12: ("district", (10, 11), "朝阳区"),
    13: ("city", (10,), "吉林市"),
    14: ("street", (1, 2, 3), "粤海街道"),
    15: ("province", (), "江苏省"),
    16: ("city", (15,), "南京市"),
    17: ("province", (), "上海市"),
    18: ("district", (7, 8), "东城区"),
    19: ("province", (), "Wales"),
    20: ("city", (19,), "Cardiff"),
    21: ("city", (19,), "Cardiff Bay"),
}
NAMES = [
    AreaName(key, level, (*path, key), name, shorten(name, level))
    for key, (level, path, name) in AREAS.items()
]


class TestAreaText(unittest.TestCase):
    def assertArea(self, text, expected):
        found = find_area(text, NAMES)
        self.assertEqual(found and AREAS[found][2], expected and AREAS[expected][2])
        self.assertEqual(found, expected)

    def test_full_address_gives_smallest_area(self):
        self.assertArea("广东省深圳市南山区科技园", 3)
        self.assertArea("广东省深圳市南山区粤海街道深南大道1号", 14)

    def test_level_left_out(self):
        self.assertArea("广东南山区", 3)
        self.assertArea("广东省南山区", 3)
        self.assertArea("黑龙江南山区", 6)

    def test_rank_left_out(self):
        self.assertArea("广东深圳南山", 3)
        self.assertArea("深圳 南山", 3)

    def test_municipality_skips_filler_level(self):
        self.assertArea("北京市朝阳区", 9)
        self.assertArea("北京朝阳区建国路1号", 9)
        self.assertArea("市辖区", None)

    def test_same_name_decided_by_what_stands_before(self):
        self.assertArea("长春市朝阳区", 12)

    def test_same_name_alone_is_not_guessed(self):
        self.assertArea("朝阳区", None)
        self.assertArea("南山区", None)

    def test_province_and_city_of_one_name(self):
        self.assertArea("吉林", 10)
        self.assertArea("吉林省吉林市", 13)
        self.assertArea("吉林市", 13)

    def test_road_called_like_a_city(self):
        self.assertArea("上海市南京西路1266号", 17)
        self.assertArea("南京西路", None)
        self.assertArea("深圳南山大道", 2)
        self.assertArea("南京市南京西路", 16)

    def test_vague_name_alone(self):
        self.assertArea("东城", None)
        self.assertArea("粤海街道", None)

    def test_address_that_repeats_itself(self):
        self.assertArea("广东省 深圳市 广东省深圳市南山区粤海街道", 14)

    def test_letters_match_as_words(self):
        self.assertArea("12 Bute Street, Cardiff Bay, WALES", 21)
        self.assertArea("12 High Street, cardiff", 20)
        self.assertArea("Cardiffshire", None)

    def test_full_width_letters(self):
        self.assertArea("Ｃａｒｄｉｆｆ", 20)

    def test_names_of_peoples_are_part_of_the_rank(self):
        for name, short in (
            ("恩施土家族苗族自治州", "恩施"),
            ("巴音郭楞蒙古自治州", "巴音郭楞"),
            ("内蒙古自治区", "内蒙古"),
            ("新疆维吾尔自治区", "新疆"),
            ("双江拉祜族佤族布朗族傣族自治县", "双江"),
            ("浦东新区", "浦东"),
            ("广州市", "广州"),
            ("东区", ""),
        ):
            with self.subTest(name):
                self.assertEqual(shorten(name, "district"), short)
        self.assertEqual(shorten("长安镇", "street"), "")

    @given(st.text(max_size=40))
    def test_any_text_is_survived(self, text):
        keys = split_keys(text)
        self.assertTrue(all(keys))
        found = find_area(text, NAMES)
        self.assertTrue(found is None or found in AREAS)

    @given(st.sampled_from(NAMES), st.text(alphabet="甲乙丙丁戊0123号", max_size=8))
    def test_full_path_is_found_whatever_follows(self, area, tail):
        fillers = {"市辖区"}
        names = [AREAS[key][2] for key in area.path]
        text = "".join(name for name in names if name not in fillers)
        if area.name in fillers or (area.level == "district" and len(area.path) == 1):
            return
        if not text.isascii():
            self.assertEqual(find_area(text + tail, NAMES), area.key)

    @given(st.sampled_from(NAMES))
    def test_keys_hold_every_name(self, area):
        keys = split_keys(f"1 {area.name} 2")
        self.assertIn(area.name.casefold(), keys)
