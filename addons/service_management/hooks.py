"""What installing and removing the addon does beyond its records."""


def uninstall_hook(env):
    """Drop what the ORM does not know of: the append-only guard of the event log."""
    env.cr.execute(
        "DROP TRIGGER IF EXISTS service_order_event_append_only ON service_order_event"
    )
    env.cr.execute("DROP FUNCTION IF EXISTS service_order_event_append_only()")
