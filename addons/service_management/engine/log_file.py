"""Reads table files from elsewhere, record by record, and says which line is broken.

A log that people kept for years has lines that no strict reader survives: a quote
that is never closed would swallow the rest of the file. The rules:

1. The file may be gzipped, begin with a byte order mark, be UTF-16 with one, end its
   lines with CRLF, and be separated by comma, semicolon or tab.
2. The first line names the columns, in any order and case; further ones are ignored.
3. A record whose quote stays open goes on in the next lines, as the format allows -
   unless one of those lines is a whole record by itself. Then the quote was a
   mistake: the lines before that record are refused, and reading goes on with it.
4. A record that is not UTF-8, holds a NUL or has another number of columns than the
   header is refused. Empty lines are nothing.

Texts for people are made elsewhere: a refusal carries codes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_BYTES = 1 << 30
PIECE_BYTES = 1 << 20
# A text of more lines than this in one field is not a text but a lost quote.
MAX_RECORD_LINES = 500
RAW_LENGTH = 1000
DELIMITERS = (",", ";", "\t")
_SURROGATE = re.compile("[\ud800-\udfff]")


class LogFileError(Exception):
    """The file as a whole cannot be read; ``code`` says why, ``value`` what it is."""

    def __init__(self, code: str, value: str = ""):
        super().__init__(code, value)
        self.code = code
        self.value = value


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line, or a value in it, is not as it should be."""

    code: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that is not taken over."""

    line: int
    reasons: tuple[Reason, ...]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it begins, what it says by column."""

    line: int
    values: dict[str, str]
    raw: str = ""


def decompress(content: bytes, limit: int = MAX_BYTES) -> bytes:
    """``content``, unpacked if it is gzipped."""
    if content[:2] != b"\x1f\x8b":
        return content
    unpacked = bytearray()
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            # Piece by piece: one read of the limit would take all that memory at once.
            while piece := packed.read(PIECE_BYTES):
                unpacked += piece
                if len(unpacked) > limit:
                    raise LogFileError("too_large")
    except (OSError, EOFError, zlib.error) as error:
        raise LogFileError("damaged", str(error)) from error
    return bytes(unpacked)


def split_lines(content: bytes) -> list[str]:
    """Lines without their ends; bytes that are not UTF-8 stay as lone surrogates."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    else:
        text = content.decode("utf-8-sig", "surrogateescape")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


@dataclass
class LogFile:
    """A table file whose header has been read.

    :param lines: all lines, the header first
    :param columns: their names, normalised, in the order of the file
    """

    lines: list[str]
    columns: list[str]
    delimiter: str

    @classmethod
    def open(cls, content: bytes) -> LogFile:
        """Read the header of ``content``; raises ``LogFileError`` if there is none."""
        lines = split_lines(decompress(content))
        if not any(lines):
            raise LogFileError("empty")
        header = lines[0]
        delimiter = max(DELIMITERS, key=header.count)
        columns = [
            normalise_column(name) for name in _parse(header, delimiter) or [header]
        ]
        named = [name for name in columns if name]
        if len(set(named)) < len(named):
            twice = next(name for name in named if named.count(name) > 1)
            raise LogFileError("column_twice", twice)
        return cls(lines, columns, delimiter)

    def records(
        self, is_whole: Callable[[dict[str, str]], bool]
    ) -> Iterator[Record | Refusal]:
        """Records and refusals in the order of the lines.

        :param is_whole: whether values make sense as a record: tells a lost quote
            from a text of several lines
        """
        index = 1
        while index < len(self.lines):
            if not self.lines[index].strip():
                index += 1
                continue
            text, following, is_closed = self._gather(index, is_whole)
            yield self._check(index + 1, text, is_closed)
            index = following

    def _gather(self, index, is_whole):
        """Text of the record at ``index``, where the next one begins, whether its
        quotes are closed."""
        text = self.lines[index]
        if text.count('"') % 2 == 0:
            return text, index + 1, True
        parts = [text]
        quotes = text.count('"')
        end = min(len(self.lines), index + MAX_RECORD_LINES)
        for following in range(index + 1, end):
            line = self.lines[following]
            if self._is_record(line, is_whole):
                return text, following, False
            parts.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                return "\n".join(parts), following + 1, True
        return text, index + 1, False

    def _is_record(self, line, is_whole) -> bool:
        if line.count('"') % 2 or line.count(self.delimiter) < len(self.columns) - 1:
            return False
        row = _parse(line, self.delimiter)
        return bool(
            row
            and len(row) == len(self.columns)
            and is_whole(dict(zip(self.columns, row, strict=True)))
        )

    def _check(self, line, text, is_closed) -> Record | Refusal:
        raw = printable(text)
        if "\0" in text:
            return Refusal(line, (Reason("nul"),), raw)
        if _SURROGATE.search(text):
            return Refusal(line, (Reason("encoding"),), raw)
        row = _parse(text, self.delimiter) if is_closed else None
        if row is None:
            return Refusal(line, (Reason("quotes"),), raw)
        if len(row) != len(self.columns):
            reason = Reason("columns", str(len(self.columns)), str(len(row)))
            return Refusal(line, (reason,), raw)
        values = {
            name: value.strip() for name, value in zip(self.columns, row, strict=True)
        }
        return Record(line, values, raw)


def normalise_column(name: str) -> str:
    """``" Repair Status "`` and ``repair_status`` name the same column."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def printable(text: str) -> str:
    """The text as a database can keep it: no NUL, no half characters, not endless."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", "\u2400"))[:RAW_LENGTH]


def _parse(text: str, delimiter: str) -> list[str] | None:
    """Fields of one record, or ``None`` when its quotes make no sense."""
    try:
        rows = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        )
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
