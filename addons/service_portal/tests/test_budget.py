from odoo.tests import tagged, users, warmup

from .common import PortalCommon

SIZES = (10, 80)


@tagged("post_install", "-at_install", "service_portal_budget")
class TestPortalBudget(PortalCommon):
    """The lists of the portal cost the same number of queries, short or long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        orders = cls.env["service.order"].union(
            *(cls._make_order(description=f"Job {number}") for number in range(160))
        )
        for order in orders:
            cls._offer(order)
        orders[:80].offer_ids.action_accept()
        for number, order in enumerate(orders[:40:2]):
            cls._plan(order, days=number + 1)
        cls.env.flush_all()

    def _list(self, model_name, domain_method, row_method, size):
        """What a list page does: count, find, build its lines."""
        model = self.env[model_name]
        domain = getattr(model, domain_method)()
        model._count_portal(domain)
        records = model._search_portal(domain, limit=size, order="id")
        self.assertEqual(len(getattr(records, row_method)()), size)

    def _check_sizes(self, model_name, domain_method, row_method, queries):
        self._list(model_name, domain_method, row_method, SIZES[0])
        counts = []
        for size in SIZES:
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(queries):
                before = self.env.cr.sql_log_count
                self._list(model_name, domain_method, row_method, size)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1], "the same at 10 and at 80")

    @users("test_portal_customer")
    @warmup
    def test_requests(self):
        self._check_sizes(
            "service.order", "_get_customer_domain", "_get_portal_rows", 12
        )

    @users("test_portal_point")
    @warmup
    def test_jobs(self):
        self._check_sizes("service.order", "_get_job_domain", "_get_job_rows", 12)

    @users("test_portal_point")
    @warmup
    def test_offers(self):
        self._check_sizes("service.offer", "_get_open_domain", "_get_portal_rows", 12)

    def test_pages_of_10_and_80_cost_the_same(self):
        """Through HTTP, templates included: 20 lines a page, whatever there is."""
        self._login(self.portal_customer)
        counts = []
        for search in ("", "Job 15"):
            self.url_open(f"/my/service/orders?search={search}")
            before = self.env.cr.sql_log_count
            self.url_open(f"/my/service/orders?search={search}")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(abs(counts[0] - counts[1]), 1, counts)
