from odoo.tools import SQL


def next_numbers(env, code: str, count: int) -> list[str]:
    """``count`` numbers of a sequence of the current company, in one query."""
    if not count:
        return []
    # sudo: ir.sequence: whoever may make a record draws its number
    sequence = (
        env["ir.sequence"]
        .sudo()
        .search_fetch(
            [("code", "=", code), ("company_id", "in", (env.company.id, False))],
            ["implementation", "use_date_range", "prefix", "suffix", "padding"],
            order="company_id",
            limit=1,
        )
    )
    if sequence.implementation != "standard" or sequence.use_date_range:
        return [sequence.next_by_id() for __ in range(count)]
    rows = env.execute_query(
        SQL(
            "SELECT nextval(%(name)s) FROM generate_series(1, %(count)s)",
            name=f"ir_sequence_{sequence.id:03d}",
            count=count,
        )
    )
    # The date in the prefix is worked out once, not for each number
    prefix, suffix = sequence._get_prefix_suffix()
    return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in rows]
