"""What a caller is recognised by: keys of names and numbers as people type them.

Keys are stored beside what they are made of and indexed; a typed term is turned into
the same key before it is compared.
"""

from __future__ import annotations

import re
import unicodedata

# The first code point of the ideographic scripts; letters below it make words that
# are found by their beginning or by three letters.
FIRST_IDEOGRAPH = "\u2e80"


def phone_key(number: str | None) -> str | bool:
    """Digits of a phone number without its international or trunk prefix.

    >>> phone_key("+86 138-0013-8000"), phone_key("(010) 6552 9988")
    ('8613800138000', '1065529988')
    """
    digits = re.sub(r"\D", "", number or "").lstrip("0")
    return digits or False


def name_key(name: str | None) -> str | bool:
    """Letters and digits of a name, without case, width, accents and spaces.

    >>> name_key("Müller & Söhne  GmbH"), name_key("欧阳 锦书"), name_key("ＡＢＣ")
    ('mullersohnegmbh', '欧阳锦书', 'abc')
    """
    text = unicodedata.normalize("NFKD", name or "").casefold()
    bare = "".join(char for char in text if not unicodedata.combining(char))
    # Syllables of Korean and the like were taken apart with the accents
    whole = unicodedata.normalize("NFKC", bare)
    return "".join(char for char in whole if char.isalnum()) or False


def name_pairs(key: str | bool) -> str | bool:
    """Each pair of neighbouring ideographs as a word of its own.

    Most Chinese names have two or three characters, and a trigram index knows
    nothing of two letters inside a word; of a word of two it does.

    >>> name_pairs("欧阳锦书"), name_pairs("abc")
    (' 欧阳 阳锦 锦书 ', False)
    """
    key = key or ""
    pairs = dict.fromkeys(
        first + second
        for first, second in zip(key, key[1:], strict=False)
        if first >= FIRST_IDEOGRAPH and second >= FIRST_IDEOGRAPH
    )
    return f" {' '.join(pairs)} " if pairs else False
