from . import service_portal_guard
