"""Where the large data files are that tests may use when they are there."""

import os
from pathlib import Path

# Beside the checkout, unless the environment says otherwise.
_DEFAULT = Path(__file__).resolve().parents[4] / "shared" / "data"


def shared_path(test, *parts) -> Path:
    """The path of a shared data file; skips the test where it is missing."""
    path = Path(os.environ.get("SERVICE_SHARED_DATA") or _DEFAULT).joinpath(*parts)
    if not path.exists():
        test.skipTest(
            f"shared data is missing: {'/'.join(parts)} "
            "(set SERVICE_SHARED_DATA to its folder)"
        )
    return path
