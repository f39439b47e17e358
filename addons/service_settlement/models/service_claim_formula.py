from odoo import models


class ServiceClaimLine(models.Model):
    """How an amount came about, as a sentence in the reader's language.

    It is built from the values that the line kept on the day it was priced, so the
    tariff may change afterwards.
    """

    _inherit = "service.claim.line"

    def _describe(self, inputs: dict) -> str:
        """Such as: Travel: 12.4 km × 0.60 = 7.44, at least 8.00 (tariff CN, line 2:
        every job)."""
        return self.env._(
            "%(kind)s: %(sum)s (%(origin)s)",
            kind=self._get_kind_label(),
            sum=self._describe_sum(inputs) + self._describe_bound(inputs),
            origin=self._describe_origin(inputs),
        )

    def _describe_sum(self, inputs: dict) -> str:
        quantity = float(inputs["quantity"])
        values = {
            "rate": _money(inputs["rate"]),
            "quantity": f"{quantity:g}",
            "total": _money(float(inputs.get("exact", inputs["rate"] * quantity))),
        }
        method = inputs["method"]
        if method == "per_km":
            return self.env._("%(quantity)s km × %(rate)s = %(total)s", **values)
        if method == "per_hour":
            return self.env._("%(quantity)s h × %(rate)s = %(total)s", **values)
        if method in ("percent_parts", "percent_fee"):
            values["rate"] = f"{inputs['rate']:g}"
            values["quantity"] = _money(quantity)
            if method == "percent_parts":
                return self.env._(
                    "%(rate)s%% of parts worth %(quantity)s = %(total)s", **values
                )
            return self.env._(
                "%(rate)s%% of the fee of %(quantity)s = %(total)s", **values
            )
        if inputs.get("product"):
            return self.env._(
                "%(product)s, %(quantity)s × %(rate)s = %(total)s",
                product=inputs["product"],
                **values,
            )
        if quantity != 1:
            return self.env._("%(quantity)s × %(rate)s = %(total)s", **values)
        return values["rate"]

    def _describe_bound(self, inputs: dict) -> str:
        bound = inputs.get("bound")
        if not bound:
            return ""
        amount = _money(inputs.get(bound, abs(self.amount_claimed)))
        if bound == "minimum":
            return self.env._(", at least %s", amount)
        return self.env._(", at most %s", amount)

    def _describe_origin(self, inputs: dict) -> str:
        return self.env._(
            "tariff %(tariff)s, line %(number)s: %(conditions)s",
            tariff=inputs["tariff"],
            number=inputs["number"],
            conditions=", ".join(self._describe_conditions(inputs))
            or self.env._("every job"),
        )

    def _describe_conditions(self, inputs: dict) -> list[str]:
        parts = []
        if inputs.get("occasion"):
            parts.append(self._describe_occasion(inputs))
        if inputs.get("type_id"):
            # sudo: service.type: only its name, in the reader's language
            service_type = self.env["service.type"].sudo().browse(inputs["type_id"])
            parts.append(service_type.exists().name or inputs["type"])
        parts += [
            inputs[name] for name in ("fault", "category", "area") if inputs.get(name)
        ]
        if inputs.get("warranty_state"):
            parts.append(self._label("warranty_state", inputs["warranty_state"]))
        if inputs.get("grade"):
            parts.append(
                self.env._("grade %s", self._label("point_grade", inputs["grade"]))
            )
        if inputs.get("distance_min") or inputs.get("distance_max"):
            parts.append(self._describe_band(inputs))
        return parts

    def _describe_occasion(self, inputs: dict) -> str:
        label = self._label("occasion", inputs["occasion"])
        if inputs.get("score"):
            return self.env._(
                "%(label)s: %(score)s", label=label, score=inputs["score"]
            )
        return label

    def _describe_band(self, inputs: dict) -> str:
        values = {
            "start": f"{inputs.get('distance_min', 0):g}",
            "end": f"{inputs.get('distance_max', 0):g}",
            "distance": f"{float(inputs.get('distance', 0)):g}",
        }
        if "distance" not in inputs:
            # What the tariff says, before there is a job
            if inputs.get("distance_max"):
                return self.env._("%(start)s–%(end)s km", **values)
            return self.env._("from %(start)s km on", **values)
        if inputs.get("distance_max"):
            return self.env._("%(distance)s km in %(start)s–%(end)s km", **values)
        return self.env._("%(distance)s km, from %(start)s km on", **values)

    def _label(self, name: str, value: str) -> str:
        """What the tariff line's form calls a value."""
        field = self.env["service.tariff.line"]._fields[name]
        return dict(field._description_selection(self.env)).get(value, value)


def _money(value: float) -> str:
    """At least two decimals, at most four: 0.6 → 0.60, 0.125 → 0.125."""
    text = f"{value:.4f}".rstrip("0")
    whole, __, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"
