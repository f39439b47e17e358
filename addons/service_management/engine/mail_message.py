"""A mail as it came in, read without ever failing on what senders' programs write.

Python's own ``email`` with its modern policy raises on unknown character sets, group
addresses and odd content types; here the tolerant policy only cuts the parts, and
``mail_text`` reads them.
"""

import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html import escape
from html.parser import HTMLParser

from . import mail_kind
from .mail_text import clean, decode_bytes, decode_header, parse_addresses

# More is no mail that a person wrote; what lies beyond stays in the stored source.
MAX_PARTS = 500
MAX_ATTACHMENTS = 100
MAX_DEPTH = 30
MAX_HTML = 4_000_000
MAX_NAME = 200
MAX_ID = 200

SAFE_TYPES = re.compile(
    r"image/(?:png|jpe?g|pjpeg|gif|webp|bmp|tiff|heic|heif|x-ms-bmp)|audio/[\w.+-]+"
    r"|video/[\w.+-]+|text/(?:plain|csv|calendar)|message/rfc822"
    r"|application/(?:pdf|zip|rtf|msword|gzip|json|x-7z-compressed"
    r"|vnd\.(?:ms-|openxmlformats|oasis)[\w.+-]*)"
)
_RECIPIENTS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "to",
    "cc",
    "resent-to",
    "resent-cc",
)


class UnreadableMailError(ValueError):
    """The bytes are no mail that can be read."""


@dataclass(frozen=True)
class Attachment:
    name: str
    mimetype: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True)
class Identity:
    """What tells one mail from another before it is read.

    ``key`` is the same for each delivery of a mail: its Message-ID, or without one the
    digest of its bytes. ``body_digest`` tells a copy from a mail that reuses an id.
    """

    message_id: str
    key: str
    digest: str
    body_digest: str
    recipients: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True)
class Mail:
    message_id: str
    references: tuple[str, ...]
    subject: str
    from_name: str
    from_address: str
    recipients: tuple[str, ...]
    date: datetime | None
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    automatic: str
    is_list: bool
    is_spam: bool
    may_acknowledge: bool
    loop_mark: str
    bounce: mail_kind.Bounce | None = None
    headers: dict = field(default_factory=dict, repr=False)


def identify(raw: bytes) -> Identity:
    """Who the mail is, from its headers alone. Never raises."""
    digest = hashlib.sha256(raw).hexdigest()
    head, body = _split(raw)
    try:
        headers = _read_headers(_parse(head, headersonly=True))
    except UnreadableMailError:
        headers = {}
    message_id = _get_message_id(headers)
    key = message_id or f"sha256:{digest}"
    if len(key) > MAX_ID:
        key = f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    return Identity(
        message_id=message_id[:MAX_ID],
        key=key,
        digest=digest,
        body_digest=hashlib.sha256(b"".join(body.split())).hexdigest(),
        recipients=_get_recipients(headers),
        references=_get_references(headers),
    )


def read(raw: bytes, now: datetime | None = None) -> Mail:
    """The mail in ``raw``.

    :param now: aware; a date header later than a day after it is not believed
    :raise UnreadableMailError: where the parts nest without end
    """
    message = _parse(raw)
    headers = _read_headers(message)
    try:
        bodies, attachments = _collect(message)
        text, html = _compose(bodies)
        bounce = mail_kind.find_bounce(message, headers, text)
    except RecursionError as error:
        raise UnreadableMailError("its parts nest too deeply") from error
    senders = [
        pair
        for name in ("from", "sender")
        for value in headers.get(f"raw {name}", ())
        for pair in parse_addresses(value)
    ]
    name, address = senders[0] if senders else ("", "")
    return Mail(
        message_id=_get_message_id(headers)[:MAX_ID],
        references=_get_references(headers),
        subject=(headers.get("subject") or [""])[0],
        from_name=name,
        from_address=address,
        recipients=_get_recipients(headers),
        date=_read_date(headers, now or datetime.now(timezone.utc)),
        text=text,
        html=html,
        attachments=tuple(attachments),
        automatic=mail_kind.find_automatic(headers),
        is_list=mail_kind.find_list(headers),
        is_spam=mail_kind.is_spam(headers),
        may_acknowledge=bool(address) and mail_kind.may_acknowledge(headers),
        loop_mark=(headers.get(mail_kind.LOOP_HEADER.lower()) or [""])[0],
        bounce=bounce,
        headers={k: v for k, v in headers.items() if not k.startswith("raw ")},
    )


# Headers


def _split(raw: bytes) -> tuple[bytes, bytes]:
    raw = raw.lstrip(b"\r\n")
    match = re.search(rb"\r?\n\r?\n", raw)
    return (raw[: match.end()], raw[match.end() :]) if match else (raw, b"")


def _parse(raw: bytes, headersonly=False) -> Message:
    # Some programs put empty lines before the headers
    try:
        return BytesParser(policy=policy.compat32).parsebytes(
            raw.lstrip(b"\r\n"), headersonly=headersonly
        )
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        raise UnreadableMailError(str(error)) from error


def _read_headers(message: Message) -> dict[str, list[str]]:
    """Decoded values by name in lower case; addresses also as they came in."""
    headers = {}
    for name, value in message.raw_items():
        name = clean(name.lower().strip())
        headers.setdefault(name, []).append(decode_header(value))
        if name in ("from", "sender", *_RECIPIENTS):
            headers.setdefault(f"raw {name}", []).append(value)
    return headers


def _get_message_id(headers) -> str:
    for value in headers.get("message-id", ()):
        found = mail_kind.find_message_ids(value)
        if found:
            return found[0]
        value = re.sub(r"\s", "", value).strip("<>")
        if value:
            return f"<{value}>"
    return ""


def _get_references(headers) -> tuple[str, ...]:
    """Ids of the mails before, the nearest first."""
    found = []
    for name in ("in-reply-to", "references"):
        for value in headers.get(name, ()):
            found += reversed(mail_kind.find_message_ids(value))
    return tuple(dict.fromkeys(found))[:100]


def _get_recipients(headers) -> tuple[str, ...]:
    found = [
        address
        for name in _RECIPIENTS
        for value in headers.get(f"raw {name}", ())
        for __, address in parse_addresses(value)
    ]
    return tuple(dict.fromkeys(found))[:200]


def _read_date(headers, now) -> datetime | None:
    for value in headers.get("date", ()):
        try:
            date = parsedate_to_datetime(value)
            date = (
                date.astimezone(timezone.utc)
                if date.tzinfo
                else date.replace(tzinfo=timezone.utc)
            )
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
        if date.year >= 1990 and date <= now + timedelta(days=1):
            return date
    return None


# Parts


def _collect(message: Message):
    """Bodies as (text, html) pairs and attachments, in the order of the mail."""
    bodies, attachments = [], []
    budget = [MAX_PARTS]
    _walk(message, bodies, attachments, 0, budget)
    return bodies, attachments[:MAX_ATTACHMENTS]


def _walk(part, bodies, attachments, depth, budget):
    budget[0] -= 1
    if budget[0] < 0 or depth > MAX_DEPTH:
        return
    _repair_headers(part)
    payload = part.get_payload()
    kind = part.get_content_type()
    if kind.startswith("multipart/") and isinstance(payload, list):
        if kind == "multipart/alternative":
            _walk_alternative(payload, bodies, attachments, depth, budget)
        else:
            for child in payload:
                _walk(child, bodies, attachments, depth + 1, budget)
        return
    if isinstance(payload, list):
        if kind == "message/delivery-status":
            return
        content = b"".join(_as_bytes(child) for child in payload)
    else:
        content = _get_content(part)
    name = _get_filename(part)
    disposition = str(part.get("content-disposition") or "").strip().lower()
    is_body = (
        not name
        and not disposition.startswith("attachment")
        and (kind in ("text/plain", "text/html") or kind.startswith("multipart/"))
    )
    if is_body:
        text = decode_bytes(content, _get_charset(part)).replace("\r\n", "\n")
        text = text.replace("\r", "\n")
        bodies.append(("", text) if kind == "text/html" else (text, ""))
    elif content.strip():
        kind = _get_declared_type(part)
        attachments.append(
            Attachment(
                name=name or _make_name(part, kind),
                mimetype=get_safe_type(kind, content),
                content=content,
                cid=decode_header(part.get("content-id") or "").strip("<> "),
            )
        )


def _walk_alternative(children, bodies, attachments, depth, budget):
    """One body: its text and its HTML say the same."""
    found = []
    for child in children:
        _walk(child, found, attachments, depth + 1, budget)
    text = "\n".join(text for text, __ in found if text.strip())
    html = "\n".join(html for __, html in found if html.strip())
    bodies.append((text, html))


def _repair_headers(part: Message):
    """8-bit headers as text, so that the parameters in them can be read."""
    items = list(part.raw_items())
    if all(str(value).isascii() for __, value in items):
        return
    for name, __ in items:
        del part[name]
    for name, value in items:
        part[name] = value if str(value).isascii() else decode_header(value)


def _get_content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        content = None
    if content is None:
        content = str(part.get_payload() or "").encode("utf-8", "surrogateescape")
    return content


def _as_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, KeyError):
        # What cannot be written again is at least readable
        return str(message.get_payload()).encode("utf-8", "replace")


def _get_charset(part: Message) -> str | None:
    try:
        label = part.get_param("charset")
    except (ValueError, LookupError, TypeError):
        return None
    if isinstance(label, tuple):
        label = label[2]
    return str(label) if label else None


def _get_filename(part: Message) -> str:
    for header, param in (
        ("content-disposition", "filename"),
        ("content-type", "name"),
    ):
        try:
            value = part.get_param(param, header=header)
        except (ValueError, LookupError, TypeError):
            continue
        if isinstance(value, tuple):
            label, __, encoded = value
            try:
                raw = encoded.encode("raw-unicode-escape")
            except UnicodeError:
                raw = encoded.encode("utf-8", "replace")
            value = decode_bytes(raw, label)
        if value:
            return clean_name(decode_header(value))
    return ""


def clean_name(name: str) -> str:
    """A file's name without folders or characters that mislead; short enough.

    >>> clean_name("..\\\\..\\\\win\\u202egpj.exe")
    'wingpj.exe'
    """
    name = re.split(r"[/\\]", clean(name))[-1]
    name = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name)
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if len(name) > MAX_NAME and dot and len(extension) <= 10:
        return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"
    return name[:MAX_NAME]


def _get_declared_type(part: Message) -> str:
    kind = part.get_content_type()
    raw = str(part.get("content-type") or "").strip().lower()
    if raw.startswith("pdf;"):
        return "application/pdf"
    return "image/jpeg" if kind == "image/jpg" else kind


def _make_name(part: Message, kind: str) -> str:
    if kind == "message/rfc822":
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        subject = decode_header(inner.get("subject") or "") if inner is not None else ""
        return clean_name(f"{subject or 'message'}.eml") or "message.eml"
    return f"attachment{mimetypes.guess_extension(kind) or '.bin'}"


def get_safe_type(kind: str, content: bytes) -> str:
    """The type to store a file under: never one that a browser runs as a page.

    SVG, HTML and XML become plain text, also where the label says picture; what is not
    on the list of harmless types is only ever downloaded.

    >>> get_safe_type("image/png", b"<svg onload='alert(1)'>")
    'text/plain'
    """
    kind = {"image/jpg": "image/jpeg"}.get(kind.lower(), kind.lower())
    # UTF-16 has NULs between the letters
    head = content[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    is_office = kind.startswith("application/vnd.openxmlformats")
    if head.startswith(b"<") or (
        not is_office and re.search(r"html|xml|svg|script|ht", kind)
    ):
        return "text/plain"
    return kind if SAFE_TYPES.fullmatch(kind) else "application/octet-stream"


# Bodies


def _compose(bodies) -> tuple[str, str]:
    """All bodies as one text and, where any is HTML, as one HTML."""
    texts, htmls = [], []
    for text, html in bodies:
        html = html[:MAX_HTML]
        texts.append(text if text.strip() or not html else html_to_text(html))
        htmls.append(html or f"<pre>{escape(text)}</pre>")
    has_html = any(html for __, html in bodies)
    text = "\n".join(part.strip("\n") for part in texts if part.strip())
    return text, "\n".join(htmls) if has_html else ""


class _TextReader(HTMLParser):
    """Collects what a reader sees; quoted blocks get ``> `` before each line."""

    SKIPPED = {"script", "style", "head", "title", "template"}
    BLOCKS = {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul",
              "ol", "pre", "hr", "section", "article", "blockquote"}  # fmt: skip

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines, self.line = [], []
        self.skipped = self.quoted = self.pre = 0
        self.quote_tags = []

    def handle_starttag(self, tag, attrs):
        if tag in self.SKIPPED:
            self.skipped += 1
        elif tag == "br":
            self._end_line()
        elif tag in self.BLOCKS:
            self._end_line(soft=True)
        if tag == "body":
            self.skipped = 0
        if tag == "pre":
            self.pre += 1
        classes = dict(attrs).get("class") or ""
        if tag == "blockquote" or (tag == "div" and "gmail_quote" in classes.split()):
            self.quote_tags.append([tag, 0])
            self.quoted += 1
        elif self.quote_tags and tag == self.quote_tags[-1][0]:
            self.quote_tags[-1][1] += 1

    def handle_endtag(self, tag):
        if tag in self.SKIPPED:
            self.skipped = max(0, self.skipped - 1)
        elif tag in self.BLOCKS:
            self._end_line(soft=True)
        if tag == "pre":
            self.pre = max(0, self.pre - 1)
        if self.quote_tags and tag == self.quote_tags[-1][0]:
            if self.quote_tags[-1][1]:
                self.quote_tags[-1][1] -= 1
            else:
                self.quote_tags.pop()
                self.quoted -= 1

    def handle_data(self, data):
        if self.skipped:
            return
        if self.pre:
            first, *rest = data.split("\n")
            self.line.append(first)
            for line in rest:
                self._end_line()
                self.line.append(line)
        else:
            self.line.append(re.sub(r"\s+", " ", data))

    def _end_line(self, soft=False):
        text = "".join(self.line)
        text = text.rstrip() if self.pre else text.strip()
        self.line = []
        if text or not soft:
            self.lines.append("> " * self.quoted + text)

    def get_text(self) -> str:
        self._end_line(soft=True)
        text = "\n".join(line.rstrip() for line in self.lines).replace("\xa0", " ")
        return re.sub(r"\n{3,}", "\n\n", text).strip()


def html_to_text(html: str) -> str:
    """What a reader of the HTML sees, as lines of text."""
    reader = _TextReader()
    try:
        reader.feed(html)
        reader.close()
    except (ValueError, AssertionError, RecursionError):
        # Declarations that the parser refuses: what was read so far, and the rest bare
        return clean(re.sub(r"<[^>]*>", " ", html)).strip()
    return clean(reader.get_text())
