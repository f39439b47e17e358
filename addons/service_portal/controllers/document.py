"""Papers that forms send: written anew (``engine/document.py``), or refused with a
sentence."""

import os

from odoo.exceptions import UserError

from odoo.addons.service_management.engine.document import (
    MAX_BYTES,
    DocumentError,
    to_document,
)


def read_document(env, file) -> tuple[str, bytes]:
    """An uploaded paper as ``(name, content)``: a passive PDF, or a picture."""
    if not file or not file.filename:
        raise UserError(env._("Please choose a file."))
    stem, __ = os.path.splitext(os.path.basename(file.filename))
    stem = stem[:60] or "document"
    try:
        extension, content = to_document(file.read(MAX_BYTES + 1))
    except DocumentError as error:
        reasons = {
            "size": env._(
                "%(file)s is larger than %(size)s MB.",
                file=stem,
                size=MAX_BYTES // 2**20,
            ),
            "encrypted": env._(
                "%(file)s asks for a password. Please send it without one.", file=stem
            ),
            "active": env._(
                "%(file)s has scripts, forms or files inside. Please send a plain PDF, "
                "such as a scan.",
                file=stem,
            ),
            "kind": env._(
                "%(file)s is neither a PDF nor a picture that we can read. Please send "
                "a PDF, JPEG, PNG, WebP or GIF file.",
                file=stem,
            ),
        }
        raise UserError(reasons[error.reason]) from None
    return f"{stem}.{extension}", content
