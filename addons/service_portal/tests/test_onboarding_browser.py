from odoo.tests import HttpCase, tagged

from odoo.addons.service_management.tests.common import ServiceCommon

EMAIL = "tour.repairs@example.com"


@tagged("post_install", "-at_install")
class TestOnboardingBrowser(HttpCase, ServiceCommon):
    def test_from_the_application_to_the_first_login(self):
        """A stranger applies and hands in documents, a manager approves, the invited
        person sets a password and is welcomed."""
        self.start_tour("/service/apply", "service_portal_apply", login=None)
        application = self.env["service.point.application"].search(
            [("email", "=", EMAIL)]
        )
        self.assertEqual(application.state, "new")
        link = self._make_local(application._get_progress_url())
        mail = self.env["mail.mail"].search([("email_to", "=", EMAIL)])
        self.assertIn("/service/apply/", mail.body_html)

        self.start_tour(link, "service_portal_documents", login=None)
        documents = application.document_ids
        self.assertEqual(set(documents.mapped("verification")), {"claimed"})
        self.assertTrue(application.missing_documents)
        documents.with_user(self.quality).action_verify()

        self.manager.password = "test_manager"
        self.start_tour(
            "/odoo/action-service_management.action_service_point_application/"
            f"{application.id}",
            "service_portal_approve",
            login="test_manager",
        )
        point = application.point_id
        self.assertEqual((point.state, point.welcome_due), ("probation", True))

        # As the invitation's mail has it
        invited = point.user_ids.partner_id
        self.start_tour(
            self._make_local(invited._get_signup_url()),
            "service_portal_invited",
            login=None,
        )
        self.assertFalse(point.welcome_due)
        self.assertTrue(point.user_ids.login_date)

    def _make_local(self, url):
        return "/" + url.split("/", 3)[3]
