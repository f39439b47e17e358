"""Who may do what, written as a table."""

from odoo.exceptions import AccessError

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


def check_matrix(test, records, matrix):
    """Compare the rights of users on records with a table.

    :param records: ``{label: record}``
    :param matrix: ``{user: {label: letters}}``, letters of ``OPERATIONS``; a label
        that is left out means nothing is allowed
    """
    for user, rights in matrix.items():
        for label, record in records.items():
            expected = rights.get(label, "")
            for letter, operation in OPERATIONS.items():
                with test.subTest(user=user.login, record=label, operation=operation):
                    allowed = record.with_user(user).has_access(operation)
                    test.assertEqual(allowed, letter in expected)
            with test.subTest(user=user.login, record=label, operation="search"):
                test.assertEqual(_is_found(record, user), "r" in expected)


def _is_found(record, user) -> bool:
    model = record.with_user(user).with_context(active_test=False)
    try:
        return bool(model.search_count([("id", "=", record.id)]))
    except AccessError:
        return False
