from odoo import api, models


class ServiceOrder(models.Model):
    """The words in which a customer reads about an order.

    They are the portal's own: what staff write in events stays among staff.
    """

    _inherit = "service.order"

    @api.model
    def _get_portal_statuses(self) -> dict:
        """By state: ``(label, sentence, colour)``."""
        finding = self.env._("We are looking for the right service point near you.")
        return {
            "new": (self.env._("Received"), finding, "info"),
            "offered": (self.env._("Received"), finding, "info"),
            "accepted": (
                self.env._("Being planned"),
                self.env._(
                    "A service point has taken your request and will propose a time."
                ),
                "info",
            ),
            "scheduled": (
                self.env._("Appointment made"),
                self.env._("A technician comes at the time shown below."),
                "primary",
            ),
            "in_progress": (
                self.env._("In progress"),
                self.env._("Somebody is working on your request right now."),
                "primary",
            ),
            "done": (
                self.env._("Please confirm"),
                self.env._("The work is finished. Please tell us whether all is well."),
                "warning",
            ),
            "closed": (
                self.env._("Closed"),
                self.env._("This request is closed."),
                "success",
            ),
            "cancelled": (
                self.env._("Cancelled"),
                self.env._("This request was cancelled."),
                "secondary",
            ),
        }

    @api.model
    def _get_portal_event_titles(self) -> dict:
        """By event kind, the line of the timeline; other kinds are not shown."""
        return {
            "registered": self.env._("We have received your request."),
            "accepted": self.env._("A service point has taken your request."),
            "assigned": self.env._("A service point has been given your request."),
            "scheduled": self.env._("An appointment was made."),
            "rescheduled": self.env._("The appointment was moved."),
            "reschedule_asked": self.env._("Another time was asked for."),
            "visit_cancelled": self.env._("The appointment was cancelled."),
            "en_route": self.env._("The technician is on the way."),
            "on_site": self.env._("The technician has arrived."),
            "visit_done": self.env._("The visit is over."),
            "done": self.env._("The work is finished."),
            "confirmed": self.env._("You confirmed that the work is done."),
            "closed": self.env._("The request was closed."),
            "reopened": self.env._("The request was opened again."),
            "cancelled": self.env._("The request was cancelled."),
        }

    @api.model
    def _get_portal_outcomes(self) -> dict:
        return {
            "fixed": self.env._("Fixed"),
            "repairable": self.env._("Further work is needed"),
            "no_fault": self.env._("No fault was found"),
            "not_fixed": self.env._("Could not be fixed"),
            "end_of_life": self.env._("Not worth repairing any more"),
        }

    @api.model
    def _get_portal_warranties(self) -> dict:
        return {
            "in": self.env._("In warranty"),
            "partial": self.env._("Partly in warranty"),
            "out": self.env._("Out of warranty"),
            "none": "",
        }

    @api.model
    def _get_portal_payer_texts(self) -> dict:
        return {
            "warranty": self.env._("Paid by the warranty"),
            "campaign": self.env._("Free of charge: a campaign of the manufacturer"),
            "goodwill": self.env._("We pay this for you"),
            "contract": self.env._("Included in your contract"),
            "customer": self.env._("At your expense"),
            "open": self.env._("To be clarified on the spot"),
        }
