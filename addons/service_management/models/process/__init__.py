from . import service_workitem
