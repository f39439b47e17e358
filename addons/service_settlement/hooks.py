"""What removing the addon does beyond its records."""

from .models.service_settlement_bill import BILL_KINDS


def uninstall_hook(env):
    """Leave the products of posted bills behind, as products like any other."""
    kinds = [kind for kind, __ in BILL_KINDS]
    products = env["product.product"].union(
        *(
            env.ref(f"service_settlement.product_{name}", raise_if_not_found=False)
            or env["product.product"]
            for name in kinds
        )
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
