"""Fingerprints of photos that stay the same when a photo is encoded again, resized,
brightened, or a little of its edge is cut off.

A difference hash (Krawetz, "Kind of like that", 2013): the photo becomes 17 × 16 grey
points, and each bit says whether a point is brighter than its left neighbour. Two
photos are alike when few of the 256 bits differ.

To find them without comparing all with all, the print is cut into bands (its 16 rows).
Photos that differ in few bits have at least one row in common, so an index of rows
gives the few that have to be compared. Each photo has a print of the whole and of
smaller cuts of its middle: a copy without its edge is like one of these.
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

SIZE = 16
BITS = SIZE * SIZE
# Shares of both sides that are looked at
CUTS = (1.0, 0.94, 0.88)
# Neighbours that differ less (of 255) count as equal: noise of the encoder
LEAST_STEP = 2
# A row in which almost nothing happens says nothing about the photo
INFORMATIVE = range(3, SIZE - 2)
LEAST_ROWS = 8
# Photos are alike up to so many different bits; unrelated ones differ in about half
ALIKE = 26
# Larger pictures are not opened: a small file may unpack to gigabytes
MAX_POINTS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
_WORK_SIZE = 256


@dataclass(frozen=True, slots=True)
class Print:
    """One print: 256 bits as a string of 0 and 1, and its bands as numbers."""

    bits: str
    bands: tuple[int, ...]


def get_prints(content: bytes) -> list[Print]:
    """The prints of an encoded photo, one for each cut.

    Empty for what is no photo, is too large, or shows nothing (a dark or even
    surface looks like every other one).
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_POINTS:
                return []
            # JPEG is decoded at the size that is needed
            image.draft("L", (2 * _WORK_SIZE, 2 * _WORK_SIZE))
            grey = ImageOps.exif_transpose(image).convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []
    grey.thumbnail((2 * _WORK_SIZE, 2 * _WORK_SIZE), Image.Resampling.BOX)
    prints = [_get_print(grey, share) for share in CUTS]
    return [found for found in prints if found]


def _get_print(grey: Image.Image, share: float) -> Print | None:
    width, height = grey.size
    left, top = width * (1 - share) / 2, height * (1 - share) / 2
    small = grey.resize(
        (SIZE + 1, SIZE),
        Image.Resampling.BOX,
        box=(left, top, width - left, height - top),
    )
    points = small.tobytes()
    rows = []
    for start in range(0, len(points), SIZE + 1):
        row = 0
        for index in range(start, start + SIZE):
            row = row << 1 | (points[index + 1] - points[index] >= LEAST_STEP)
        rows.append(row)
    bands = tuple(
        number << SIZE | row
        for number, row in enumerate(rows)
        if row.bit_count() in INFORMATIVE
    )
    if len(bands) < LEAST_ROWS:
        return None
    return Print("".join(f"{row:0{SIZE}b}" for row in rows), bands)


def get_distance(one: Print, other: Print) -> int:
    """In how many bits two prints differ."""
    return (int(one.bits, 2) ^ int(other.bits, 2)).bit_count()


def are_alike(some: list[Print], others: list[Print]) -> bool:
    """Whether two photos are the same one; the database asks this in SQL."""
    return any(
        get_distance(one, other) <= ALIKE and set(one.bands) & set(other.bands)
        for one in some
        for other in others
    )
