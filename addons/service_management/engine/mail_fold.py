"""What the sender wrote now, told from quoted text and signature.

Nothing is cut: the parts, joined, are the text that came in. People read the first,
the rest is shown folded.
"""

import re
from dataclasses import dataclass

TEXT, QUOTE, SIGNATURE = "text", "quote", "signature"
# Above so many lines a search for the end of an introduction would be a waste.
MAX_INTRO_LINES = 4
MAX_INTRO_LENGTH = 300

# "On Monday, A wrote:", the same in other languages, possibly over several lines
_INTRO_START = re.compile(
    r"^\s*(?:On|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu|于|於|在|\d{4}\s*[-/年.]).*"
    r"|^\s*\S.*<\S+@\S+>.*",
    re.IGNORECASE,
)
_INTRO_END = re.compile(
    r"(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev"
    r"|napisał(?:\(a\))?|写道|寫道|のメッセージ|のメール)\s*[:：]\s*$"
    r"|\bschrieb .{1,120}[:：]\s*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"^\s*>?\s*[-_=*]{2,}\s*(?:original(?:\s+(?:message|nachricht))?"
    r"|ursprüngliche nachricht"
    r"|message d'origine|mensaje original|messaggio originale|forwarded message"
    r"|reply message|原始邮件|原始郵件|原邮件|回复的原邮件|转发邮件(?:信息)?|轉寄郵件"
    r"|元のメッセージ|원본 메시지)\s*[-_=*]{2,}\s*$",
    re.IGNORECASE,
)
# Outlook and others put the headers of the quoted mail above it, without a divider.
_HEADER = re.compile(
    r"^\s*\*?(?:from|von|de|da|发件人|寄件者|寄件人|差出人|보낸 사람)\s*[:：]\*?\s*\S",
    re.IGNORECASE,
)
_HEADER_NEXT = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|cc|gesendet|datum|an|betreff|envoyé|objet|à"
    r"|发送时间|发送日期|日期|时间|收件人|主题|寄件日期|收件者|主旨|送信日時|宛先|件名"
    r"|보낸 날짜|받는 사람|제목)\s*[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[_\-]{10,}\s*$")
_QUOTED = re.compile(r"^\s{0,3}>")
_SIGNATURE = re.compile(r"^--\s?$|^—\s*$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent from my \S.{0,40}|sent from (?:mail|outlook) for .{0,40}"
    r"|get outlook for .{0,40}|von meinem \S.{0,40} gesendet|envoyé de mon .{0,40}"
    r"|发自我的.{0,30}|從我的.{0,30}傳送|来自我的.{0,30})\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """A stretch of the text and what it is: ``text``, ``quote`` or ``signature``."""

    kind: str
    text: str


def fold(text: str) -> list[Part]:
    """The parts of a plain text, in order; joined they are ``text`` again.

    - Lines that begin with ``>`` are quoted, and the line that introduces them.
    - What follows a divider, or headers of another mail, is quoted to the end.
    - After ``-- `` or a telephone's phrase comes a signature, up to a quoted part.
    """
    lines = text.splitlines(keepends=True)
    kinds = [TEXT] * len(lines)
    index = 0
    while index < len(lines):
        kind, count = _classify(lines, index)
        if count is None:
            # Answers between the quotes are text; a signature ends at the next quote
            kinds[index:] = _classify_rest(lines[index:], kind)
            break
        kinds[index : index + count] = [kind] * count
        index += count
    return _join(lines, kinds)


def _classify(lines, index):
    """(kind, number of lines) at ``index``; no number: all that is left."""
    line = lines[index]
    if _QUOTED.match(line):
        return QUOTE, 1
    if _DIVIDER.match(line) or _is_header_block(lines, index):
        return QUOTE, None
    if _RULE.match(line) and _is_header_block(lines, index + 1):
        return QUOTE, None
    if _SIGNATURE.match(line.rstrip("\r\n")) or _SENT_FROM.match(line):
        return SIGNATURE, None
    length = _get_intro_length(lines, index)
    if length:
        follows = next((x for x in lines[index + length :] if x.strip()), "")
        # Answers may stand between quoted lines; where none is quoted, all the rest is
        return QUOTE, length if _QUOTED.match(follows) else None
    return TEXT, 1


def _classify_rest(lines, kind):
    if kind == QUOTE:
        return [QUOTE] * len(lines)
    kinds = []
    for index, line in enumerate(lines):
        if index and (
            _QUOTED.match(line)
            or _DIVIDER.match(line)
            or _is_header_block(lines, index)
            or _get_intro_length(lines, index)
        ):
            return kinds + [QUOTE] * (len(lines) - index)
        kinds.append(SIGNATURE)
    return kinds


def _is_header_block(lines, index) -> bool:
    if index >= len(lines) or not _HEADER.match(lines[index]):
        return False
    following = [line for line in lines[index + 1 : index + 5] if line.strip()]
    return sum(bool(_HEADER_NEXT.match(line)) for line in following[:3]) >= 2


def _get_intro_length(lines, index) -> int:
    """Over how many lines "On … wrote:" goes here; 0 where there is none."""
    if not _INTRO_START.match(lines[index]) or len(lines[index]) > MAX_INTRO_LENGTH:
        return 0
    for count, line in enumerate(lines[index : index + MAX_INTRO_LINES], start=1):
        if not line.strip() or len(line) > MAX_INTRO_LENGTH:
            return 0
        if _INTRO_END.search(line.rstrip()):
            return count
    return 0


def _join(lines, kinds) -> list[Part]:
    parts = []
    for line, kind in zip(lines, kinds, strict=True):
        if parts and parts[-1][0] == kind:
            parts[-1][1].append(line)
        else:
            parts.append((kind, [line]))
    return [Part(kind, "".join(stretch)) for kind, stretch in parts]


def get_visible(text: str) -> str:
    """What the sender wrote now; all of it where nothing but quotes is left."""
    visible = "".join(part.text for part in fold(text) if part.kind == TEXT).strip()
    return visible or text.strip()
