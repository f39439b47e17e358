from . import service_margin_report
