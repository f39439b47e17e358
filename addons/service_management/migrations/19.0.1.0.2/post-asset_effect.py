def migrate(cr, version):
    """What the types that come with the addon make of an asset, as in a new database.

    Their data is not loaded again. Where any type has an effect, somebody has been at
    it: an empty one is meant.
    """
    cr.execute(
        """
        UPDATE service_type
           SET asset_effect = shipped.effect
          FROM (VALUES ('type_delivery', 'delivered'),
                       ('type_installation', 'installed'),
                       ('type_return', 'returned')) AS shipped(name, effect)
          JOIN ir_model_data data
            ON data.module = 'service_management' AND data.name = shipped.name
         WHERE service_type.id = data.res_id
           AND NOT EXISTS (SELECT FROM service_type WHERE asset_effect IS NOT NULL)
        """
    )
