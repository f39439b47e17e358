from . import service_part_page
