from odoo.tools import SQL


def take_turn(records):
    """One transaction at a time from here on: a write, because of two that only lock
    the second one would go on without seeing what the first did; so it runs again."""
    records.env.execute_query(
        SQL(
            "UPDATE %s SET write_date = write_date WHERE id = ANY(%s) RETURNING id",
            SQL(records._table),
            records.ids,
        )
    )


def wait_in_line(records, *, allow_referencing=False):
    """Wait for the records, in one order for everybody, so that no two wait for each
    other; then let the database decide: by a constraint, or by what the first wrote.

    :param allow_referencing: as for ``lock_for_update``
    """
    records.env.execute_query(
        SQL(
            "SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR %s",
            SQL(records._table),
            records.ids,
            SQL("NO KEY UPDATE" if allow_referencing else "UPDATE"),
        )
    )
