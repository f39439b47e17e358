"""Each addon installs on what it depends on, upgrades with data, and leaves
nothing behind when it is uninstalled. Real databases, one per addon."""

import ast
import os

import pytest
from suite import ADDONS, ROOT, copy_database, drop_database, odoo, prepare, query

# What the database is made of. Each row is one thing that an addon may leave.
STRUCTURE = {
    "tables": """
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'S')
    """,
    "columns": """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public'
    """,
    "constraints": """
        SELECT conrelid::regclass, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public'
    """,
    "triggers": """
        SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal
    """,
    "functions": """
        SELECT proname, oidvectortypes(proargtypes) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    """,
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model, name FROM ir_model_fields",
    # Odoo keeps what documents of its own applications refer to (the part of a stock
    # move, a partner, a user): that is the company's data, with its name.
    "external ids": """
        SELECT module, name FROM ir_model_data
        WHERE module LIKE 'service\\_%' AND model NOT IN (
            'product.product', 'product.template', 'res.partner', 'res.users',
            'ir.model.inherit')
    """,
    "parameters": "SELECT key FROM ir_config_parameter",
    "views": "SELECT coalesce(key, ''), name, model FROM ir_ui_view",
    "menus": "SELECT name->>'en_US' FROM ir_ui_menu",
    "groups": "SELECT name->>'en_US' FROM res_groups",
    "rules": "SELECT name FROM ir_rule",
    "access rights": "SELECT name FROM ir_model_access",
    "scheduled jobs": "SELECT cron_name FROM ir_cron",
    "sequences": "SELECT code, name FROM ir_sequence",
    "window actions": "SELECT name->>'en_US', res_model FROM ir_act_window",
    "mail templates": "SELECT name->>'en_US' FROM mail_template",
    "message subtypes": "SELECT name->>'en_US' FROM mail_message_subtype",
}
# What makes a new database look like one of an earlier version: upgrading mends it.
EARLIER = {
    "service_management": """
        UPDATE ir_module_module SET latest_version = '19.0.1.0.1'
         WHERE name = 'service_management';
        UPDATE service_stage SET name = name || '{"zh_CN": "已接单"}'
         WHERE code = 'accepted';
        UPDATE mail_template
           SET body_html = replace(
                   body_html::text,
                   '_get_zone(object.company_id)',
                   'resource_calendar_id.tz or ''UTC''')::jsonb
         WHERE strpos(body_html::text, 'object.point_id._get_zone') > 0;
        DROP INDEX service_asset__code_index;
        CREATE INDEX service_asset__code_index ON service_asset (code);
        CREATE INDEX service_asset__product_id_index ON service_asset (product_id);
        CREATE INDEX service_asset__partner_id_index ON service_asset (partner_id);
        UPDATE service_type SET asset_effect = NULL;
    """,
    "service_portal": """
        UPDATE ir_module_module SET latest_version = '19.0.1.0.0'
         WHERE name = 'service_portal';
        UPDATE ir_ui_view SET arch_db = arch_db || jsonb_build_object(
            'zh_CN', replace(arch_db->>'zh_CN', '样本数：', '案例数:'))
         WHERE strpos(arch_db->>'zh_CN', '样本数：') > 0;
    """,
    "service_settlement": """
        UPDATE service_claim_reason SET name = name || '{"zh_CN": "重复申请"}'
         WHERE code = 'duplicate';
        UPDATE ir_module_module SET latest_version = '19.0.1.0.0'
         WHERE name = 'service_settlement';
        CREATE INDEX service_claim__state_index ON service_claim (state);
        CREATE INDEX service_claim__company_id_index ON service_claim (company_id);
        CREATE TABLE service_claim_reject (id serial PRIMARY KEY);
        CREATE TABLE service_claim_service_claim_reject_rel (
            service_claim_reject_id integer REFERENCES service_claim_reject);
    """,
}
DEFAULTS = {
    "service_management": """
        SELECT code, asset_effect FROM service_type
         UNION ALL SELECT code, name->>'zh_CN' FROM service_stage
         UNION ALL SELECT name->>'en_US', md5(body_html::text) FROM mail_template
         ORDER BY 1, 2
    """,
    "service_portal": """
        SELECT key, md5(arch_db->>'zh_CN') FROM ir_ui_view
         WHERE starts_with(key, 'service_portal.') ORDER BY key
    """,
    "service_settlement": """
        SELECT code, name->>'zh_CN' FROM service_claim_reason ORDER BY code
    """,
}
# A first activity of any kind makes Odoo write these; they are not the addons'.
ODOO_S_OWN = {("parameters", ("web.base.url",))}


def depends(addon):
    manifest = ROOT / "addons" / addon / "__manifest__.py"
    return ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"]


def ours_below(addon):
    """The addons of ours that this one needs, in the order to install them."""
    below = []
    for name in ADDONS:
        if name in depends(addon):
            below += [each for each in (*ours_below(name), name) if each not in below]
    return below


def structure(database):
    return {
        (kind, row) for kind, sql in STRUCTURE.items() for row in query(database, sql)
    }


def listing(things):
    return "\n".join(f"{kind}: {' '.join(row)}" for kind, row in sorted(things))


def row_counts(database, tables):
    counts = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM \"{t}\"" for t in tables)
    return dict(query(database, counts))


def install(database, *names):
    odoo("-d", database, "-i", ",".join(names), "--stop-after-init")
    assert {state_of(database, name) for name in names} == {"installed"}


def state_of(database, addon):
    sql = f"SELECT state FROM ir_module_module WHERE name = '{addon}'"
    return query(database, sql)[0][0]


@pytest.fixture
def database(request):
    """A copy of the dependencies that loads our demonstration data."""
    prepare()
    name = f"lifecycle_{request.param.removeprefix('service_')}_{os.getpid()}"
    copy_database("deps_tpl", name)
    query(name, "UPDATE ir_module_module SET demo = true WHERE state = 'installed'")
    yield name
    drop_database(name)


@pytest.mark.parametrize(
    ("database", "addon"), [(addon, addon) for addon in ADDONS], indirect=["database"]
)
def test_install_upgrade_uninstall(database, addon):
    empty = structure(database)
    below = ours_below(addon)
    if below:
        install(database, *below)
    before = structure(database)
    others = [name for name in ADDONS if name not in (*below, addon)]

    install(database, addon)
    assert {state_of(database, name) for name in others} <= {"uninstalled"}
    installed = structure(database)
    assert installed > before

    ours = [
        row[0] for kind, row in installed - empty if kind == "tables" and row[1] == "r"
    ]
    counts = row_counts(database, ours)
    assert any(int(count) for count in counts.values()), "no data to upgrade with"
    defaults = query(database, DEFAULTS.get(addon, ""))
    query(database, EARLIER.get(addon, ""))
    odoo("-d", database, "-u", addon, "--stop-after-init")
    assert row_counts(database, ours) == counts
    assert structure(database) == installed
    assert query(database, DEFAULTS.get(addon, "")) == defaults

    odoo(
        "shell",
        "-d",
        database,
        script=(
            f"env['ir.module.module'].search([('name', '=', '{addon}')])"
            ".button_immediate_uninstall()\n"
        ),
        # Odoo tries to delete a module's records together, then in ever smaller
        # parts: what documents of other modules refer to is kept.
        known=r"odoo\.sql_db: bad query: ",
    )
    assert state_of(database, addon) == "uninstalled"
    after = structure(database)
    assert not listing(after - before - ODOO_S_OWN), "left behind"
    assert not listing(before - after), "taken away"
