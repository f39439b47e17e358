"""Lets the unit tests of `engine/` run as plain Python.

Under `pytest -p no:odoo` the names `odoo.addons.<addon>` are empty packages
that only know their folder: `from odoo.addons.service_management.engine import
...` then works as it does inside Odoo, while any other import from `odoo`
fails. So the same test file runs in both places, and a calculator that reaches
for the ORM is found out.
"""

import sys
import types
from pathlib import Path

ADDONS = Path(__file__).parent / "addons"


def _empty_package(name, path=None):
    module = types.ModuleType(name)
    module.__path__ = [str(path)] if path else []
    sys.modules[name] = module
    return module


def _make_properties_patient():
    """A busy machine is no counter-example: properties fail on values, not on time."""
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        return
    settings.register_profile(
        "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("patient")


def pytest_configure(config):
    _make_properties_patient()
    if config.pluginmanager.hasplugin("odoo"):
        return
    parent = _empty_package("odoo")
    parent.addons = _empty_package("odoo.addons")
    for manifest in ADDONS.glob("*/__manifest__.py"):
        folder = manifest.parent
        addon = _empty_package(f"odoo.addons.{folder.name}", folder)
        setattr(parent.addons, folder.name, addon)
        # pytest names a test file by the packages around it: those packages
        # must not run their own __init__, which imports models.
        sys.modules[folder.name] = addon
        for tests in (folder / "tests", folder / "tests" / "engine"):
            name = ".".join(tests.relative_to(ADDONS).parts)
            _empty_package(name, tests)
