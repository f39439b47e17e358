from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.service_management.models.order.service_order_flow import Moments

from .order_player import OrderPlayer, to_local, to_utc
from .order_stories import Ago, InMonth, OnDay, Story
from .service_demo import QUIET

# What is on the board beside the stories: asset, kind, technician, hour, words
TODAY = (
    ("zheng_hong_fridge", "inspection", "wang_qiang", 9.0, "冰箱搬家后请检查一下。"),
    ("hotel_water_heater", "maintenance", "wang_qiang", 14.5, "热水器年度保养。"),
    ("chen_jie_tv", "inspection", "zhu_lei", 10.5, "电视修好后请复查画面。"),
    ("wu_qiang_robot", "inspection", "zhu_lei", 15.0, "扫地机器人保内检查。"),
    ("zhao_lei_water_heater", "maintenance", "luo_bin", 9.5, "燃气热水器清洗保养。"),
    ("kindergarten_purifier", "maintenance", "tang_jun", 13.5, "净化器更换滤芯。"),
    ("minglan_ac", "maintenance", "xie_fei", 15.0, "办公室空调季度清洗。"),
    ("james_tv", "inspection", "yu_bo", 9.0, "Please check the stand of the TV."),
    ("sarah_dishwasher", "inspection", "su_ming", 10.0, "Check after installation."),
    (
        "lin_jing_water_heater",
        "maintenance",
        "liang_wei",
        16.0,
        "热水器除垢后回访检查。",
    ),
    ("liang_simin_tv", "inspection", "cai_yong", 11.0, "电视偶尔黑屏，请上门检查。"),
    ("deng_fridge", "inspection", "pan_hao", 9.5, "更换压缩机后回访检查。"),
    ("michael_washer", "inspection", "du_peng", 14.0, "Check the hose after the leak."),
)
TOMORROW = (
    ("hotel_lobby_ac", "maintenance", "wang_qiang", 14.0, "大堂空调清洗。"),
    ("li_na_washer", "inspection", "zhu_lei", 10.0, "洗衣机维修后请复查。"),
    ("zhou_min_ac", "maintenance", "luo_bin", 10.0, "空调换季清洗。"),
    ("sun_li_washer", "inspection", "tang_jun", 15.0, "洗衣机年度检查。"),
    ("han_bing_fridge", "inspection", "xie_fei", 10.5, "冰箱温度波动，请检查。"),
    ("minglan_laptop_1", "inspection", "yu_bo", 9.5, "笔记本风扇声音大，请检查。"),
    ("yuntai_office_ac", "maintenance", "liang_wei", 9.0, "办公室空调例行保养。"),
    ("he_jiahui_washer", "inspection", "cai_yong", 14.0, "洗衣机脱水检查。"),
    ("zeng_ke_ac", "maintenance", "pan_hao", 13.5, "空调安装后首次保养。"),
    ("liu_chang_robot", "inspection", "du_peng", 10.0, "机器人轮组检查。"),
)
# Accepted, nobody is planned yet: what the plan of tomorrow finds a time for
WAITING = (
    ("zhang_wei_ac", "maintenance", "west_lake", "空调换季清洗，随时可以上门。"),
    ("emily_ac", "maintenance", "west_lake", "Please clean the AC filters."),
    ("wang_fang_fridge", "inspection", "west_lake", "冰箱结霜，请检查。"),
    ("hotel_washer", "maintenance", "west_lake", "洗衣房设备季度保养。"),
    ("huang_ac", "maintenance", "tianhe", "空调清洗。"),
    ("yuntai_meeting_ac", "maintenance", "tianhe", "会议室空调保养。"),
)
PLANNED_POINTS = ("west_lake", "tianhe")
# Reported by telephone without the times: it is paid by the hour, so has no price yet
UNTIMED_STORY = Story(
    "purifier_filters",
    InMonth(1, 20),
    "教室净化器该换滤芯了。",
    asset="kindergarten_purifier",
    type="maintenance",
    technician="tang_jun",
    report="六台滤芯全部更换，风量正常。",
)


def get_board_stories(now) -> list[Story]:
    """The stories of today, tomorrow and what waits, as of ``now`` (local): visits
    whose time has passed are done."""
    stories = [UNTIMED_STORY]
    hour = now.hour + now.minute / 60
    for day, rows in enumerate((TODAY, TOMORROW)):
        for asset, kind, technician, at, text in rows:
            is_over = not day and at + 2.5 < hour
            stories.append(
                Story(
                    f"board_{day}_{asset}",
                    Ago(days=1 + len(stories) % 3),
                    text,
                    until="done" if is_over else "scheduled",
                    asset=asset,
                    type=kind,
                    technician=technician,
                    visit=OnDay(day, at),
                    report="已完成，运行正常。" if is_over else "",
                )
            )
    for asset, kind, point, text in WAITING:
        stories.append(
            Story(
                f"board_wait_{asset}",
                Ago(days=1),
                text,
                until="accepted",
                asset=asset,
                type=kind,
                point=point,
            )
        )
    return stories


class ServiceDemo(models.AbstractModel):
    """A board that is alive: visits of today and tomorrow, orders that wait, and a plan
    of tomorrow that a dispatcher is to look at."""

    _inherit = "service.demo"

    @api.model
    def _load_board(self):
        first = f"service_management.demo_order_{UNTIMED_STORY.key}"
        if self.env.ref(first, raise_if_not_found=False):
            return
        company = self.env.ref("base.main_company")
        self = self.with_company(company).with_context(lang=None)
        now = fields.Datetime.now()
        env = self.with_context(**QUIET, service_moments=Moments()).env
        for number, story in enumerate(get_board_stories(to_local(now))):
            order = OrderPlayer(env, story, number, now).play()
            if story is UNTIMED_STORY:
                order.visit_ids.sudo().write(
                    {"actual_start": False, "actual_end": False}
                )

    @api.model
    def _load_plan(self):
        """Propose the day of tomorrow at the own centres, as the job does it."""
        company = self.env.ref("base.main_company")
        runs = self.env["service.planning.run"].with_company(company)
        if runs.search_count([("company_id", "=", company.id)], limit=1):
            return
        points = self.env["service.point"].union(
            *(
                self.env.ref(f"service_management.demo_point_{name}")
                for name in PLANNED_POINTS
            )
        )
        run = runs.create(
            {
                "day": company._get_service_day() + timedelta(days=1),
                "company_id": company.id,
                "point_ids": [Command.set(points.ids)],
                "user_id": self.env.ref("service_management.demo_user_dispatcher").id,
                "cpu_seconds": 1,
            }
        )
        for point in points:
            run._compute_point(point)
        run._set_proposed()

    @api.model
    def _load_standbys(self):
        """Somebody waits at a centre, today and tomorrow."""
        standbys = self.env["service.standby"]
        if standbys.search_count([("place_id", "!=", False)], limit=1):
            return
        point = self.env.ref(f"service_management.demo_point_{PLANNED_POINTS[0]}")
        now = to_local(fields.Datetime.now())
        # Before those on call begin
        start = to_utc(now.replace(hour=14, minute=0, second=0, microsecond=0))
        standbys.create(
            [
                {
                    "technician_id": technician.id,
                    "place_id": point.id,
                    "start": start + timedelta(days=days),
                    "end": start + timedelta(days=days, hours=2),
                }
                for days, technician in enumerate(point.technician_ids[:2])
            ]
        )
