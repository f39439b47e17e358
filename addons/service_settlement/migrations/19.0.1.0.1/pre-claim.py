def migrate(cr, version):
    """Leave behind what earlier versions had: indexes that partial ones have replaced,
    and the tables of a dialog that is gone (what was typed into it was never kept)."""
    cr.execute(
        """
        DROP INDEX IF EXISTS service_claim__company_id_index,
                             service_claim__state_index;
        DROP TABLE IF EXISTS service_claim_service_claim_reject_rel,
                             service_claim_reject
        """
    )
