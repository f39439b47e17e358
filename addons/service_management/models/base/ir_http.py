from werkzeug.exceptions import MethodNotAllowed
from werkzeug.utils import redirect

from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """The address of a form, opened like a page: after signing in again, from the
    history, or when the browser brings closed tabs back. It leads to the page above it,
    where the form is, instead of to a bare error."""

    _inherit = "ir.http"

    @classmethod
    def _get_form_folders(cls) -> tuple:
        """Hook: the beginnings of the addresses that this holds for."""
        return ()

    @classmethod
    def _match(cls, path):
        try:
            return super()._match(path)
        except MethodNotAllowed as error:
            opened = request.httprequest.path.rstrip("/")
            folders = cls._get_form_folders()
            if request.httprequest.method == "GET" and any(
                f"{folder}/" in opened for folder in folders
            ):
                # One slash at the beginning: two would name another server
                above = "/" + opened.rpartition("/")[0].lstrip("/")
                error.error_response = redirect(above, code=303)
            raise
