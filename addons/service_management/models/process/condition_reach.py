"""Which fields a condition of a workflow or rule may look at.

Conditions are evaluated with all rights, so that they hold whoever acts. Whoever
writes one could read through it, one question at a time, what is kept from people:
secrets of users and mail servers. Such fields are out of reach, at every step.
"""

from odoo.fields import Domain

# Models that hold the system's own secrets: of these, only what names a record.
SYSTEM_MODELS = ("res.users", "fetchmail.server", "ir.")
SYSTEM_FIELDS = ("id", "name", "display_name", "active")
SYSTEM_GROUP = "base.group_system"
# What the ORM takes for: nobody but the code itself
NOBODY = "."


def check_domain_reach(model, domain):
    """:raise ValueError: naming the field that is out of reach"""
    for condition in Domain(domain).iter_conditions():
        comodel = check_path_reach(model, condition.field_expr.split("."))
        if condition.operator in ("any", "any!", "not any", "not any!"):
            check_domain_reach(comodel, condition.value)


def check_path_reach(model, path):
    """The model that ``path`` leads to.

    :raise ValueError: naming the field that is out of reach
    """
    for name in path:
        field = model._fields.get(name)
        if field is None or not _is_within_reach(model, field):
            raise ValueError(".".join(path))
        if not field.relational:
            # Of a date or a property, the rest names a part
            break
        model = model.env[field.comodel_name]
    return model


def _is_within_reach(model, field) -> bool:
    if model._name.startswith(SYSTEM_MODELS) and field.name not in SYSTEM_FIELDS:
        return False
    groups = field.groups or ""
    if groups == NOBODY or SYSTEM_GROUP in groups:
        return False
    return model._has_field_access(field, "read")
