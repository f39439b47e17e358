"""Which administrative area a line of address text means - without a database.

The names of areas that occur in the text are put together to chains that run down
the tree and from left to right, the way addresses are written from the large unit
to the small ("广东省深圳市南山区科技园"). Rules:

1. A name counts in full or without the word for its rank: 广东 for 广东省, 恩施 for
   恩施土家族苗族自治州. Streets and postal areas count in full only. Levels may be
   left out ("广东南山区").
2. A name without its rank that is followed by the word for a road is the road's
   name, not the area's ("南京西路").
3. The chain with the most matched characters wins, then the one that begins first.
4. A district's name without its rank, or a street, says nothing on its own: too many
   places are called like that.
5. Two chains that are equally good in different places: what they have in common is
   the answer, which may be nothing.

Names in scripts with spaces match as whole words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Areas that exist in code tables only to fill a level, and in no address.
FILLER_NAMES = frozenset(
    {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
)

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WORD_RUN = re.compile(rf"(?:(?![{_HAN}])[^\W_]|['’])+")
_MAX_HAN = 15
_MAX_WORDS = 4

_PEOPLES = (
    "柯尔克孜|维吾尔|哈萨克|达斡尔|鄂温克|鄂伦春|塔吉克|土家|蒙古|朝鲜|布依|哈尼|傈僳|"
    "景颇|拉祜|纳西|普米|独龙|仫佬|毛南|仡佬|撒拉|东乡|保安|裕固|锡伯|布朗|阿昌|德昂|基诺|"
    "赫哲|壮|回|苗|彝|藏|侗|白|傣|羌|黎|满|畲|瑶|佤|怒|水|土|京|各"
)
_AUTONOMOUS = re.compile(f"(?:(?:{_PEOPLES})族?)*自治[区州县旗]$")
_RANK = re.compile("(?:特别行政区|自治[区州县旗]|地区|新区|林区|特区|[省市区县旗盟])$")
_ROAD = re.compile(
    "^[东西南北中前后]?[一二三四五六七八九十]?(?:路|街(?!道)|大街|大道|道|巷|弄)"
)

# Levels on which a name without its rank is good for a match.
_SHORT_LEVELS = frozenset({"province", "city", "district"})
_WEAK_LEVELS = frozenset({"street", "postal"})


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area that may occur in a text; ``path`` holds its ancestors and itself."""

    key: int
    level: str
    path: tuple[int, ...]
    name: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class _Hit:
    area: AreaName
    start: int
    end: int
    is_short: bool


@dataclass(frozen=True, slots=True)
class _Chain:
    hits: tuple[_Hit, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return sum(hit.end - hit.start for hit in self.hits), -self.hits[0].start


def normalise(text: str) -> str:
    """Text in one writing: full-width forms, case and runs of blanks are gone.

    >>> normalise("  Ｌｅｅｄｓ,  West Yorkshire ")
    'leeds, west yorkshire'
    """
    text = unicodedata.normalize("NFKC", text or "").casefold()
    return " ".join(text.split())


def shorten(name: str, level: str) -> str:
    """The name without the word for its rank; empty when nothing useful is left.

    >>> shorten("广西壮族自治区", "province"), shorten("城区", "district")
    ('广西', '')
    """
    name = normalise(name)
    if level not in _SHORT_LEVELS or name in FILLER_NAMES:
        return ""
    for pattern in (_AUTONOMOUS, _RANK):
        short = pattern.sub("", name)
        if short != name and len(short) > 1:
            return short
    return ""


def split_keys(text: str) -> set[str]:
    """Every piece of the text that could be the name of an area."""
    text = normalise(text)
    keys = set()
    for run in _HAN_RUN.findall(text):
        for start in range(len(run)):
            for end in range(start + 2, min(start + _MAX_HAN, len(run)) + 1):
                keys.add(run[start:end])
    spans = [match.span() for match in _WORD_RUN.finditer(text)]
    for first in range(len(spans)):
        for last in range(first, min(first + _MAX_WORDS, len(spans))):
            keys.add(text[spans[first][0] : spans[last][1]])
    return keys


def find_area(text: str, names: Iterable[AreaName]) -> int | None:
    """The key of the area the text means, ``None`` when it does not say.

    :param names: at least every area whose name or short name is in
        ``split_keys(text)``; others do no harm.
    """
    text = normalise(text)
    hits = _find_hits(text, names)
    chains = _chain_hits(hits)
    chains = [chain for chain in chains if not _is_vague(chain)]
    if not chains:
        return None
    top = max(chain.rank for chain in chains)
    return _get_common([chain.hits[-1].area for chain in chains if chain.rank == top])


def _find_hits(text: str, names: Iterable[AreaName]) -> list[_Hit]:
    hits = []
    for area in names:
        if area.name in FILLER_NAMES:
            continue
        for name, is_short in ((normalise(area.name), False), (area.short, True)):
            for start in _find_all(text, name):
                end = start + len(name)
                if is_short and _ROAD.match(text[end : end + 5]):
                    continue
                hits.append(_Hit(area, start, end, is_short))
    return hits


def _find_all(text: str, name: str) -> Iterable[int]:
    start = text.find(name) if len(name) > 1 else -1
    while start >= 0:
        if _is_whole(text, start, start + len(name)):
            yield start
        start = text.find(name, start + 1)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word of letters is cut through at either side."""
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    return not (
        (before and _WORD_RUN.match(before) and _WORD_RUN.match(text[start]))
        or (after and _WORD_RUN.match(after) and _WORD_RUN.match(text[end - 1]))
    )


def _chain_hits(hits: Sequence[_Hit]) -> list[_Chain]:
    """For each hit the best chain that ends with it."""
    hits = sorted(hits, key=lambda hit: (len(hit.area.path), hit.start))
    best: list[_Chain] = []
    for hit in hits:
        ancestors = set(hit.area.path[:-1])
        options = [
            _Chain((*chain.hits, hit))
            for chain in best
            if chain.hits[-1].area.key in ancestors and chain.hits[-1].end <= hit.start
        ]
        options.append(_Chain((hit,)))
        best.append(max(options, key=lambda chain: chain.rank))
    return best


def _is_vague(chain: _Chain) -> bool:
    if len(chain.hits) > 1:
        return False
    hit = chain.hits[0]
    return hit.area.level in _WEAK_LEVELS or (
        hit.is_short and hit.area.level == "district"
    )


def _get_common(areas: Sequence[AreaName]) -> int | None:
    """The deepest area that all have in their path, or that lies below all of them.

    A province and its city of the same name are no contradiction: the text then
    means the one that is certain, the province.
    """
    common = None
    for level in zip(*(area.path for area in areas), strict=False):
        if len(set(level)) > 1:
            break
        common = level[0]
    return common
