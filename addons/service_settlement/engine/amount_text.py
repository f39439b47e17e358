"""Amounts as people type them into a form."""

import re


def read_amount(text: str, decimal_point: str = ".") -> float | None:
    """The number that ``text`` says, ``None`` if it says none.

    1. Of points and commas the last one is the decimal one, where both occur.
    2. One that occurs several times parts thousands.
    3. A single one before exactly three digits parts thousands unless it is the
       ``decimal_point`` of the reader's language; else it is the decimal one.

    >>> read_amount("1,234.50"), read_amount("1.234,50"), read_amount("12,5")
    (1234.5, 1234.5, 12.5)
    >>> read_amount("1,234"), read_amount("1,234", ",")
    (1234.0, 1.234)
    """
    text = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    marks = [mark for mark in text if mark in ".,"]
    decimal = ""
    if len(set(marks)) == 2:
        decimal = marks[-1]
    elif len(marks) == 1:
        is_group = re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", text)
        decimal = marks[0] if not is_group or marks[0] == decimal_point else ""
    thousands = {".", ","} - {decimal}
    whole, __, rest = text.partition(decimal) if decimal else (text, "", "")
    if thousands & set(rest):
        return None
    for mark in thousands & set(whole):
        if not re.fullmatch(rf"-?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+", whole):
            return None
        whole = whole.replace(mark, "")
    number = f"{whole}.{rest}" if decimal else whole
    return float(number) if re.fullmatch(r"-?\d+(?:\.\d*)?|-?\.\d+", number) else None
