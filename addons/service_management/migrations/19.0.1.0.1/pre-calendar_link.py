def migrate(cr, version):
    """The old view names a field that is gone; it is made again from its file."""
    cr.execute(
        """
        WITH gone AS (
            DELETE FROM ir_model_data
             WHERE module = 'service_management'
               AND name = 'service_technician_view_form_calendar'
         RETURNING res_id
        )
        DELETE FROM ir_ui_view WHERE id IN (SELECT res_id FROM gone)
        """
    )
