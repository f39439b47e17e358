from odoo import models

# A change of these after registration is a fact that the history keeps.
LOGGED_FIELDS = (
    "partner_id",
    "type_id",
    "asset_id",
    "symptom_id",
    "priority",
    "user_id",
    "team_id",
    "date_due",
    "date_fault",
)


class ServiceOrder(models.Model):
    """What people change on a registered order is written down."""

    _inherit = "service.order"

    def write(self, vals):
        logged = [name for name in LOGGED_FIELDS if name in vals]
        before = self._read_logged(logged)
        result = super().write(vals)
        self._log_changes(logged, before)
        if {"user_id", "team_id"} & vals.keys():
            self._hand_over_workitems()
        return result

    def _read_logged(self, names) -> dict:
        """Readable values of the registered orders, before or after a change."""
        if not names:
            return {}
        return {
            order.id: {name: order._get_logged_value(name) for name in names}
            for order in self
            if order.state != "draft"
        }

    def _get_logged_value(self, name) -> str:
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        return str(value or "")

    def _log_changes(self, names, before):
        if not before:
            return
        labels = {
            name: field["string"]
            for name, field in self.fields_get(names, ["string"]).items()
        }
        after = self._read_logged(names)
        alike = {}
        for order in self:
            changed = {
                name: (before[order.id][name], after[order.id][name])
                for name in names
                if order.id in before
                and before[order.id][name] != after[order.id][name]
            }
            if changed:
                key = tuple(changed.items())
                alike[key] = alike.get(key, self.browse()) + order
        # One statement for all orders that changed alike
        for changed, orders in alike.items():
            orders._log_event(
                "updated",
                name="; ".join(
                    f"{labels[name]}: {old or '-'} → {new or '-'}"
                    for name, (old, new) in changed
                ),
                data=dict(changed),
            )

    def _hand_over_workitems(self):
        """The desk's open work items follow the order's owner and team."""
        # sudo: service.workitem: follows from who owns the order
        for item in self.sudo().workitem_ids:
            if item.state == "open" and item._follows_owner():
                item.write(
                    {
                        "user_id": item.order_id.user_id.id,
                        "team_id": item.order_id.team_id.id,
                    }
                )
