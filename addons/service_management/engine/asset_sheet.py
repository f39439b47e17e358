"""Rows of a list of assets as people keep it, read without a database.

A row is what its columns say; what is wrong with it is told by field and code, all of
it at once. Looking up products and customers is somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

# What the columns are called; compared without case, spaces and signs.
NAMES = {
    "product": "product, product code, model, internal reference, sku, item, barcode, "
    "产品, 产品编码, 产品编号, 型号, 产品型号, 物料编码, 物料号, 产品名称, 设备名称",
    "serial": "serial, serial number, serial no, sn, s/n, lot, lot/serial, "
    "序列号, 机器编号, 机身号, 产品序列号, 出厂编号",
    "code": "asset number, asset no, asset code, asset tag, tag, inventory number, "
    "资产编号, 资产编码, 资产标签, 固定资产编号, 设备编号",
    "customer_ref": "customer ref, customer reference, customer code, customer no, "
    "owner ref, 客户编号, 客户编码, 客户代码, 会员号",
    "phone": "phone, telephone, mobile, phone number, tel, 电话, 联系电话, 手机, "
    "手机号, 手机号码, 电话号码",
    "email": "email, e-mail, mail, 邮箱, 电子邮箱, 电子邮件, 邮件",
    "customer_name": "customer name, customer, owner, 客户, 客户名称, 客户姓名, 姓名, "
    "用户姓名, 业主",
    "site_ref": "site ref, site reference, site code, address code, 地点编号, "
    "地址编号, 门店编号",
    "place": "place, location, room, floor, position, 位置, 安装位置, 存放地点, 房间",
    "manufacture_date": "manufacture date, made on, production date, manufactured, "
    "生产日期, 出厂日期, 制造日期",
    "purchase_date": "purchase date, bought on, sale date, invoice date, purchased, "
    "购买日期, 销售日期, 购机日期, 开票日期",
    "delivery_date": "delivery date, delivered on, delivered, shipped on, 交付日期, "
    "送货日期, 发货日期, 到货日期",
    "install_date": "install date, installation date, installed on, installed, "
    "安装日期, 装机日期, 启用日期",
    "point": "installed by, service point, point code, installer, 安装网点, 服务网点, "
    "网点编号, 网点",
    "employee": "employee, user, used by, employee email, 使用人, 员工, 领用人, "
    "使用人邮箱",
    "department": "department, 部门, 使用部门",
    "note": "note, notes, remark, comment, 备注, 说明",
}
DATES = ("manufacture_date", "purchase_date", "delivery_date", "install_date")
MAX_LENGTH = {"serial": 64, "code": 64, "note": 5000}
DEFAULT_LENGTH = 200
EARLIEST = date(1950, 1, 1)
_DAY = re.compile(
    r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?\s*"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value. ``field`` is a key of ``NAMES``, empty where the row
    as a whole is meant; ``code`` says what, ``value`` is what stands there."""

    field: str
    code: str
    value: str = ""


def read_asset(
    values: Mapping[str, str], today: date
) -> tuple[dict[str, str | date], list[Problem]]:
    """What a row says, and what is wrong with it.

    :param values: text by field, see ``NAMES``
    :param today: nothing happened later

    >>> read_asset({"product": "A", "serial": " 7 ", "phone": "1"}, date(2026, 1, 1))
    ({'product': 'A', 'serial': '7', 'phone': '1'}, [])
    """
    row: dict[str, str | date] = {}
    problems = []
    for name, value in values.items():
        text = value.strip()
        if not text:
            continue
        if name in DATES:
            day = read_day(text)
            if day is None or day < EARLIEST:
                problems.append(Problem(name, "not_a_date", text[:80]))
            elif day > today:
                problems.append(Problem(name, "in_future", text[:80]))
            else:
                row[name] = day
        elif len(text) > MAX_LENGTH.get(name, DEFAULT_LENGTH):
            problems.append(Problem(name, "too_long", text[:80]))
        elif _CONTROL.search(text):
            problems.append(Problem(name, "control", _CONTROL.sub("", text)[:80]))
        else:
            row[name] = text
    if not values.get("product", "").strip():
        problems.append(Problem("product", "missing"))
    if not (values.get("serial", "").strip() or values.get("code", "").strip()):
        # Without either, the same file read twice would make everything twice
        problems.append(Problem("serial", "missing"))
    made = row.get("manufacture_date")
    for name in DATES[1:]:
        if made and name in row and row[name] < made:
            problems.append(Problem(name, "before_made", str(row[name])))
    return row, problems


@lru_cache(maxsize=20_000)
def read_day(text: str) -> date | None:
    """A day as lists have it: ``2026-3-2``, ``2026/03/02``, ``2026年3月2日``,
    ``20260302``. The year comes first: ``02/03/2026`` is two different days.
    """
    match = _DAY.fullmatch(text) or _COMPACT.fullmatch(text.strip())
    if not match:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None
