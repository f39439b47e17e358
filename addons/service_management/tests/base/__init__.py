from . import test_phone_key
