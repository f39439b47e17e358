from odoo.tools import SQL

# Another index has taken their place, or the field is looked up by another kind: Odoo
# makes an index of a field where there is none by its name, whatever kind that is.
OLD_INDEXES = {
    "service_asset__category_id_index": "btree",
    "service_asset__code_index": "btree",
    "service_asset__partner_id_index": "btree",
    "service_asset__product_id_index": "btree",
    "service_asset__warranty_end_index": "btree",
}


def migrate(cr, version):
    cr.execute(
        """
        SELECT class.relname, method.amname
          FROM pg_class class
          JOIN pg_am method ON method.oid = class.relam
          JOIN pg_namespace space ON space.oid = class.relnamespace
         WHERE class.relname = ANY(%s) AND space.nspname = current_schema
        """,
        [list(OLD_INDEXES)],
    )
    for name, method in cr.fetchall():
        if OLD_INDEXES[name] == method:
            cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
