"""Requests in a spreadsheet as people fill it in: CSV or XLSX, English or Chinese.

Columns are recognised by what they are called. A broken line is refused with its
number and takes no other with it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from .csv_table import decode
from .log_file import LogFile, LogFileError, Record

MAX_ROWS = 50_000
MAX_COLUMNS = 100
# An XLSX file is a ZIP archive: a small one can unpack to anything.
MAX_UNPACKED = 200 * 1024 * 1024

# What the columns are called; compared without case, spaces and signs.
NAMES = {
    "key": "key, request key, request no, request number, external id, reference, "
    "外部单号, 来源单号, 工单号, 单号, 编号, 请求编号, 序号",
    "customer_ref": "customer ref, customer reference, customer code, "
    "customer no, 客户编号, 客户编码, 客户代码, 会员号",
    "customer_name": "customer name, customer, name, contact, 客户, 客户名称, "
    "客户姓名, 姓名, 联系人, 用户姓名",
    "customer_id": "customer id, 客户id",
    "phone": "phone, telephone, mobile, phone number, tel, 电话, 联系电话, 手机, "
    "手机号, 手机号码, 电话号码",
    "email": "email, e-mail, mail, 邮箱, 电子邮箱, 电子邮件, 邮件",
    "street": "street, address, 地址, 详细地址, 街道, 服务地址",
    "city": "city, town, 城市, 市",
    "zip": "zip, postcode, postal code, zip code, 邮编, 邮政编码",
    "type": "type, service type, kind, 服务类型, 类型, 业务类型",
    "serial": "serial, serial number, serial no, sn, s/n, 序列号, 机器编号, "
    "机身号, 产品序列号",
    "product": "product, product code, model, internal reference, 产品, 产品编码, "
    "型号, 产品型号, 物料编码",
    "symptom": "symptom, fault, symptom code, fault code, 故障现象, 故障, "
    "故障代码, 现象",
    "condition": "condition, condition code, 故障条件, 发生条件",
    "priority": "priority, urgency, 优先级, 紧急程度",
    "description": "description, request, problem, details, text, 描述, 问题描述, "
    "故障描述, 服务内容, 内容, 需求, 备注",
    "requested_on": "requested on, request date, date, created, 请求时间, "
    "受理时间, 报修时间, 提交时间, 登记时间",
    "fault_date": "fault date, date of fault, 故障日期, 发生日期",
    "preferred_time": "preferred time, appointment, preferred date, 期望时间, "
    "预约时间, 希望上门时间",
}
_SIGNS = re.compile(r"[\s_\-./*＊:：]+|[（(].*?[)）]")


def normalise_name(name: str) -> str:
    """``"Customer Name (required)*"`` and ``customer_name`` are one column."""
    return _SIGNS.sub("", name.strip().lower())


_FIELD_BY_NAME = {
    normalise_name(name): target
    for target, names in NAMES.items()
    for name in (*names.split(","), target)
}


@dataclass(slots=True)
class Sheet:
    """``rows`` are ``(line, values)``, a value for each of ``columns``; ``refusals``
    are ``(line, code)``."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, list]] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)


def guess_fields(columns: Sequence[str]) -> list[str | None]:
    """For each column the field it holds; of two that hold the same, the first."""
    targets: list[str | None] = []
    for column in columns:
        target = _FIELD_BY_NAME.get(normalise_name(column))
        targets.append(None if target in targets else target)
    return targets


def read_sheet(data: bytes) -> Sheet:
    """The first sheet of an XLSX file, or a CSV file of any usual encoding.

    :raises LogFileError: the file as a whole cannot be read
    """
    if data[:4] == b"PK\x03\x04":
        sheet = _read_xlsx(data)
    elif data[:4] == b"\xd0\xcf\x11\xe0":
        # Before 2007: another format with the same icon
        raise LogFileError("old_excel")
    else:
        sheet = _read_csv(data)
    if len(sheet.rows) > MAX_ROWS:
        raise LogFileError("too_many_rows", str(MAX_ROWS))
    return sheet


def _read_csv(data: bytes) -> Sheet:
    text = decode(data)
    log = LogFile.open(text.encode("utf-8", "surrogateescape"))
    # Columns as they are written: a person must find them again
    sheet = Sheet(_split_header(log))
    for record in log.records(_is_whole):
        if isinstance(record, Record):
            # Columns without a name are not kept apart: they are nobody's
            values = [record.values.get(name, "") for name in log.columns]
            sheet.rows.append((record.line, values))
        else:
            sheet.refusals.append((record.line, record.reasons[0].code))
    return sheet


def _split_header(log: LogFile) -> list[str]:
    (cells,) = csv.reader([log.lines[0]], delimiter=log.delimiter)
    return [cell.strip() for cell in cells]


def _is_whole(values: dict[str, str]) -> bool:
    """A line that says something in most of its columns is a request by itself."""
    filled = sum(bool(value.strip()) for value in values.values())
    return filled >= 2 and filled * 2 >= len(values)


def _read_xlsx(data: bytes) -> Sheet:
    import openpyxl  # noqa: PLC0415  slow to import, and only spreadsheets need it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise LogFileError("too_large")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except LogFileError:
        raise
    except Exception as error:
        raise LogFileError("damaged", str(error)[:200]) from error
    sheet = Sheet()
    try:
        for number, cells in enumerate(
            book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS), 1
        ):
            if not any(cell not in (None, "") for cell in cells):
                continue
            if not sheet.columns:
                names = [_show_cell(cell).strip() for cell in cells]
                while names and not names[-1]:
                    names.pop()
                sheet.columns = names
                continue
            sheet.rows.append(
                (number, [_show_cell(cell) for cell in cells[: len(sheet.columns)]])
            )
            if len(sheet.rows) > MAX_ROWS:
                break
    except Exception as error:
        raise LogFileError("damaged", str(error)[:200]) from error
    finally:
        book.close()
    if not sheet.columns:
        raise LogFileError("empty")
    twice = [name for name in sheet.columns if name and sheet.columns.count(name) > 1]
    if twice:
        raise LogFileError("column_twice", twice[0])
    return sheet


def _show_cell(cell) -> str:
    """A cell as text: what a person sees, days and times as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)
