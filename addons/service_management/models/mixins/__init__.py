from . import service_queue_mixin
