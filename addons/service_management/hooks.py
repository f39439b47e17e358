"""What installing and removing the addon does beyond its records."""

from odoo.tools import SQL

from .models.base.append_only import drop_guard


def uninstall_hook(env):
    """Drop what the ORM does not know of: the guards that refuse changes."""
    for table in ("version", "node", "flow"):
        env.cr.execute(
            SQL(
                "DROP TRIGGER IF EXISTS %s ON %s",
                SQL.identifier(f"service_workflow_{table}_immutable"),
                SQL.identifier(f"service_workflow_{table}"),
            )
        )
    for what in ("version", "part"):
        env.cr.execute(
            SQL(
                "DROP FUNCTION IF EXISTS %s()",
                SQL.identifier(f"service_workflow_{what}_immutable"),
            )
        )
    for table, names in (
        (
            "service_entitlement_entry",
            ("service_entitlement_entry_append_only", "service_entitlement_entry_book"),
        ),
        ("service_entitlement_period", ("service_entitlement_period_kept",)),
        ("service_order_event", ("service_order_event_append_only",)),
        ("service_asset_owner", ("service_asset_owner_append_only",)),
        ("service_point_change", ("service_point_change_append_only",)),
    ):
        for name in names:
            drop_guard(env, table, name)
    # An index on a field of another addon would stay
    env.cr.execute("DROP INDEX IF EXISTS res_partner__email_normalized_index")
    # What is about to be dropped must not keep records of other addons
    env.cr.execute("UPDATE service_sla_clock SET calendar_id = NULL")
    env.cr.execute("UPDATE service_contract SET sale_line_id = NULL")
