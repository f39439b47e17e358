"""What removing the addon does beyond its records."""

from odoo.addons.service_management.models.base.append_only import drop_guard

# Table → triggers that keep its history, each with a function of its name
GUARDS = {
    "service_claim_step": "service_claim_step_append_only",
    "service_claim_amount": "service_claim_amount_append_only",
    "service_claim_line": "service_claim_line_keep_amounts",
    "service_settlement_step": "service_settlement_step_append_only",
}


def uninstall_hook(env):
    _drop_guards(env)
    _forget_constraints(env)
    _keep_billed_products(env)


def _drop_guards(env):
    """Drop what the ORM does not know of: the guards that refuse changes."""
    for table, name in GUARDS.items():
        drop_guard(env, table, name)


def _forget_constraints(env):
    """What models of this addon inherit of a mixin is on record as the mixin's."""
    names = env["ir.model.data"].search([("model", "=", "ir.model")])
    own = names.filtered(lambda name: name.module == "service_settlement")
    models = {name.res_id for name in own} - {name.res_id for name in names - own}
    constraints = env["ir.model.constraint"].search(
        [
            ("model", "in", list(models)),
            ("module.name", "!=", "service_settlement"),
        ]
    )
    env["ir.model.data"].search(
        [
            ("model", "=", "ir.model.constraint"),
            ("res_id", "in", constraints.ids),
        ]
    ).unlink()


def _keep_billed_products(env):
    """Leave the products of posted bills behind, as products like any other."""
    products = env["product.product"].browse(
        env["ir.model.data"]
        .search(
            [("module", "=", "service_settlement"), ("model", "=", "product.product")]
        )
        .mapped("res_id")
    )
    billed = products & (
        env["account.move.line"]
        .search([("product_id", "in", products.ids)])
        .mapped("product_id")
    )
    kept = {
        "product.product": billed.ids,
        "product.template": billed.product_tmpl_id.ids,
        "product.category": billed.categ_id.ids,
    }
    for model, ids in kept.items():
        env["ir.model.data"].search(
            [
                ("module", "=", "service_settlement"),
                ("model", "=", model),
                ("res_id", "in", ids),
            ]
        ).unlink()
