"""merge_terms.py LANG ADDON...: bring ADDON/i18n/LANG.po to the terms of its .pot.

What has been translated stays, also where the words are the same. Lists what is
missing; fails if anything is.
"""

import sys
from pathlib import Path

import polib

# They change with every export, the terms do not.
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date")


def merge(addon, lang):
    folder = Path(addon, "i18n")
    template = polib.pofile(str(folder / f"{addon}.pot"))
    for key in VOLATILE:
        template.metadata.pop(key, None)
    template.save()
    path = folder / f"{lang}.po"
    known = (
        {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
        if path.exists()
        else {}
    )
    for entry in template:
        entry.msgstr = known.get(entry.msgid, "")
    template.metadata["Language"] = lang
    template.save(str(path))
    return template


def main(lang, *addons):
    missing = 0
    for addon in addons:
        catalogue = merge(addon, lang)
        untranslated = catalogue.untranslated_entries()
        missing += len(untranslated)
        print(f"{addon}: {len(catalogue)} terms, {len(untranslated)} without {lang}")
        for entry in untranslated:
            print(f"    {entry.msgid!r}")
    return missing > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
