from odoo.tools import SQL


def keep_append_only(model, when="UPDATE"):
    """Have the database refuse to change rows of the model (call it in ``init``).

    :param when: what is refused, as in ``CREATE TRIGGER``; the columns of
        ``UPDATE OF`` where others may follow what they are about

    What is made here has to go by ``drop_guard`` when the addon is removed.
    """
    table = model._table
    model.env.cr.execute(
        SQL(
            """
            CREATE OR REPLACE FUNCTION %(guard)s()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '%(table)s is append-only'
                    USING ERRCODE = 'restrict_violation';
            END $$;
            DROP TRIGGER IF EXISTS %(guard)s ON %(table)s;
            CREATE TRIGGER %(guard)s
                BEFORE %(when)s ON %(table)s
                FOR EACH ROW EXECUTE FUNCTION %(guard)s();
            """,
            guard=SQL.identifier(f"{table}_append_only"),
            table=SQL(table),
            when=SQL(when),
        )
    )


def drop_guard(env, table, name):
    """Drop a trigger of the table and the function of the same name."""
    env.cr.execute(
        SQL(
            "DROP TRIGGER IF EXISTS %s ON %s",
            SQL.identifier(name),
            SQL.identifier(table),
        )
    )
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s()", SQL.identifier(name)))
