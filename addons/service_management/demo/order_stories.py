"""What happened to the orders of the demonstration, one story an order.

A story is told in the customer's words and goes as far as ``until``; a twist is what
did not go straight. ``service.demo`` plays them, in the order of the requests. Names
are those of the external ids in ``demo/`` without their ``demo_…_`` prefix, and of the
codes of the catalogue.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta


class Ago(NamedTuple):
    """A number of days or hours before now."""

    days: int = 0
    hours: float = 0.0


class InMonth(NamedTuple):
    """A day of an earlier month, whatever day it is today."""

    months_ago: int
    day: int


class OnDay(NamedTuple):
    """When somebody comes: days from today, and from which hour on."""

    days: int
    hour: float = 8.5


class Said(NamedTuple):
    """A message of the customer, or the desk's answer, hours after the request."""

    hours: float
    text: str
    by_customer: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    when: Ago | InMonth
    text: str
    until: str = "closed"
    # What for: an asset, or a customer and what it is about
    asset: str = ""
    customer: str = ""
    product: str = ""
    requester: str = ""
    type: str = "repair"
    channel: str = "phone"
    symptom: str = ""
    priority: str = ""
    parent: str = ""
    # Which way it takes; a point is named where the dispatcher chose it
    point: str = ""
    twist: str = ""
    why: str = ""
    technician: str = ""
    visit: OnDay | None = None
    # What came of it
    outcome: str = "fixed"
    section: str = ""
    defect: str = ""
    repair: str = ""
    parts: tuple[tuple[str, int], ...] = ()
    report: str = ""
    confirmed: bool = False
    messages: tuple[Said, ...] = ()


def get_request_time(story: Story, number: int, now: datetime) -> datetime:
    """When the request came, in the time zone of ``now``.

    Requests of earlier days come in opening hours, spread by their ``number``.
    """
    if isinstance(story.when, InMonth):
        first = now.date().replace(day=1) - relativedelta(months=story.when.months_ago)
        return _in_opening_hours(first.replace(day=story.when.day), number, now)
    if story.when.days:
        day = now.date() - timedelta(days=story.when.days)
        return _in_opening_hours(day, number, now)
    return now - timedelta(hours=story.when.hours)


def _in_opening_hours(day: date, number: int, now: datetime) -> datetime:
    minutes = 8 * 60 + 20 + number * 47 % (8 * 60)
    midnight = datetime.combine(day, datetime.min.time(), now.tzinfo)
    return midnight + timedelta(minutes=minutes)


# --- the month before last: paid -------------------------------------------------

OLDER = (
    Story(
        "water_heater_ignition",
        InMonth(2, 17),
        "热水器打不着火，能听到打火声，换过电池也不行。",
        asset="zhao_lei_water_heater",
        symptom="s507",
        section="ign",
        defect="d14",
        repair="r01",
        parts=(("ignition", 1),),
        report="点火器输出偏弱，已更换点火模块，试机三次点火正常。",
    ),
    Story(
        "washer_not_draining",
        InMonth(2, 18),
        "洗衣机洗到一半停住，水排不出去，显示 E21。",
        asset="sun_li_washer",
        symptom="s503",
        channel="chat",
        section="pmp",
        defect="d05",
        repair="r01",
        parts=(("drain_pump", 1),),
        report="排水泵被硬币卡死烧毁，更换排水泵并清理过滤器。",
    ),
    Story(
        "washer_installation",
        InMonth(2, 19),
        "新买的洗衣机已送到，请安排安装，阳台有上下水。",
        asset="feng_jun_washer",
        type="installation",
        channel="api",
        report="已安装并调平，试洗一次，讲解了使用方法。",
        repair="r17",
        messages=(Said(1, "请在周末以外的时间上门，谢谢。"),),
    ),
    Story(
        "television_no_picture",
        InMonth(2, 20),
        "Sound is fine but the screen stays black since last night's thunderstorm.",
        asset="james_tv",
        symptom="s701",
        channel="email",
        section="bkl",
        defect="d10",
        repair="r01",
        parts=(("power_board", 1),),
        report="Power board burnt by overvoltage; new one fitted. Picture is back.",
    ),
    Story(
        "washer_drum_noise",
        InMonth(2, 21),
        "脱水时声音特别大，像打雷一样。",
        asset="he_jiahui_washer",
        symptom="s202",
        point="panyu",
        section="brg",
        defect="d01",
        repair="r01",
        parts=(("bearing_kit", 1),),
        report="滚筒轴承磨损，更换轴承组件，噪音消除。",
    ),
    Story(
        "robot_wheel",
        InMonth(2, 22),
        "扫地机器人原地打转，左轮不动。",
        asset="liu_chang_robot",
        symptom="s405",
        channel="walk_in",
        section="mot",
        defect="d05",
        repair="r01",
        parts=(("wheel", 1),),
        report="左轮模组缠绕毛发并磨损，更换轮模组。",
    ),
    Story(
        "fridge_compressor",
        InMonth(2, 23),
        "冰箱不制冷，压缩机不启动。",
        asset="deng_fridge",
        symptom="s606",
        channel="import",
        section="cmp",
        defect="d09",
        repair="r01",
        parts=(("compressor", 1),),
        report="压缩机绕组开路，更换压缩机并重新抽真空加注冷媒。",
    ),
    Story(
        "fridge_door_seal",
        InMonth(2, 24),
        "冰箱冷藏室结冰，门好像关不严。",
        asset="zhang_wei_fridge",
        symptom="s604",
        channel="portal",
        section="sea",
        defect="d03",
        repair="r01",
        parts=(("door_seal", 1),),
        report="门封变形漏冷，更换冷藏室门封条。",
        confirmed=True,
        messages=(Said(2, "白天家里有人，随时可以上门。"),),
    ),
)

# --- last month: partly settled --------------------------------------------------

LAST_MONTH = (
    Story(
        "ac_cleaning",
        InMonth(1, 3),
        "换季了，想把空调做一次清洗保养。",
        asset="zhou_min_ac",
        type="maintenance",
        repair="r06",
        report="清洗滤网、蒸发器和冷凝器，出风温度 12 °C。",
    ),
    Story(
        "purifier_noise",
        InMonth(1, 5),
        "二楼教室的净化器有异响，孩子午睡受影响。",
        asset="kindergarten_purifier",
        requester="fang_lan",
        symptom="s202",
        section="fan",
        defect="d06",
        repair="r06",
        report="风机积灰，已清洁并更换滤网。",
    ),
    Story(
        "office_ac_maintenance",
        InMonth(1, 6),
        "合同约定的秋季保养。",
        asset="minglan_ac",
        requester="shi_lei",
        type="maintenance",
        channel="plan",
        repair="r06",
        report="四面出风机清洗完毕，排水畅通，制冷制热正常。",
    ),
    Story(
        "laptop_battery",
        InMonth(1, 8),
        "笔记本电池鼓包，触控板被顶起。",
        asset="minglan_laptop_1",
        requester="shi_lei",
        symptom="s903",
        channel="api",
        priority="2",
        section="bat",
        defect="d03",
        repair="r01",
        report="更换电池，检查主板与触控板正常。",
    ),
    Story(
        "television_restarts",
        InMonth(1, 10),
        "电视看半小时就自动重启。",
        asset="liang_simin_tv",
        symptom="s106",
        channel="walk_in",
        point="panyu",
        section="sfw",
        defect="d16",
        repair="r14",
        report="升级系统软件后连续运行两小时正常。",
    ),
    Story(
        "ac_installation",
        InMonth(1, 12),
        "新房安装挂机一台，需要打孔，7 楼外墙。",
        asset="zeng_ke_ac",
        type="installation",
        channel="chat",
        repair="r17",
        report="打孔、安装、抽真空完成，高空作业已系安全绳。",
    ),
    Story(
        "washer_leaks",
        InMonth(1, 14),
        "The washing machine leaks from below when it fills. I put a towel under it.",
        asset="michael_washer",
        symptom="s501",
        channel="email",
        section="vlv",
        defect="d07",
        repair="r01",
        parts=(("inlet_valve", 1),),
        report="Inlet valve cracked, replaced. No leak in two full programs.",
    ),
    Story(
        "fridge_check",
        InMonth(1, 16),
        "搬家后冰箱没用过，想请人检查一下再开机。",
        asset="han_bing_fridge",
        type="inspection",
        outcome="no_fault",
        report="静置、绝缘与制冷检查正常，可以使用。",
    ),
    Story(
        "apartment_hot_water",
        InMonth(1, 22),
        "公寓 12 层热水忽冷忽热，租客投诉。",
        asset="haian_water_heater",
        requester="ke_rui",
        symptom="s508",
        priority="2",
        section="ign",
        defect="d06",
        repair="r06",
        parts=(("ignition", 1),),
        report="清理燃烧器积碳，更换点火模块，恒温正常。",
    ),
)

# --- the last two weeks: finished ------------------------------------------------

RECENT = (
    Story(
        "dishwasher_installation",
        Ago(days=12),
        "Please install the dishwasher under the kitchen counter; water and power "
        "are ready.",
        asset="sarah_dishwasher",
        type="installation",
        channel="email",
        repair="r17",
        report="Installed and levelled, first program run together with the customer.",
    ),
    Story(
        "television_sound",
        Ago(days=10),
        "电视有图像没有声音。",
        asset="chen_jie_tv",
        symptom="s703",
        section="sfw",
        defect="d16",
        repair="r15",
        report="音频输出被设为外接，恢复设置后正常。",
    ),
    Story(
        "fridge_inspection",
        Ago(days=7),
        "冰箱侧面很烫，不知道是否正常。",
        asset="zheng_hong_fridge",
        type="inspection",
        outcome="no_fault",
        report="侧板为散热管，温度正常，已向用户说明。",
    ),
    Story(
        "complaint_waiting",
        Ago(days=6),
        "I waited a whole morning and nobody came or called.",
        customer="sarah_johnson",
        type="complaint",
        channel="email",
        report="Apologised: the visit had been moved without a call. Voucher sent.",
        messages=(
            Said(2, "We are sorry. We have spoken with the service point.", False),
            Said(26, "Thank you for calling back. That settles it for me."),
        ),
    ),
    # --- finished, to be confirmed
    Story(
        "meeting_ac_panel",
        Ago(days=5),
        "会议室空调遥控无反应，面板按键也失灵。",
        until="done",
        asset="kindergarten_ac",
        requester="fang_lan",
        symptom="s304",
        section="mcb",
        defect="d10",
        repair="r01",
        parts=(("inverter_board", 1),),
        report="主控板烧毁，更换后遥控与面板恢复正常。",
    ),
    Story(
        "water_heater_scale",
        Ago(days=6),
        "热水器水流变小，而且不够热。",
        until="done",
        asset="lin_jing_water_heater",
        symptom="s504",
        channel="walk_in",
        outcome="repairable",
        section="hea",
        defect="d06",
        repair="r20",
        report="换热器结垢严重，已临时清洗，建议更换换热器，报价已发给用户。",
    ),
    Story(
        "ac_not_cooling",
        Ago(days=3),
        "空调只吹风不制冷，室外机有异响。",
        until="done",
        asset="zhang_wei_ac",
        symptom="s601",
        channel="portal",
        technician="wang_qiang",
        visit=OnDay(-1, 9.5),
        section="fan",
        defect="d01",
        repair="r01",
        parts=(("fan_motor", 1), ("refrigerant", 1)),
        report="室外风机电机轴承损坏，更换电机并补充冷媒，出风 13 °C。",
        messages=(Said(1, "室外机在北阳台，需要从卧室进去。"),),
    ),
    Story(
        "energy_question",
        Ago(days=1),
        "请问用了六年多的老空调，可以以旧换新吗？",
        until="done",
        asset="jiang_xin_ac",
        type="consulting",
        channel="chat",
        outcome="fixed",
        report="介绍了以旧换新政策，并发送了活动链接。",
    ),
)

# --- under way -------------------------------------------------------------------

UNDER_WAY = (
    Story(
        "washer_not_spinning",
        Ago(days=2),
        "洗衣机不脱水，衣服湿漉漉的。",
        until="in_progress",
        asset="li_na_washer",
        symptom="s505",
        technician="wang_qiang",
        visit=OnDay(0),
    ),
    Story(
        "fridge_freezes_food",
        Ago(days=2),
        "冷藏室的菜都冻住了。",
        until="in_progress",
        asset="han_bing_fridge",
        symptom="s603",
        channel="chat",
        technician="xie_fei",
        visit=OnDay(0),
    ),
    Story(
        "office_ac_leaks",
        Ago(days=3),
        "六楼办公区空调滴水，地毯湿了一片。",
        until="in_progress",
        asset="yuntai_office_ac",
        requester="mo_ting",
        symptom="s503",
        priority="3",
        technician="liang_wei",
        visit=OnDay(0),
    ),
    Story(
        "complaint_bill",
        Ago(days=1),
        "上次维修说是保修，月底却收到了上门费账单。",
        until="in_progress",
        customer="qiyun_hotel",
        requester="qian_yu",
        type="complaint",
        channel="email",
        messages=(Said(3, "已收到，我们正在与财务核对，今天内回复您。", False),),
    ),
    Story(
        "hotel_lobby_ac_weak",
        Ago(days=1),
        "大堂空调制冷效果差，下午客人最多的时候到 28 °C。",
        until="scheduled",
        asset="hotel_lobby_ac",
        requester="qian_yu",
        symptom="s602",
        priority="2",
        point="west_lake",
        technician="wang_qiang",
        visit=OnDay(0, 16.0),
    ),
    Story(
        "fridge_noise",
        Ago(days=2),
        "冰箱夜里嗡嗡响，换了门封以后不结冰了，但是声音变大。",
        until="scheduled",
        asset="zhang_wei_fridge",
        symptom="s202",
        channel="portal",
        parent="fridge_door_seal",
        twist="rescheduled",
        why="下午三点以后更方便，麻烦改一下时间。",
        technician="wang_qiang",
        visit=OnDay(1, 9.5),
    ),
    Story(
        "hood_suction",
        Ago(days=2),
        "油烟机吸力明显变小，炒菜满屋子油烟。",
        until="scheduled",
        asset="zhao_lei_hood",
        symptom="s608",
        technician="tang_jun",
        visit=OnDay(0, 15.0),
    ),
    Story(
        "old_ac_gas",
        Ago(days=4),
        "老空调制冷不行了，估计缺氟。",
        until="scheduled",
        asset="zhou_min_ac",
        symptom="s602",
        parent="ac_cleaning",
        technician="luo_bin",
        visit=OnDay(-1, 14.0),
    ),
    Story(
        "laptop_second_battery",
        Ago(days=1),
        "另一台同批次的笔记本电池也不耐用了。",
        until="scheduled",
        asset="minglan_laptop_2",
        requester="shi_lei",
        symptom="s902",
        channel="api",
        visit=OnDay(2, 10.0),
    ),
    Story(
        "meeting_room_ac",
        Ago(days=3),
        "会议室空调噪音大，开会听不清。",
        until="scheduled",
        asset="yuntai_meeting_ac",
        requester="mo_ting",
        symptom="s202",
        visit=OnDay(1, 13.0),
    ),
    Story(
        "evening_visit",
        Ago(days=2),
        "白天都不在家，只能晚上七点以后上门检修空调。",
        until="scheduled",
        asset="zeng_ke_ac",
        symptom="s605",
        channel="chat",
        twist="after_hours",
        why="客户只有晚上在家，工程师已同意加班",
        technician="pan_hao",
        visit=OnDay(3, 19.5),
    ),
    Story(
        "ac_gateway_offline",
        Ago(hours=6),
        "宴会厅空调的联网模块离线，手机上看不到温度。",
        until="in_progress",
        asset="hotel_hall_ac",
        requester="qian_yu",
        type="incident",
        channel="email",
        twist="second_line",
    ),
    # --- accepted: a visit is to be planned
    Story(
        "hotel_hall_ac",
        Ago(days=1),
        "宴会厅空调开机十分钟后自动停机。",
        until="accepted",
        asset="hotel_hall_ac",
        requester="qian_yu",
        symptom="s102",
        priority="2",
        point="west_lake",
    ),
    Story(
        "robot_not_charging",
        Ago(days=5),
        "扫地机器人回充后不充电。",
        until="accepted",
        asset="wu_qiang_robot",
        symptom="s901",
        point="west_lake",
        twist="waits_for_parts",
        messages=(Said(72, "都三天了，什么时候能安排？"),),
    ),
    Story(
        "washer_drains_again",
        Ago(days=4),
        "洗衣机又排不了水了，上次才换过泵。",
        until="accepted",
        asset="sun_li_washer",
        symptom="s503",
        parent="washer_not_draining",
        twist="second_visit",
        why="排水管在墙内堵塞，需带疏通设备再次上门。",
        visit=OnDay(-1, 10.0),
    ),
    Story(
        "television_lines",
        Ago(days=2),
        "Coloured lines across the picture, worse when the set is warm.",
        until="accepted",
        asset="james_tv",
        symptom="s702",
        channel="email",
        parent="television_no_picture",
        twist="overridden",
        why="No panel tester in Shanghai this week; the West Lake centre lends a hand",
        point="west_lake",
    ),
    Story(
        "ac_repair_repeated",
        Ago(days=9),
        "空调制冷慢，开很久屋里才凉。",
        until="accepted",
        asset="huang_ac",
        symptom="s602",
        twist="reopened",
        why="修好三天后又不凉了，客户要求复查。",
        point="tianhe",
        section="rfg",
        defect="d07",
        repair="r12",
        parts=(("refrigerant", 1),),
        report="补充冷媒 0.4 kg，出风温度恢复。",
    ),
    # --- offered: a service point is to answer
    Story(
        "dishwasher_error",
        Ago(hours=4),
        "The dishwasher stops after ten minutes and shows E15.",
        until="offered",
        asset="emily_dishwasher",
        symptom="s302",
        channel="email",
        point="west_lake",
    ),
    Story(
        "water_heater_flame",
        Ago(hours=3),
        "热水器洗澡中途熄火，水一会儿就凉了。",
        until="offered",
        asset="zhao_lei_water_heater",
        symptom="s508",
        parent="water_heater_ignition",
    ),
    Story(
        "hotel_laundry",
        Ago(hours=2),
        "布草房洗衣机门锁打不开，里面还有床单。",
        until="offered",
        asset="hotel_washer",
        requester="qian_yu",
        symptom="s402",
        point="yuhang",
    ),
    Story(
        "fridge_runs_always",
        Ago(hours=8),
        "冰箱一直在响，不停机。",
        until="offered",
        asset="zheng_hong_fridge",
        symptom="s607",
        twist="refused",
        why="no_capacity",
        parent="fridge_inspection",
    ),
    Story(
        "washer_vibrates",
        Ago(hours=30),
        "洗衣机脱水时会自己移动位置。",
        until="offered",
        asset="he_jiahui_washer",
        symptom="s203",
        twist="expired",
        point="panyu",
    ),
    # --- new: the desk is to act
    Story(
        "robot_map",
        Ago(days=4),
        "扫地机器人地图总是丢失，重置也没用。",
        until="new",
        asset="liu_chang_robot",
        symptom="s307",
        twist="refused",
        why="no_part",
        messages=(Said(70, "请问有人处理吗？"),),
    ),
    Story(
        "ningbo_ac",
        Ago(hours=6),
        "宁波鄞州，空调漏水到地板上了，能派人吗？",
        until="new",
        customer="xu_liang",
        product="air_conditioner",
        symptom="s501",
        twist="unserved",
    ),
    Story(
        "microwave_sparks",
        Ago(hours=5),
        "微波炉一启动就跳闸。",
        until="new",
        asset="shen_yue_microwave",
        symptom="s103",
    ),
    Story(
        "microwave_sparks_again",
        Ago(hours=2),
        "微波炉开机就跳闸，上午打过电话，还没有人联系我。",
        until="new",
        asset="shen_yue_microwave",
        symptom="s103",
        channel="email",
    ),
    Story(
        "hotel_fridge",
        Ago(hours=1),
        "厨房冰箱完全不制冷，食材快坏了，请尽快！",
        until="new",
        asset="hotel_fridge",
        requester="qian_yu",
        symptom="s601",
        priority="3",
    ),
    Story(
        "complaint_attitude",
        Ago(hours=7),
        "检查冰箱的师傅说话很不客气，希望有人跟我道歉。",
        until="new",
        customer="zheng_hong",
        type="complaint",
        channel="email",
    ),
    Story(
        "spare_part_question",
        Ago(hours=2),
        "请问 450 升冰箱的门封条多少钱，可以自己换吗？",
        until="new",
        asset="deng_fridge",
        type="consulting",
        channel="chat",
    ),
    # --- drafts: a call that broke off, a form half filled in
    Story(
        "half_a_call",
        Ago(hours=1),
        "冰箱不太对劲…",
        until="draft",
        asset="wang_fang_fridge",
    ),
    Story(
        "follow_up_call",
        Ago(hours=2),
        "",
        until="draft",
        customer="huang_zhiqiang",
        type="follow_up",
        parent="ac_repair_repeated",
    ),
)

# --- given up --------------------------------------------------------------------

CANCELLED = (
    Story(
        "hotel_heater_cancelled",
        Ago(days=20),
        "员工宿舍热水器点火慢。",
        until="scheduled",
        asset="hotel_water_heater",
        requester="qian_yu",
        symptom="s507",
        point="west_lake",
        twist="cancelled",
        why="酒店自行更换了新设备",
    ),
    Story(
        "fridge_delivery",
        Ago(days=15),
        "订购的冰箱请送货上门，5 楼有电梯。",
        until="offered",
        customer="wang_fang",
        product="refrigerator",
        type="delivery",
        channel="api",
        twist="cancelled",
        why="客户改为门店自提",
    ),
    Story(
        "television_return",
        Ago(days=9),
        "电视修过以后还是不满意，想退货。",
        until="new",
        asset="chen_jie_tv",
        type="return",
        parent="television_sound",
        twist="cancelled",
        why="沟通后客户决定继续使用",
    ),
    Story(
        "ac_given_up",
        Ago(days=8),
        "旧空调不制冷，想修一下。",
        until="new",
        asset="jiang_xin_ac",
        symptom="s601",
        twist="cancelled",
        why="维修费超过残值，客户选择购买新机",
    ),
    Story(
        "ac_cleaning_cancelled",
        Ago(days=6),
        "想预约空调清洗。",
        until="new",
        asset="zhang_wei_ac",
        type="maintenance",
        channel="portal",
        twist="cancelled_by_customer",
        why="临时出差，回来再约。",
    ),
)

STORIES = (*OLDER, *LAST_MONTH, *RECENT, *UNDER_WAY, *CANCELLED)
