def without_defaults(model, names):
    """The model without the ``default_`` that a context gives for these fields: what
    may not be written comes as no default from outside either."""
    dropped = {f"default_{name}" for name in names} & model.env.context.keys()
    if not dropped:
        return model
    return model.with_env(
        model.env(
            context={
                key: value
                for key, value in model.env.context.items()
                if key not in dropped
            }
        )
    )
