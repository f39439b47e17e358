"""Compiles the loops of visit planning where numba is installed.

What is compiled is kept on disk, in a folder named after the sources: numba itself
looks at the time of the one file that a function stands in, and would go on using what
was compiled from the old version of another.
"""

import hashlib
import os
import tempfile
from pathlib import Path

SOURCES = ("routing_jit", "routing_route", "routing_insert", "routing_kernel")

try:
    if os.environ.get("SERVICE_ROUTING_INTERPRETED"):
        raise ImportError("interpreted on request")
    import numba
except ImportError:
    numba = None

COMPILED = numba is not None


def _get_folder() -> str:
    """Where compiled code is kept: beside the sources, or where temporary files are."""
    here = Path(__file__).parent
    # What is compiled names the module that it was compiled in.
    digest = hashlib.sha256(__name__.encode())
    for name in SOURCES:
        digest.update((here / f"{name}.py").read_bytes())
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(chosen) if chosen else here / "__pycache__"
    if not os.access(folder if folder.exists() else here, os.W_OK):
        # A folder of one's own: code that others could have put there is not run.
        folder = Path(tempfile.gettempdir()) / f"service-routing-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            return ""
    return str(folder / f"routing-{digest.hexdigest()[:16]}")


def _compile(function, **options):
    before = numba.config.CACHE_DIR
    folder = _get_folder()
    numba.config.CACHE_DIR = folder or before
    try:
        return numba.njit(cache=bool(folder), error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = before


def jit(function):
    """The function, compiled where that is possible; the lock of Python is let go."""
    return _compile(function, nogil=True) if COMPILED else function


def lean(function):
    """As ``jit`` for a function that makes no arrays of its own.

    Arrays that come in a tuple are then not counted as they are passed on, which would
    take four fifths of the time.
    """
    return _compile(function, nogil=True, _nrt=False) if COMPILED else function


def inlined(function):
    """As ``jit``, for what is called so often that the call itself counts."""
    return _compile(function, inline="always") if COMPILED else function
