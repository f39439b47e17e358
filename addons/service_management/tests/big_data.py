"""A database of full size for benchmarks and plans, made in the database itself.

Rows are copies of one real record with some columns replaced by SQL over the number
``g`` of the row, so that columns which an addon adds later need no care here.
"""

from odoo.tools import SQL

from odoo.addons.service_management.engine.caller_key import name_key

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
    "华玉兰红建国志文辉力鹏云飞雪梅琳晨阳宇浩轩子涵"
)
CITIES = ["北京", "上海", "深圳", "广州", "青岛", "成都", "武汉", "西安"]
TRADES = ["电器", "科技", "贸易", "物业", "酒店", "医疗", "食品", "机械"]
FIRST = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Karin",
    "Leo",
    "Maria",
    "Nils",
]
LAST = [
    "Smith",
    "Müller",
    "Garcia",
    "Rossi",
    "Silva",
    "Novak",
    "Kowalski",
    "Jensen",
    "Dubois",
    "Schneider",
    "Ivanov",
]


def pick(values, number):
    """SQL: one of ``values`` by the expression ``number``."""
    return SQL("(%s::text[])[1 + (%s) %% %s]", list(values), number, len(values))


def copy_rows(env, record, count, **columns):
    """``count`` copies of a record's row; ``columns`` are SQL over ``g`` = 1..count.

    :return: the id before the first copy
    """
    table = record._table
    rows = env.execute_query(
        SQL(
            """SELECT column_name FROM information_schema.columns
               WHERE table_name = %s AND column_name <> 'id'
               ORDER BY ordinal_position""",
            table,
        )
    )
    names = [name for (name,) in rows]
    last = env.execute_query(SQL("SELECT max(id) FROM %s", SQL.identifier(table)))[0][0]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (id, %s) SELECT %s + g, %s FROM %s row, "
            "generate_series(1, %s) g WHERE row.id = %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            last,
            SQL(", ").join(
                columns.get(name) or SQL.identifier("row", name) for name in names
            ),
            SQL.identifier(table),
            count,
            record.id,
        )
    )
    env.execute_query(SQL("SELECT setval(%s, %s)", f"{table}_id_seq", last + count + 1))
    return last


def settle(env, *tables):
    """Leave the tables as autovacuum would: known to the planner, indexes merged."""
    for table in tables:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        gins = env.execute_query(
            SQL(
                """SELECT i.indexrelid::regclass::text
                   FROM pg_index i
                   JOIN pg_class c ON c.oid = i.indexrelid
                   JOIN pg_am a ON a.oid = c.relam
                   WHERE i.indrelid = %s::regclass AND a.amname = 'gin'""",
                table,
            )
        )
        for (gin,) in gins:
            env.execute_query(SQL("SELECT gin_clean_pending_list(%s::regclass)", gin))


def make_customers(env, count):
    """Customers with Chinese and Latin names and numbers written in five ways.

    :return: the id before the first of them
    """
    record = env["res.partner"].create({"name": "Template of customers"})
    env.flush_all()
    g = SQL("g")
    given = SQL("%s || %s", pick(GIVEN, SQL("g / 40")), pick(GIVEN, SQL("g / 1777")))
    name = SQL(
        """CASE g %% 5
            WHEN 0 THEN %(surname)s || %(one)s
            WHEN 1 THEN %(surname)s || %(two)s
            WHEN 2 THEN %(city)s || %(two)s || %(trade)s || '有限公司'
            WHEN 3 THEN %(first)s || ' ' || %(last)s || ' ' || g
            ELSE %(last)s || ' Household ' || g END""",
        surname=pick(SURNAMES, SQL("g / 5")),
        one=pick(GIVEN, SQL("g / 200")),
        two=given,
        city=pick(CITIES, SQL("g / 3")),
        trade=pick(TRADES, SQL("g / 7")),
        first=pick(FIRST, g),
        last=pick(LAST, SQL("g / 11")),
    )
    digits = SQL("lpad((g::bigint * 7919317 %% 99999989)::text, 8, '0')")
    phone = SQL(
        """CASE g %% 5
            WHEN 0 THEN '+86 13' || g %% 10 || ' ' || %(four)s || ' ' || %(end)s
            WHEN 1 THEN '13' || g %% 10 || %(four)s || %(end)s
            WHEN 2 THEN '(010) ' || %(four)s || ' ' || %(end)s
            WHEN 3 THEN '0755-' || %(four)s || %(end)s
            ELSE '+49 30 ' || %(four)s || %(end)s END""",
        four=SQL("left(%s, 4)", digits),
        end=SQL("right(%s, 4)", digits),
    )
    last = copy_rows(
        env,
        record,
        count,
        name=name,
        phone=phone,
        complete_name=SQL("''"),
        commercial_partner_id=SQL("NULL"),
        email=SQL("'caller' || g || '@example.com'"),
        ref=SQL("'K' || g"),
        partner_share=SQL("true"),
        service_phone_key=SQL("NULL"),
        city=pick(CITIES, SQL("g / 3")),
    )
    # The keys as the product makes them, for the names that there are
    env.cr.execute(
        SQL(
            """UPDATE res_partner SET commercial_partner_id = id, complete_name = name,
                phone_sanitized = regexp_replace(phone, '[^0-9+]', '', 'g'),
                service_phone_key = ltrim(regexp_replace(phone, '\\D', '', 'g'), '0'),
                service_name_key = CASE WHEN name ~ '^[A-Za-z ]'
                    THEN lower(replace(replace(name, ' ', ''), 'ü', 'u')) ELSE name END,
                service_name_pairs = CASE WHEN name ~ '^[A-Za-z ]' THEN NULL ELSE
                    (SELECT ' ' || string_agg(DISTINCT substr(name, i, 2), ' ') || ' '
                     FROM generate_series(1, length(name) - 1) i) END
               WHERE id > %s""",
            last,
        )
    )
    env.invalidate_all()
    sample = env["res.partner"].browse(range(last + 1, last + 6))
    for partner in sample:
        if partner.service_name_key != name_key(partner.name):
            raise AssertionError(f"{partner.name}: {partner.service_name_key}")
    settle(env, "res_partner")
    return last


def make_assets(env, customers, count):
    """One asset a customer with a serial number each; the id before the first."""
    product = env["product.product"].create({"name": "Washer of the bench"})
    record = env["service.asset"].create(
        {
            "partner_id": customers + 1,
            "product_id": product.id,
            "serial": "TEMPLATE",
            "install_date": "2026-01-01",
        }
    )
    env.flush_all()
    owner = SQL("%s + g", customers)
    number = SQL("lpad((g::bigint * 7919 %% 1000003)::text, 7, '0')")
    serial = SQL("'WM' || g %% 37 || '-' || %s", number)
    last = copy_rows(
        env,
        record,
        count,
        partner_id=owner,
        commercial_partner_id=owner,
        site_id=owner,
        serial=serial,
        name=SQL("'Washer of the bench · ' || %s", serial),
    )
    settle(env, "service_asset")
    return last


def make_installed_base(env, count):
    """Assets of 40 products, 40 a customer: one in twenty is not in use, one in a
    hundred is the company's own, warranties end over six years; the id before the
    first.
    """
    customer = env["res.partner"].create({"name": "Template of owners"})
    category = env["product.category"].create({"name": "Installed bench"})
    products = env["product.product"].create(
        [
            {"name": f"Installed bench {number}", "categ_id": category.id}
            for number in range(40)
        ]
    )
    employee = env["hr.employee"].create({"name": "Installed bench"})
    department = env["hr.department"].create({"name": "Installed bench"})
    point = env["service.point"].search([], limit=1)
    record = env["service.asset"].create(
        {
            "partner_id": customer.id,
            "product_id": products[0].id,
            "serial": "TEMPLATE",
            "installed_by_point_id": point.id,
        }
    )
    env.flush_all()
    name = SQL("'Owner ' || g")
    owners = copy_rows(
        env,
        customer,
        count // 40,
        name=name,
        complete_name=name,
        commercial_partner_id=SQL("(SELECT max(id) FROM res_partner) + g"),
        partner_share=SQL("TRUE"),
    )
    owner = SQL("%s + 1 + g %% %s", owners, count // 40)
    number = SQL("(%s::int[])[1 + g %% 40]", products.ids)
    serial = SQL("'IB' || lpad((g::bigint * 7919 %% 1000003)::text, 7, '0')")
    own = SQL("g %% 100 = 0")
    last = copy_rows(
        env,
        record,
        count,
        partner_id=owner,
        commercial_partner_id=owner,
        site_id=owner,
        product_id=number,
        serial=serial,
        name=SQL("'Installed bench ' || g %% 40 || ' · ' || %s", serial),
        code=SQL("CASE WHEN g %% 10 = 0 THEN 'TAG' || g END"),
        place=SQL("'Floor ' || g %% 30"),
        state=SQL(
            "CASE g %% 20 WHEN 3 THEN 'returned' WHEN 7 THEN 'retired' "
            "ELSE 'active' END"
        ),
        is_internal=own,
        employee_id=SQL("CASE WHEN %s THEN %s END", own, employee.id),
        department_id=SQL("CASE WHEN %s THEN %s END", own, department.id),
        parent_id=SQL("NULL"),
        install_date=SQL("current_date - (g %% 2200)"),
        warranty_end=SQL(
            "CASE WHEN g %% 9 > 0 THEN current_date + g %% 2200 - 1100 END"
        ),
        active=SQL("g %% 50 <> 1"),
    )
    settle(env, "service_asset", "res_partner")
    return last


def make_contracts(env, customers, count):
    record = env["service.contract"].create(
        {
            "name": "Contract of the bench",
            "code": "TEMPLATE",
            "partner_id": customers + 1,
            "date_end": "2099-12-31",
        }
    )
    record.action_activate()
    env.flush_all()
    owner = SQL("%s + g", customers)
    last = copy_rows(
        env,
        record,
        count,
        partner_id=owner,
        commercial_partner_id=owner,
        code=SQL("'BC26' || lpad(g::text, 6, '0')"),
    )
    settle(env, "service_contract")
    return last


def make_orders(env, customers, assets, count, **columns):
    """Registered orders, ``count`` copies of one; the id before the first."""
    record = env["service.order"]._create_from_channel(
        [
            {
                "channel": "api",
                "source_key": "bench-template",
                "partner_id": customers + 1,
                "asset_id": assets + 1,
                "type_id": env.ref("service_management.type_consulting").id,
                "description": "It does not spin.",
            }
        ]
    )
    env.flush_all()
    owner = SQL("%s + g", customers)
    last = copy_rows(
        env,
        record,
        count,
        **{
            "name": SQL("'BV26' || lpad(g::text, 7, '0')"),
            "source_key": SQL("'bench-' || g"),
            "access_token": SQL("NULL"),
            "partner_id": owner,
            "commercial_partner_id": owner,
            "site_id": owner,
            "asset_id": SQL("%s + g", assets),
            **columns,
        },
    )
    settle(env, "service_order")
    return last


def make_clocks(env, template, orders, count, **columns):
    """The template order's clocks for each of ``count`` copies of it."""
    env.flush_all()
    for clock in template.sla_clock_ids:
        copy_rows(env, clock, count, order_id=SQL("%s + g", orders), **columns)
    settle(env, "service_sla_clock")
