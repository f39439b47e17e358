"""Papers from outside: PDFs that scanners make are taken, PDFs that act are not."""

import io
import os
import zlib

import PIL.Image
import pytest

from odoo.addons.service_management.engine import pdf_passive
from odoo.addons.service_management.engine.document import (
    MAX_BYTES,
    DocumentError,
    to_document,
)

pypdf = pdf_passive.pypdf

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R %s >>"
SCRIPT = b"<< /Type /Action /S /JavaScript /JS (app.alert(1)) >>"

ACTIVE = {
    "script when opened": (b"/OpenAction 5 0 R", b"", SCRIPT),
    "script by name": (
        b"/Names << /JavaScript << /Names [(a) 5 0 R] >> >>",
        b"",
        SCRIPT,
    ),
    "script of a page": (b"", b"/AA << /O 5 0 R >>", SCRIPT),
    "script on a link": (
        b"",
        b"/Annots [<< /Type /Annot /Subtype /Link /A 5 0 R >>]",
        SCRIPT,
    ),
    "script after a harmless action": (
        b"/OpenAction << /S /URI /URI (https://example.com) /Next [5 0 R] >>",
        b"",
        SCRIPT,
    ),
    "name written in hexadecimal": (
        b"/Open#41ction 5 0 R",
        b"",
        b"<< /S /#4aavaScript /J#53 (app.alert(1)) >>",
    ),
    "program": (b"/OpenAction 5 0 R", b"", b"<< /S /Launch /F (cmd.exe) >>"),
    "form that is sent": (
        b"",
        b"/AA << /C 5 0 R >>",
        b"<< /S /SubmitForm /F (https://example.com) >>",
    ),
    "file inside": (
        b"/Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> >>",
        b"",
        b"<< /Type /Filespec /F (a.exe) >>",
    ),
    "file on a page": (
        b"",
        b"/Annots [<< /Subtype /FileAttachment /FS 5 0 R >>]",
        b"<< /Type /Filespec /F (a.exe) >>",
    ),
    "dynamic form": (b"/AcroForm << /XFA 5 0 R >>", b"", b"(x)"),
}


def _stream(content, head=b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(content), content)


def _flate(content, head=b"", pack=zlib.compress) -> bytes:
    return _stream(pack(content), b"/Filter /FlateDecode " + head)


def _write(objects, trailer=b"") -> bytes:
    """A PDF with the plain table of PDF 1.4."""
    text, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", {}
    for number, body in objects.items():
        places[number] = len(text)
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(text)
    text += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    text += b"".join(b"%010d 00000 n \n" % places[n] for n in sorted(objects))
    text += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return text + b"startxref\n%d\n%%%%EOF\n" % start


def _write_compressed(objects, pack=zlib.compress) -> bytes:
    """A PDF 1.5 whose objects, but streams, are in one compressed object stream."""
    inside = {n: body for n, body in objects.items() if b"stream" not in body}
    head, bodies = b"", b""
    for number, body in inside.items():
        head += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    last = max(objects)
    kept = {n: body for n, body in objects.items() if n not in inside}
    kept[last + 1] = _flate(
        head + bodies, b"/Type /ObjStm /N %d /First %d" % (len(inside), len(head))
    )
    text, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", {}
    for number, body in kept.items():
        places[number] = len(text)
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = places[last + 2] = len(text)
    rows = b"\x00" + bytes(4) + b"\xff"
    order = list(inside)
    for number in range(1, last + 3):
        if number in inside:
            index = order.index(number)
            rows += b"\x02" + (last + 1).to_bytes(4, "big") + bytes([index])
        else:
            rows += b"\x01" + places[number].to_bytes(4, "big") + b"\x00"
    head = b"/Type /XRef /W [1 4 1] /Size %d /Root 1 0 R" % (last + 3)
    table = _flate(rows, head, pack)
    text += b"%d 0 obj\n%s\nendobj\n" % (last + 2, table)
    return text + b"startxref\n%d\n%%%%EOF\n" % start


def _objects(catalog=b"", page=b"", extra=b"(x)", content=b"0 0 9 9 re f") -> dict:
    return {
        1: CATALOG % catalog,
        2: PAGES,
        3: PAGE % page,
        4: _flate(content),
        5: extra,
    }


def _scan() -> bytes:
    """What a scanner sends: pages that are pictures, as Pillow writes them."""
    pixels = PIL.Image.frombytes("RGB", (300, 400), os.urandom(360_000))
    stream = io.BytesIO()
    pixels.save(stream, "PDF", save_all=True, append_images=[pixels])
    return stream.getvalue()


def _reason(content) -> str:
    with pytest.raises(DocumentError) as refused:
        to_document(content)
    return refused.value.reason


@pytest.mark.parametrize("write", [_write, _write_compressed])
@pytest.mark.parametrize("case", ACTIVE)
def test_l30_pdf_that_acts_is_refused(case, write):
    content = write(_objects(*ACTIVE[case]))
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == 1
    assert _reason(content) == "active"


@pytest.mark.parametrize("write", [_write, _write_compressed])
def test_passive_pdf_is_written_anew_with_its_links(write):
    link = b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>"
    kind, content = to_document(
        write(
            _objects(
                b"/OpenAction [3 0 R /Fit]",
                b"/Annots [%s]" % link,
                b"<< /S /URI /URI (https://example.com) >>",
            )
        )
    )
    assert kind == "pdf"
    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    assert page.get_contents().get_data().strip() == b"0 0 9 9 re f"
    assert page["/Annots"][0].get_object()["/A"]["/URI"] == "https://example.com"


def test_scan_is_taken():
    assert len(pypdf.PdfReader(io.BytesIO(to_document(_scan())[1])).pages) == 2


def test_pixels_may_spell_anything():
    pixels = b"/JS /JavaScript /Launch /EmbeddedFile"
    content = _write({**_objects(), 4: _stream(pixels)})
    assert pixels in to_document(content)[1]


def test_what_no_page_refers_to_is_gone():
    """A second reader may find by searching what a first one did not see."""
    content = _write({**_objects(), 6: SCRIPT}) + b"7 0 obj\n" + SCRIPT + b"\nendobj"
    content += b"\nPK\x03\x04 a second file behind the end"
    kept = to_document(content)[1]
    assert b"JavaScript" not in kept and b"PK" not in kept


def test_encrypted_pdf_is_refused_even_without_a_password():
    writer = pypdf.PdfWriter()
    writer.add_page(pypdf.PdfReader(io.BytesIO(_write(_objects()))).pages[0])
    writer.encrypt("", "owner")
    stream = io.BytesIO()
    writer.write(stream)
    assert _reason(stream.getvalue()) == "encrypted"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg onload='alert(1)'/>",
        b"<html/>",
        b"",
        b"%PDF-1.4 nothing",
        b"MZ\x90\x00",
        _write({1: CATALOG % b"", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
    ],
    ids=["svg", "html", "empty", "torn", "program", "no page"],
)
def test_other_kinds_are_refused(content):
    assert _reason(content) == "kind"


def test_size_is_limited():
    assert _reason(b"%PDF-1.4" + b" " * MAX_BYTES) == "size"


def test_bomb_exhausts_only_the_process_of_its_own():
    """A table that unpacks to more than anybody's memory."""
    packer = zlib.compressobj(1)
    zeros = b"\x00" * 2**20
    bomb = b"".join(packer.compress(zeros) for _ in range(1500)) + packer.flush()
    assert len(bomb) < MAX_BYTES
    content = _write_compressed(_objects(), pack=lambda rows: bomb)
    assert _reason(content) == "kind"


def test_picture_becomes_a_jpeg():
    stream = io.BytesIO()
    PIL.Image.new("RGB", (9, 9)).save(stream, "PNG")
    kind, content = to_document(stream.getvalue())
    assert (kind, content[:2]) == ("jpg", b"\xff\xd8")
