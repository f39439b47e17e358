"""Sums up several pytest runs.

    python dev/junit.py [--allow-empty] FILE.xml [FILE.xml ...]

Prints why tests were skipped and, as its last line, `N passed, N failed,
N skipped` over all files. Fails when a test failed, when nothing ran, or when
a browser test was skipped for want of a browser: Odoo calls that a success.
"""

import re
import sys
import xml.etree.ElementTree as ET

NO_BROWSER = re.compile(r"chrom|devtools|websocket-client|--odoo-http", re.I)


def read(path):
    """Return (passed, failed, [(test, reason) skipped]) of one junit file."""
    failed, passed, skips = 0, 0, []
    for case in ET.parse(path).getroot().iter("testcase"):
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skip is not None:
            name = f"{case.get('classname')}.{case.get('name')}"
            skips.append((name, skip.get("message") or ""))
        else:
            passed += 1
    return passed, failed, skips


def main(arguments):
    allow_empty = "--allow-empty" in arguments
    passed = failed = 0
    skips = []
    for path in arguments:
        if path.startswith("--"):
            continue
        result = read(path)
        passed += result[0]
        failed += result[1]
        skips += result[2]
    for name, reason in skips:
        print(f"skipped: {name}: {reason}")
    blind = [name for name, reason in skips if NO_BROWSER.search(reason)]
    if blind:
        print(f"{len(blind)} browser tests did not run: counted as failed")
        failed += len(blind)
    print(f"{passed} passed, {failed} failed, {len(skips) - len(blind)} skipped")
    return 1 if failed or not (passed or allow_empty) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
