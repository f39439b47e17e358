"""What belongs to a company is out of sight of the others, whatever the role."""

from odoo.tests import TransactionCase, tagged

MODES = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestCompanyRules(TransactionCase):
    """Rules of roles are joined by "or", those without a role hold for everybody: one
    of these must name a company. One that goes missing is found here, and so is a
    model to come that has none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = {
            (rule.model_id.model, mode)
            for rule in cls.env["ir.rule"].search([("groups", "=", False)])
            if "company_ids" in (rule.domain_force or "")
            for mode in MODES
            if rule[f"perm_{mode}"]
        }

    def _get_models(self):
        return [
            model
            for name, model in self.env.items()
            if name.startswith("service.") and model._auto and not model._transient
        ]

    def test_models_with_a_company_have_a_rule(self):
        models = [model for model in self._get_models() if "company_id" in model]
        self.assertGreater(len(models), 50)
        missing = [
            (model._name, mode)
            for model in models
            for mode in MODES
            if (model._name, mode) not in self.kept
        ]
        self.assertEqual(missing, [])
