"""merge_terms.py LANG ADDON...: bring ADDON/i18n/LANG.po to the terms of its .pot.

What has been translated stays. A term that is the same in LANG keeps no translation,
as is usual, but a comment. Lists what is missing; fails if anything is.
"""

import sys
from pathlib import Path

import polib

# They change with every export, the terms do not.
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date")
SAME = "The same in this language."


def merge(addon, lang):
    folder = Path(addon, "i18n")
    template = polib.pofile(str(folder / f"{addon}.pot"))
    for key in VOLATILE:
        template.metadata.pop(key, None)
    template.save()
    path = folder / f"{lang}.po"
    known = (
        {entry.msgid: entry for entry in polib.pofile(str(path))}
        if path.exists()
        else {}
    )
    for entry in template:
        if old := known.get(entry.msgid):
            if SAME in old.comment or old.msgstr == entry.msgid:
                entry.comment += f"\n{SAME}"
            else:
                entry.msgstr = old.msgstr
    template.metadata["Language"] = lang
    template.save(str(path))
    return template


def main(lang, *addons):
    missing = 0
    for addon in addons:
        catalogue = merge(addon, lang)
        untranslated = [
            entry
            for entry in catalogue.untranslated_entries()
            if SAME not in entry.comment
        ]
        missing += len(untranslated)
        print(f"{addon}: {len(catalogue)} terms, {len(untranslated)} without {lang}")
        for entry in untranslated:
            print(f"    {entry.msgid!r}")
    return missing > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
