"""Fails when an Odoo log holds a warning or an error.

    python dev/check_log.py FILE [FILE ...]

Prints every line of level WARNING or above, and everything that is not a log
line but looks like a traceback or a docutils error, unless it is one of the
known complaints of Odoo 19 about itself below.
"""

import re
import sys

LEVEL = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
BROKEN = re.compile(r"^(Traceback \(most recent call last\)|.*\((ERROR|SEVERE)/\d\))")
KNOWN = re.compile(
    r"PyPDF2 is deprecated"
    r"|Running as user 'root'"
    # Odoo's own code with the Werkzeug that its requirements name.
    r"|/odoo/addons/(?!service_)\w+/.*DeprecationWarning"
    r"|/site-packages/.*DeprecationWarning"
)


def complaints(lines):
    for line in lines:
        if (LEVEL.match(line) or BROKEN.match(line)) and not KNOWN.search(line):
            yield line.rstrip("\n")


def main(paths):
    found = 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as log:
            for line in complaints(log):
                print(line, file=sys.stderr)
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
