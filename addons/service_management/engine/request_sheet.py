"""Requests in a spreadsheet as people fill it in: CSV or XLSX, English or Chinese.

Columns are recognised by what they are called. A broken line is refused with its
number and takes no other with it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from .csv_table import decode
from .log_file import LogFile, LogFileError, Record

MAX_ROWS = 50_000
MAX_COLUMNS = 100
# An XLSX file is a ZIP archive: a small one can unpack to anything.
MAX_UNPACKED = 500 * 1024 * 1024

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


@dataclass(slots=True)
class Sheet:
    """``rows`` are ``(line, values)``, a value for each of ``columns``; ``refusals``
    are ``(line, code)``."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, list]] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)


def index_names(names: dict[str, str]) -> dict[str, str]:
    """Field by normalised name, of names as ``NAMES`` has them."""
    return {
        normalise_name(name): target
        for target, texts in names.items()
        for name in (*texts.split(","), target)
    }


_FIELD_BY_NAME = index_names(NAMES)


def guess_fields(
    columns: Sequence[str], by_name: dict[str, str] | None = None
) -> list[str | None]:
    """For each column the field it holds; of two that hold the same, the first.

    :param by_name: what columns may be called, as ``index_names`` gives it
    """
    by_name = _FIELD_BY_NAME if by_name is None else by_name
    targets: list[str | None] = []
    for column in columns:
        target = by_name.get(normalise_name(column))
        targets.append(None if target in targets else target)
    return targets


def read_sheet(data: bytes) -> Sheet:
    """The first sheet of an XLSX file, or a CSV file of any usual encoding.

    :raises LogFileError: the file as a whole cannot be read
    """
    columns, lines = open_sheet(data)
    sheet = Sheet(columns)
    for line, row in lines:
        if isinstance(row, str):
            sheet.refusals.append((line, row))
        else:
            sheet.rows.append((line, row))
            if len(sheet.rows) > MAX_ROWS:
                raise LogFileError("too_many_rows", str(MAX_ROWS))
    return sheet


def open_sheet(data: bytes) -> tuple[list[str], Iterator[tuple[int, list | str]]]:
    """``(columns, lines)``: lines come one by one as ``(number, values)``, broken ones
    as ``(number, code)``.

    :raises LogFileError: the file as a whole cannot be read; also while reading it
    """
    if data[:4] == b"PK\x03\x04":
        lines = _iter_xlsx(data)
        columns = next(lines)
        twice = [name for name in columns if name and columns.count(name) > 1]
        if twice:
            raise LogFileError("column_twice", twice[0])
        return columns, lines
    if data[:4] == b"\xd0\xcf\x11\xe0":
        # Before 2007: another format with the same icon
        raise LogFileError("old_excel")
    log = LogFile.open(decode(data).encode("utf-8", "surrogateescape"))
    # Columns as they are written: a person must find them again
    return _split_header(log), _iter_csv(log)


def _iter_csv(log: LogFile) -> Iterator[tuple[int, list | str]]:
    for record in log.records(_is_whole):
        if isinstance(record, Record):
            # Columns without a name are not kept apart: they are nobody's
            yield record.line, [record.values.get(name, "") for name in log.columns]
        else:
            yield record.line, record.reasons[0].code


def _split_header(log: LogFile) -> list[str]:
    (cells,) = csv.reader([log.lines[0]], delimiter=log.delimiter)
    return [cell.strip() for cell in cells]


def _is_whole(values: dict[str, str]) -> bool:
    """A line that says something in most of its columns is a request by itself."""
    filled = sum(bool(value.strip()) for value in values.values())
    return filled >= 2 and filled * 2 >= len(values)


def _iter_xlsx(data: bytes) -> Iterator:
    """The columns first, then ``(number, values)``."""
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
    columns = None
    try:
        for number, cells in enumerate(
            book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS), 1
        ):
            if not any(cell not in (None, "") for cell in cells):
                continue
            if columns is None:
                columns = [_show_cell(cell).strip() for cell in cells]
                while columns and not columns[-1]:
                    columns.pop()
                yield columns
                continue
            yield number, [_show_cell(cell) for cell in cells[: len(columns)]]
    except LogFileError:
        raise
    except Exception as error:
        raise LogFileError("damaged", str(error)[:200]) from error
    finally:
        book.close()
    if columns is None:
        raise LogFileError("empty")


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


def disarm(cell):
    """A text that a spreadsheet would take for a formula stays a text."""
    if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(" ", "").replace("-", "").isdigit()
