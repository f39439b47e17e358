from . import test_warranty_frozen
