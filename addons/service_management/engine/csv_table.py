"""Rows of a CSV file as people send them - without a database.

The encoding is found out (UTF-8 with or without mark, UTF-16, else GB 18030, which
contains GBK and GB 2312), so is the delimiter. Lines are read one by one: a broken
one is refused with its number and takes no other with it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_DELIMITERS = ",;\t|"
# A file in which more of the lines beyond ASCII are no UTF-8 is in another encoding.
_BROKEN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken, and the code of the reason.

    ``undecodable``, ``quotes`` and ``columns`` come from reading; who uses the rows
    adds its own. ``detail`` is the value the reason is about.
    """

    line: int
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Table:
    """``rows`` are ``(line number, {column: text})``; columns in small letters."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read_table(data: bytes) -> Table:
    """The rows of a CSV file with a header line.

    >>> read_table("Code;Name\\n11;北京市\\n".encode("gb18030")).rows
    [(2, {'code': '11', 'name': '北京市'})]
    """
    table = Table()
    delimiter = ","
    for number, text in _decode_lines(data):
        if text is None:
            table.refusals.append(Refusal(number, "undecodable"))
        elif not text.strip():
            continue
        elif not table.columns:
            delimiter = max(_DELIMITERS, key=text.count)
            cells = _split(text, delimiter) or []
            table.columns = [cell.strip().lower() for cell in cells]
        else:
            _add_row(table, number, text, delimiter)
    return table


def decode(data: bytes) -> str:
    """The text of a file in whatever encoding; bytes that are none in it stay as lone
    surrogates.

    >>> decode("型号".encode("gb18030")), decode("型号".encode("utf-8-sig"))
    ('型号', '型号')
    """
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            return data.decode("utf-16", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    return data.decode(_find_encoding(data.splitlines()), "surrogateescape")


def _add_row(table: Table, number: int, text: str, delimiter: str) -> None:
    cells = _split(text, delimiter)
    if cells is None:
        table.refusals.append(Refusal(number, "quotes"))
    elif len(cells) != len(table.columns):
        table.refusals.append(Refusal(number, "columns", str(len(cells))))
    else:
        values = (cell.replace("\x00", "").strip() for cell in cells)
        table.rows.append((number, dict(zip(table.columns, values, strict=True))))


def _split(text: str, delimiter: str) -> Sequence[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _decode_lines(data: bytes) -> Iterator[tuple[int, str | None]]:
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            yield from enumerate(data.decode("utf-16", "replace").splitlines(), 1)
            return
    lines = data.removeprefix(codecs.BOM_UTF8).splitlines()
    encoding = _find_encoding(lines)
    for number, line in enumerate(lines, 1):
        yield number, _decode(line, encoding)


def _find_encoding(lines: Sequence[bytes]) -> str:
    beyond = [line for line in lines if not line.isascii()]
    broken = sum(_decode(line, "utf-8") is None for line in beyond)
    return "gb18030" if broken > len(beyond) * _BROKEN_SHARE else "utf-8"


def _decode(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None
