from collections import defaultdict

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


def number_each(env, code: str, vals_list: list[dict]):
    """Give each of the values the next number of its company as its name, in a query a
    company."""
    by_company = defaultdict(list)
    for vals in vals_list:
        by_company[vals.get("company_id") or env.company.id].append(vals)
    for company_id, rows in by_company.items():
        own_env = env["ir.sequence"].with_company(company_id).env
        numbers = next_numbers(own_env, code, len(rows))
        for vals, number in zip(rows, numbers, strict=True):
            vals["name"] = number
