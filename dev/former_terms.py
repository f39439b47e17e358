"""Which translations earlier versions of an addon shipped and this one says otherwise.

    dev/former_terms.py addons/<addon>/i18n/zh_CN.po \\
        > addons/<addon>/migrations/<version>/zh_CN.csv

Reads every state of the file that git knows and writes rows of an English term and a
former translation of it, for ``upgrade.renew_terms`` in a migration. Terms of code are
left out, they are not in databases; so are whole mails, which people add to.
"""

import csv
import subprocess
import sys
from collections import defaultdict

import polib


def git(*arguments):
    return subprocess.check_output(["git", *arguments], text=True)


def read_states(path):
    """``(English, translation, places in databases)`` of each state, newest first."""
    for commit in git("log", "--format=%h", "--", path).split():
        yield [
            (
                entry.msgid,
                entry.msgstr,
                [place for place, _ in entry.occurrences if place.startswith("model")],
            )
            for entry in polib.pofile(git("show", f"{commit}:{path}"))
            if entry.msgstr and "</p>" not in entry.msgid
        ]


def find_former(states):
    newest, *older = states
    current = {source: text for source, text, places in newest if places}
    # A record's own text is followed where its English one has changed
    source_at = {
        place: source
        for source, _text, places in newest
        for place in places
        if place.startswith("model:")
    }
    former = defaultdict(set)
    for source, text, places in (term for state in older for term in state):
        for known in {source, *map(source_at.get, places)} & current.keys():
            if text != current[known]:
                former[known].add(text)
    return sorted((source, text) for source, texts in former.items() for text in texts)


if __name__ == "__main__":
    rows = find_former(read_states(sys.argv[1]))
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
