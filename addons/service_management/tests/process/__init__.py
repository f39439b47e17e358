from . import test_workitem
