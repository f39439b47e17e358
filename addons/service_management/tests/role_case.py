from odoo.fields import Domain
from odoo.tests import TransactionCase

MODES = ("read", "write", "create", "unlink")


class RoleCase(TransactionCase):
    """Rules of groups add up, but only among themselves: a role without one sees all,
    and sees less as soon as its user is given a second role that has one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        internal = cls.env.ref("base.group_user")
        names = cls.env["ir.model.data"].search(
            Domain("model", "=", "res.groups") & Domain("module", "=like", "service_%")
        )
        groups = cls.env["res.groups"].browse(names.mapped("res_id"))
        cls.second = [
            group | group.all_implied_ids
            for group in groups
            if internal in group.all_implied_ids
        ]
        cls.models = (
            cls.env["ir.model"]
            .search([("model", "=like", "service.%")])
            .filtered("rule_ids")
        )

    def _find_narrowed(self, role, modes=MODES, without=None) -> set[str]:
        """Models of which a user of the role sees or changes less than all that is of
        the company, alone or with a second role.

        :param without: groups that the role implies and whose rights are left aside
        """
        groups = role | role.all_implied_ids
        given = groups - (without or groups.browse())
        return {
            model.model
            for model in self.models
            for mode in modes
            if self._may(model, mode, given)
            and any(self._is_narrow(model, mode, groups | more) for more in self.second)
        }

    def _may(self, model, mode, groups) -> bool:
        return any(
            access[f"perm_{mode}"] and access.group_id in groups
            for access in model.access_ids
        )

    def _is_narrow(self, model, mode, groups) -> bool:
        rules = model.rule_ids.filtered(
            lambda rule: rule[f"perm_{mode}"] and rule.groups & groups
        )
        return bool(rules) and "[(1, '=', 1)]" not in rules.mapped("domain_force")
