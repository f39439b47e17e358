from . import service_type
