"""Bytes of a mail become text here, whatever the sender's program called them.

Three rules hold for every function: nothing raises, the result holds no character that
PostgreSQL or XML refuses (NUL, other controls, lone surrogates), and what a Chinese
sender typed is what the reader sees, although the label names a smaller character set.
"""

import base64
import binascii
import codecs
import contextlib
import quopri
import re
from email.utils import getaddresses

# Labels whose senders mean a superset, or that Python does not know. Programs label
# GBK and GB 18030 text as gb2312; decoding by the label alone loses 镕, 喆, 囧.
ALIASES = {
    "gb2312": "gb18030",
    "gb_2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "csgb2312": "gb18030",
    "euc-cn": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "windows-936": "gb18030",
    "ms936": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
}
# Codecs of Python that are no character sets, or cost quadratic time
NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
# Above this share of wrong characters a text in UTF-8 is not UTF-8.
BROKEN_SHARE = 0.1
REPLACEMENT = "\ufffd"
MAX_ADDRESS = 254
# What is longer is no header that anybody wrote; cutting it bounds the work.
MAX_HEADER = 65536

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ENCODED_WORD = re.compile(
    rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=", re.DOTALL
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"@]+")
_FOLD = re.compile(rb"\r?\n(?=[ \t])|[\r\n]+")


def clean(text: str) -> str:
    """``text`` without what a database or an XML parser refuses."""
    return _FORBIDDEN.sub("", text)


def decode_bytes(raw: bytes, label: str | None = None) -> str:
    """``raw`` as text: by its label, repaired, or by what the bytes look like.

    >>> decode_bytes("朱镕基".encode("gbk"), "GB_2312-80"), decode_bytes(b"caf\\xe9")
    ('朱镕基', 'café')

    - A label of the GB family is read as GB 18030, the superset of all of them.
    - A label that is unknown or does not fit: UTF-8, GB 18030, Latin-1, in this order.
    - A text in UTF-8 with few wrong bytes keeps the rest: U+FFFD stands for them.
    """
    codec = _find_codec(label)
    if codec is None or codec == "ascii":
        return clean(_guess(raw))
    with contextlib.suppress(UnicodeError, ValueError):
        return clean(raw.decode(codec))
    try:
        text = raw.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return clean(_guess(raw))
    foreign = sum(char > "\x7f" for char in text)
    if text.count(REPLACEMENT) > BROKEN_SHARE * foreign:
        guess = _guess(raw)
        # A label that fits nowhere loses; one broken character in a short text stays.
        if REPLACEMENT not in guess and _is_paired(raw):
            return clean(guess)
    return clean(text)


def _find_codec(label: str | None) -> str | None:
    """The name of a codec for text, or nothing."""
    name = (label or "").strip().strip("\"'").lower()
    name = ALIASES.get(name.replace(" ", ""), name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    if not info._is_text_encoding or info.name.replace("-", "_") in NOT_CHARSETS:
        return None
    return ALIASES.get(info.name, info.name)


def _guess(raw: bytes) -> str:
    codecs_to_try = ["utf-8", "cp1252"]
    if _is_paired(raw):
        codecs_to_try.insert(1, "gb18030")
    for codec in codecs_to_try:
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode(codec)
    return raw.decode("latin-1")


def _is_paired(raw: bytes) -> bool:
    """Whether high bytes stand in groups, as in Chinese, rather than alone, as an é."""
    runs = _HIGH_RUN.findall(raw)
    alone = sum(len(run) == 1 for run in runs)
    return bool(runs) and alone * 2 < len(runs)


def to_bytes(value: object) -> bytes:
    """A header value of ``email.message`` as the bytes that came in."""
    return str(value)[:MAX_HEADER].encode("utf-8", "surrogateescape")


def decode_header(value: object) -> str:
    """A header's value as one line of text; encoded words anywhere, also broken ones.

    Words that follow each other in one character set are joined before they are
    decoded: programs cut a Chinese character in two at the end of a word.
    """
    raw = _FOLD.sub(b"", to_bytes(value))
    text, pending, label, end = [], b"", None, 0
    for match in _ENCODED_WORD.finditer(raw):
        between = raw[end : match.start()]
        word_label = match[1].split(b"*")[0].decode("ascii", "ignore").lower()
        word = _decode_word(match[2], match[3])
        joins = label is not None and not between.strip()
        if joins and word_label == label:
            pending += word
        else:
            text.append(decode_bytes(pending, label))
            if not joins:
                text.append(decode_bytes(between))
            pending, label = word, word_label
        end = match.end()
    text.append(decode_bytes(pending, label))
    text.append(decode_bytes(raw[end:]))
    return re.sub(r"\s+", " ", "".join(text)).strip()


def _decode_word(encoding: bytes, payload: bytes) -> bytes:
    if encoding in b"bB":
        payload = re.sub(rb"[^A-Za-z0-9+/]", b"", payload)
        if len(payload) % 4 == 1:
            payload = payload[:-1]
        try:
            return base64.b64decode(payload + b"=" * (-len(payload) % 4))
        except (binascii.Error, ValueError):
            return payload
    return quopri.decodestring(payload.replace(b"_", b" "), header=False)


def parse_addresses(value: object) -> list[tuple[str, str]]:
    """(name, normalised address) pairs of an address header; groups are opened.

    >>> parse_addresses("Team: =?utf-8?B?5byg?= <A@Example.com>, b@example.com;")
    [('张', 'a@example.com'), ('', 'b@example.com')]
    """
    text = _FOLD.sub(b"", to_bytes(value)).decode("utf-8", "surrogateescape")
    try:
        pairs = _get_addresses(text)
    except (ValueError, IndexError, TypeError, RecursionError, AttributeError):
        pairs = []
    found = [
        (decode_header(name).strip("\"' "), address)
        for name, raw_address in pairs
        if (address := normalise_address(raw_address))
    ]
    if not found:
        plain = decode_header(text)
        found = [
            ("", address)
            for raw_address in _ADDRESS.findall(plain)
            if (address := normalise_address(raw_address))
        ]
    return found


def _get_addresses(text: str):
    try:
        return getaddresses([text], strict=False)
    except TypeError:  # Python before the stricter parser
        return getaddresses([text])


def normalise_address(address: str | None) -> str:
    """The address as it is compared; empty when it is none that one can answer to."""
    address = clean(address or "").strip().strip("<>\"'").strip().lower()
    local, __, domain = address.rpartition("@")
    if not local or not domain or len(address) > MAX_ADDRESS:
        return ""
    if not _ADDRESS.fullmatch(address.replace('"', "")) or ".." in domain:
        return ""
    return address
