"""A PDF from outside, written anew from its pages; refused where it would act.

Runs as a program of its own (``engine/document.py`` starts it): the file is on standard
input, the new one on standard output, and the exit status says what was wrong. A file
made to exhaust whoever reads it (an object stream of gigabytes, an endless chain of
tables) exhausts this process, whose memory and time are bounded.

Two steps, because readers repair damaged files differently:

1. Everything that can be reached from the trailer is looked at, objects in compressed
   streams included. What would act is refused, so that nobody loses it in silence.
2. The pages are written into a new file. What this reader did not see, another one
   cannot find: a second table, an object that nothing refers to, a file behind the end.
"""

import io
import sys

try:
    import pypdf
except ImportError:  # the distribution's name until 2022; same classes
    import PyPDF2 as pypdf

ENCRYPTED, ACTIVE, UNREADABLE = 3, 4, 5

MEMORY = 2**30
CPU_SECONDS = 10
MAX_OBJECTS = 300_000
MAX_PAGES = 500

# Actions that stay: going to a page or following a link, both by the reader's hand
PASSIVE_ACTIONS = {"/GoTo", "/Named", "/Thread", "/URI"}
# Keys under which something to run, to send or to unpack is kept
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMedia"}
ACTIVE_KEYS |= {"/RichMediaContent", "/RichMediaSettings"}
# Keys whose value is an action or a table of actions
ACTION_KEYS = ("/A", "/PA", "/OpenAction", "/Next")
ACTIVE_TYPES = {"/EmbeddedFile", "/JavaScript", "/Launch"}
ACTIVE_SUBTYPES = {"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen"}
ACTIVE_SUBTYPES |= {"/Sound"}
# What a page needs to be seen
PAGE_KEYS = {"/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"}
PAGE_KEYS |= {"/Resources", "/Contents", "/Rotate", "/UserUnit", "/Annots", "/Group"}


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


def rewrite(content: bytes) -> bytes:
    """The pages of a PDF as a new PDF.

    :raise Refused: it is encrypted, would act, or cannot be read
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refused(ENCRYPTED)
        _check(reader)
        pages = list(reader.pages)
        if not 0 < len(pages) <= MAX_PAGES:
            raise Refused(UNREADABLE)
        writer = pypdf.PdfWriter()
        for page in pages:
            for key in [key for key in page if key not in {*PAGE_KEYS, "/Parent"}]:
                del page[key]
            writer.add_page(page)
        stream = io.BytesIO()
        writer.write(stream)
    except Refused:
        raise
    except Exception as error:
        # The reader fails in many ways on damaged files: each is the same answer
        raise Refused(UNREADABLE) from error
    return stream.getvalue()


def _check(reader):
    """Refuse what would act, wherever it hangs."""
    stack, seen, count = [reader.trailer], set(), 0
    while stack:
        value = stack.pop()
        if isinstance(value, pypdf.generic.IndirectObject):
            key = (value.idnum, value.generation)
            if key in seen:
                continue
            seen.add(key)
            value = value.get_object()
        count += 1
        if count > MAX_OBJECTS:
            raise Refused(UNREADABLE)
        if isinstance(value, dict):
            if _is_active(value):
                raise Refused(ACTIVE)
            stack.extend(dict.values(value))
        elif isinstance(value, list):
            stack.extend(list.__iter__(value))


def _is_active(value) -> bool:
    if ACTIVE_KEYS & value.keys():
        return True
    if _name(value, "/Type") in ACTIVE_TYPES:
        return True
    if _name(value, "/Subtype") in ACTIVE_SUBTYPES:
        return True
    actions = [_resolve(value, key) for key in ACTION_KEYS]
    extra = _resolve(value, "/AA")
    if isinstance(extra, dict):
        actions += [_resolve(extra, key) for key in extra]
    if _name(value, "/Type") == "/Action":
        actions.append(value)
    for action in actions:
        # A destination (an array or a name) goes to a page
        for one in action if isinstance(action, list) else [action]:
            one = one.get_object() if hasattr(one, "get_object") else one
            if (
                isinstance(one, dict)
                and "/S" in one
                and _name(one, "/S") not in PASSIVE_ACTIONS
            ):
                return True
    return False


def _resolve(value, key):
    found = dict.get(value, key)
    return found.get_object() if hasattr(found, "get_object") else found


def _name(value, key) -> str:
    found = _resolve(value, key)
    return str(found) if isinstance(found, str) else ""


def _bound():
    try:
        import resource  # noqa: PLC0415 not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


if __name__ == "__main__":
    _bound()
    try:
        sys.stdout.buffer.write(rewrite(sys.stdin.buffer.read()))
    except Refused as refused:
        sys.exit(refused.status)
