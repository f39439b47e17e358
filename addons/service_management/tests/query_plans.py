"""How the database answers what the product asks: for tests and benchmarks."""

import contextlib
import json
import re
from unittest.mock import patch

from odoo.sql_db import Cursor


@contextlib.contextmanager
def recorded_queries(cr):
    """The SELECT statements sent while the context is open, with their values."""
    statements = []
    execute = Cursor.execute

    def record(cursor, query, params=None, log_exceptions=True):
        if cursor._obj is cr._obj:
            text = cursor._format(query, params)
            if text.lstrip().upper().startswith("SELECT"):
                statements.append(text)
        return execute(cursor, query, params, log_exceptions)

    with patch("odoo.sql_db.Cursor.execute", record):
        yield statements


def explain(cr, statement):
    """The plan of a recorded statement as text."""
    # The statement has its values already: a % in it is data, not a place for one
    cr._obj.execute(f"EXPLAIN {statement}")
    return "\n".join(line for (line,) in cr.fetchall())


def scanned_tables(plan):
    """The tables which a plan reads from one end to the other."""
    return set(re.findall(r"Seq Scan on (\w+)", plan))


def read_rows(cr, statement):
    """Rows that a statement reads from tables, most of them thrown away or not: what
    it costs, whatever shape the plan has. Runs the statement."""
    cr._obj.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
    [(plans,)] = cr.fetchall()
    plans = json.loads(plans) if isinstance(plans, str) else plans
    return _sum_rows(plans[0]["Plan"])


def _sum_rows(node):
    rows = 0
    if "Relation Name" in node:
        thrown = sum(
            node.get(f"Rows Removed by {kind}", 0)
            for kind in ("Filter", "Index Recheck")
        )
        rows = (node["Actual Rows"] + thrown) * node["Actual Loops"]
    return rows + sum(_sum_rows(child) for child in node.get("Plans", ()))
