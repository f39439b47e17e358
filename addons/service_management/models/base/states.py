from odoo.exceptions import UserError


def check_state(records, states):
    """Refuse what is possible in some states only, and say in which one it is.

    :raises UserError: the first record whose state is not one of ``states``
    """
    labels = dict(records._fields["state"]._description_selection(records.env))
    # sudo: the check needs the state, whoever asks
    for record in records.sudo():
        if record.state not in states:
            raise UserError(
                records.env._(
                    "%(name)s is '%(state)s': this is not possible now.",
                    name=record.display_name,
                    state=labels[record.state],
                )
            )
