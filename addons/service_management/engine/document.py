"""Papers from outside, a PDF or a picture of one: what is kept was written by us.

The kind is told by the content, never by the name or what a browser says of it.
"""

import subprocess
import sys
from pathlib import Path

from . import pdf_passive
from .picture import PictureError, to_jpeg

MAX_BYTES = 10 * 2**20
SECONDS = 30
REASONS = {pdf_passive.ENCRYPTED: "encrypted", pdf_passive.ACTIVE: "active"}


class DocumentError(ValueError):
    """The content is not taken; ``reason`` is one of

    - ``size``: larger than ``MAX_BYTES``
    - ``encrypted``: a PDF that asks for a password
    - ``active``: a PDF with scripts, programs to start, forms to send or files inside
    - ``kind``: neither a PDF nor a picture that can be read
    """

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def to_document(content: bytes) -> tuple[str, bytes]:
    """A paper as ``("pdf" or "jpg", content)``, written anew.

    A digital signature of a PDF does not survive that; who needs one keeps the
    original.

    :raise DocumentError: see there
    """
    if len(content) > MAX_BYTES:
        raise DocumentError("size")
    if content.startswith(b"%PDF-"):
        return "pdf", _to_passive(content)
    try:
        return "jpg", to_jpeg(content)
    except PictureError as error:
        raise DocumentError("kind") from error


def _to_passive(content) -> bytes:
    """``pdf_passive.rewrite`` in a process of its own, bounded in memory and time."""
    try:
        done = subprocess.run(
            [sys.executable, str(Path(pdf_passive.__file__))],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError("kind") from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise DocumentError(REASONS.get(done.returncode, "kind"))
    return done.stdout
