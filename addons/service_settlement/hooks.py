"""What removing the addon does beyond its records."""


def uninstall_hook(env):
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
