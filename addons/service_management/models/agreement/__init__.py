from . import service_contract
