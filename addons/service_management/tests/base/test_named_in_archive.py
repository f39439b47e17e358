from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestNamedInArchive(TransactionCase):
    def test_where_empty_means_all_what_is_archived_stays_named(self):
        """A list that leaves out what is archived would be empty, and mean all, when
        the last one that it names is archived."""
        forgetful = [
            str(field)
            for name, model in self.env.items()
            if name.startswith("service.") and not model._transient
            for field in model._fields.values()
            if field.type == "many2many"
            and field.store
            and self.env[field.comodel_name]._active_name
            and "Empty:" in (field.help or "")
            and field.context.get("active_test") is not False
        ]
        self.assertFalse(forgetful)
