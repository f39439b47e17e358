"""Guards the layout of the code base, in milliseconds and without Odoo.

Every rule is a function that reads a checkout and returns its complaints. The
first half of the tests holds this checkout against all of them; the second
half shows each rule a small tree that breaks it.
"""

import ast
import csv
import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 800

# In load order: an area knows only itself and those before it.
AREAS = (
    "mixins",
    "base",
    "catalog",
    "network",
    "asset",
    "agreement",
    "process",
    "order",
    "dispatch",
    "parts",
    "channel",
    "knowledge",
    "quality",
)

# What Odoo 19 ignores without a word, or refuses late.
DEAD_FORMS = {
    ".xml": (
        r"<act_window\b",
        r"<report\s",
        r"<tree\b",
        r"kanban-box",
        r"\sattrs=",
        r'name="numbercall"',
        r'name="view_mode">[^<]*\btree\b',
        r"\st-esc=",
    ),
    ".py": (
        r"\bdef _name_search\b",
        r"\bdef name_get\b",
        r"^\s*_sql_constraints\s*=",
        r"^\s*@api\.multi\b",
    ),
    ".js": (r"@odoo-module", r"kanban-box"),
}

# Rows that only the database looks at: nobody ever opens one.
UNSEEN = {"service.part.guard"}

ACTION = re.compile(
    r'<record\s+id="(?P<name>\w+)"\s+model="ir.actions.act_window"\s*>'
    r"(?P<body>.*?)</record>",
    re.S,
)

# Written in pieces, so that this file does not name what it looks for.
HOSTS = [
    re.compile(pattern, re.I)
    for pattern in (
        r"\bpy" + r"pi\.(org|python\.org)\b",
        r"\bpython" + r"hosted\.org\b",
        r"\bregistry\.[\w.-]*npm[\w.-]*\.\w+",
        r"\bregistry\.yarn" + r"pkg\.com\b",
        r"\b(deb|ftp|snapshot|security)\.deb" + r"ian\.org\b",
        r"\b(archive|ports)\.ubu" + r"ntu\.com\b",
    )
]
MACHINE_PATH = re.compile(r"(?<![\w/.$}>-])/(home|root|work|Users)/\w")


# --- reading a checkout -----------------------------------------------------


@dataclass
class Model:
    name: str
    kind: str  # Model, TransientModel or AbstractModel
    addon: Path
    path: Path
    area: str | None


def addons(root):
    return [
        manifest.parent for manifest in sorted(root.glob("addons/*/__manifest__.py"))
    ]


@functools.cache
def files(folder, *suffixes):
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in suffixes
        and path.is_file()
        and "__pycache__" not in path.parts
        and "lib" not in path.relative_to(folder).parts
    )


@functools.cache
def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def area_of(path, addon):
    """The area that a file in models/<area>/ belongs to, or None."""
    parts = path.relative_to(addon).parts
    return parts[1] if len(parts) > 2 and parts[0] == "models" else None


def class_attribute(node, name):
    """The constant (or list of constants) that a class body gives to `name`."""
    for statement in node.body:
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and statement.targets[0].id == name
        ):
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def model_classes(path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                kind = getattr(base, "attr", getattr(base, "id", ""))
                if kind in ("Model", "TransientModel", "AbstractModel"):
                    yield node, kind


def inherited(node):
    value = class_attribute(node, "_inherit") or []
    return [value] if isinstance(value, str) else list(value)


@functools.cache
def defined_models(root):
    """The models that the addons define, extensions left out."""
    models = []
    for addon in addons(root):
        for path in files(addon, ".py"):
            if "tests" in path.relative_to(addon).parts:
                continue
            for node, kind in model_classes(path):
                name = class_attribute(node, "_name")
                if isinstance(name, str) and name not in inherited(node):
                    models.append(Model(name, kind, addon, path, area_of(path, addon)))
    return models


def project_files(root):
    """What is in version control, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0 and listed.stdout:
        paths = [root / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [path for path in root.rglob("*") if path.is_file()]


# --- the rules --------------------------------------------------------------


def _test_modules(package, problems):
    """{name: path} of the test modules that importing the package binds."""
    names = {}

    def bind(name, path):
        if name in names and names[name] != path:
            problems.append(
                f"{path}: a second test module called {name}; Odoo runs only the last"
            )
        names[name] = path

    for statement in parse(package / "__init__.py").body:
        if not isinstance(statement, ast.ImportFrom) or statement.level != 1:
            continue
        folder = package.joinpath(*(statement.module or "").split("."))
        for alias in statement.names:
            if alias.name == "*" and (folder / "__init__.py").is_file():
                for name, path in _test_modules(folder, problems).items():
                    bind(name, path)
            elif (folder / f"{alias.name}.py").is_file():
                bind(alias.name, folder / f"{alias.name}.py")
    return names


def check_tests_are_reached(root):
    """Odoo runs only test modules that tests/__init__.py binds by name."""
    problems = []
    for addon in addons(root):
        tests = addon / "tests"
        written = set(tests.rglob("test_*.py"))
        if not written:
            continue
        if not (tests / "__init__.py").is_file():
            problems.append(f"{tests}: no __init__.py")
            continue
        reached = set(_test_modules(tests, problems).values())
        problems += [
            f"{path}: not reached through tests/__init__.py"
            for path in sorted(written - reached)
        ]
    return problems


def check_engine_is_plain(root):
    """engine/ is Python without Odoo: only its own modules are imported."""
    problems = []
    for addon in addons(root):
        for path in files(addon / "engine", ".py"):
            for node in ast.walk(parse(path)):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""] if not node.level else []
                    if node.level > 1:
                        problems.append(f"{path}:{node.lineno}: imports from outside")
                problems += [
                    f"{path}:{node.lineno}: imports {name}"
                    for name in names
                    if name.split(".")[0] == "odoo"
                ]
    return problems


def check_file_length(root):
    problems = []
    for addon in addons(root):
        for path in files(addon, ".py", ".xml", ".js"):
            if {"data", "demo", "i18n"} & set(path.relative_to(addon).parts):
                continue
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MAX_LINES:
                problems.append(f"{path}: {lines} lines, {MAX_LINES} at most")
    return problems


def check_models_have_access(root):
    """Every model but the abstract ones has a line of access rights."""
    granted = set()
    for addon in addons(root):
        for path in addon.glob("security/ir.model.access*.csv"):
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    model = row.get("model_id:id") or row.get("model_id/id") or ""
                    granted.add(model.rpartition(".")[2])
    return [
        f"{model.path}: {model.name} has no ir.model.access line"
        for model in defined_models(root)
        if model.kind != "AbstractModel"
        and f"model_{model.name.replace('.', '_')}" not in granted
    ]


def _shown_as_lines(root, text):
    """The models that a One2many or Many2many named in a view shows as lines."""
    named = set(re.findall(r'<field\s[^>]*?\bname="(\w+)"', text))
    for addon in addons(root):
        for path in files(addon, ".py"):
            for node, _kind in model_classes(path):
                for statement in node.body:
                    if (
                        isinstance(statement, ast.Assign)
                        and isinstance(statement.targets[0], ast.Name)
                        and statement.targets[0].id in named
                    ):
                        yield from _comodels(statement, ("One2many", "Many2many"))


def check_models_have_views(root):
    """Every stored model has a view of its own or is shown as lines in another's."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for addon in addons(root)
        for path in files(addon, ".xml")
    )
    shown = set(re.findall(r'<field name="model">\s*([\w.]+)\s*</field>', text))
    shown.update(_shown_as_lines(root, text))
    return [
        f"{model.path}: {model.name} has no view"
        for model in defined_models(root)
        if model.kind == "Model" and model.name not in shown | UNSEEN
    ]


def check_models_have_tests(root):
    """Every model is named in a test."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for addon in addons(root)
        for path in files(addon / "tests", ".py")
    )
    return [
        f"{model.path}: {model.name} is named in no test"
        for model in defined_models(root)
        if f'"{model.name}"' not in text and f"'{model.name}'" not in text
    ]


def check_lists_say_what_they_are_for(root):
    """A page that a menu opens explains itself while it is empty."""
    opened, actions = set(), {}
    for addon in addons(root):
        for path in files(addon, ".xml"):
            text = path.read_text(encoding="utf-8")
            opened |= {
                name.rsplit(".", 1)[-1]
                for tag in re.findall(r"<menuitem\b[^>]*>", text)
                for name in re.findall(r'\saction="([\w.]+)"', tag)
            }
            for found in ACTION.finditer(text):
                actions[found["name"]] = (path, found["body"])
    return [
        f"{path}: {name} has no help"
        for name, (path, body) in sorted(actions.items())
        if name in opened
        and not re.search(r'name="view_mode">form<', body)
        and 'name="help"' not in body
    ]


def check_dead_forms(root):
    problems = []
    for addon in addons(root):
        for path in files(addon, *DEAD_FORMS):
            text = path.read_text(encoding="utf-8")
            for pattern in DEAD_FORMS[path.suffix]:
                match = re.search(pattern, text, re.M)
                if match:
                    line = text.count("\n", 0, match.start()) + 1
                    problems.append(f"{path}:{line}: {match.group().strip()}")
    return problems


RELATIONS = ("Many2one", "One2many", "Many2many")


def _comodels(node, kinds=RELATIONS):
    """The models that the fields in a piece of code point at."""
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "fields"
            and call.func.attr in kinds
        ):
            named = [k.value for k in call.keywords if k.arg == "comodel_name"]
            for argument in (named or call.args)[:1]:
                if isinstance(argument, ast.Constant):
                    yield argument.value


def _imported_areas(tree):
    """(line, area) of what a file in models/<area>/ imports from other areas."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            if node.module:
                yield node.lineno, node.module.split(".")[0]
            else:
                for alias in node.names:
                    yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            match = re.fullmatch(r"odoo\.addons\.\w+\.models\.(\w+).*", node.module)
            if match:
                yield node.lineno, match.group(1)


def check_templates_name_no_globals(root):
    """An expression of an OWL template sees its component, and of JavaScript's own
    names a few (``Math``, ``Object``, ``Array``, ``Date``): others are undefined there,
    and the page ends in an error."""
    unknown = re.compile(
        r'\st-[\w.-]+="[^"]*(?<![\w.\'-])'
        r"(Boolean|Number|String|JSON|parseInt|parseFloat)\b(?!\s*:)[^\"]*\""
    )
    problems = []
    for addon in addons(root):
        for path in files(addon / "static" / "src", ".xml"):
            text = path.read_text("utf-8")
            for match in unknown.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {match[1]} is not known to templates")
    return problems


def check_area_order(root):
    """An area imports, extends and points at what stands before it only."""
    rank = {area: number for number, area in enumerate(AREAS)}
    home = {
        model.name: rank[model.area]
        for model in defined_models(root)
        if model.area in rank
    }
    problems = []
    for addon in addons(root):
        for path in files(addon / "models", ".py"):
            area = area_of(path, addon)
            if area is None:
                continue
            if area not in rank:
                problems.append(f"{path}: {area} is not one of the areas")
                continue
            for line, other in _imported_areas(parse(path)):
                if rank.get(other, -1) > rank[area]:
                    problems.append(f"{path}:{line}: {area} imports {other}")
            for node, _kind in model_classes(path):
                used = {"extends": inherited(node), "points at": _comodels(node)}
                for verb, names in used.items():
                    problems += [
                        f"{path}: {area} {verb} {name} of {AREAS[home[name]]}"
                        for name in names
                        if home.get(name, -1) > rank[area]
                    ]
    return problems


def check_manifest_lists_files(root):
    """Every xml and csv outside static/ is loaded, and every loaded one exists.

    A file that the addon's own code reads by name counts as loaded.
    """
    problems = []
    for addon in addons(root):
        manifest = ast.literal_eval((addon / "__manifest__.py").read_text("utf-8"))
        listed = {*manifest.get("data", ()), *manifest.get("demo", ())}
        code = "\n".join(path.read_text("utf-8") for path in files(addon, ".py"))
        present = {
            path.relative_to(addon).as_posix(): path
            for path in files(addon, ".xml", ".csv")
            if path.relative_to(addon).parts[0] not in ("static", "tests", "i18n")
        }
        problems += [
            f"{path}: not listed in the manifest"
            for name, path in present.items()
            if name not in listed and path.name not in code
        ]
        problems += [
            f"{addon}/__manifest__.py: {name} is not there"
            for name in sorted(listed)
            if not (addon / name).is_file()
        ]
    return problems


def check_controllers_share_no_name(root):
    """Odoo makes one class of the controllers of a page: of two methods with one name
    only one is ever called, unless it asks the other by ``super``."""
    owners, problems = {}, []
    for addon in addons(root):
        for path in files(addon / "controllers", ".py"):
            for klass in ast.walk(parse(path)):
                if not isinstance(klass, ast.ClassDef):
                    continue
                for method in klass.body:
                    if not isinstance(method, ast.FunctionDef):
                        continue
                    if f"super().{method.name}(" in ast.unparse(method):
                        continue
                    other = owners.setdefault(method.name, path)
                    if other != path:
                        problems.append(f"{path}: {method.name} is in {other}, too")
    return problems


def check_no_hosts_or_paths(root):
    """Nobody's folders and no package registry's address in the tree."""
    problems = []
    for path in project_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (*HOSTS, MACHINE_PATH):
            match = pattern.search(text)
            if match:
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {match.group()}")
    return problems


RULES = (
    check_tests_are_reached,
    check_engine_is_plain,
    check_file_length,
    check_models_have_access,
    check_models_have_views,
    check_models_have_tests,
    check_lists_say_what_they_are_for,
    check_dead_forms,
    check_templates_name_no_globals,
    check_area_order,
    check_manifest_lists_files,
    check_controllers_share_no_name,
    check_no_hosts_or_paths,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_checkout_keeps_the_rule(rule):
    assert rule(ROOT) == []


# --- each rule against a tree that breaks it --------------------------------

MODEL = """
from odoo import fields, models


class ServiceThing(models.Model):
    _name = "service.thing"
    _description = "Thing"
    other_id = fields.Many2one("res.partner")
"""
ACCESS = "id,model_id:id\naccess_thing,model_service_thing\n"
VIEW = """<odoo>
<record><field name="model">service.thing</field></record>
<record id="action_thing" model="ir.actions.act_window">
    <field name="view_mode">list,form</field>
    <field name="help" type="html"><p>No things yet</p></field>
</record>
<menuitem id="menu_thing" action="action_thing" />
</odoo>"""
MANIFEST = {
    "name": "Sample",
    "data": ["security/ir.model.access.csv", "views/thing.xml"],
}
GOOD = {
    "__manifest__.py": repr(MANIFEST),
    "__init__.py": "from . import models\n",
    "engine/__init__.py": "",
    "engine/sums.py": "from dataclasses import dataclass\nfrom . import helper\n",
    "models/__init__.py": "from . import order\n",
    "models/order/__init__.py": "from . import service_thing\n",
    "models/order/service_thing.py": MODEL,
    "security/ir.model.access.csv": ACCESS,
    "views/thing.xml": VIEW,
    "tests/__init__.py": "from .order import *\n",
    "tests/order/__init__.py": "from . import test_thing\n",
    "tests/order/test_thing.py": 'MODEL = "service.thing"\n',
}


@pytest.fixture
def tree(tmp_path):
    """Writes a small addon that keeps all rules, with the given files changed."""

    def write(changes=()):
        for name, text in {**GOOD, **dict(changes)}.items():
            path = tmp_path / "addons" / "service_sample" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_accepts_a_good_tree(rule, tree):
    assert rule(tree()) == []


BAD = [
    (
        "test file that no __init__ imports",
        check_tests_are_reached,
        {"tests/order/test_lost.py": ""},
    ),
    (
        "test folder imported as a module runs nothing",
        check_tests_are_reached,
        {"tests/__init__.py": "from . import order\n"},
    ),
    (
        "two test modules of one name",
        check_tests_are_reached,
        {
            "tests/__init__.py": "from .order import *\nfrom .parts import *\n",
            "tests/parts/__init__.py": "from . import test_thing\n",
            "tests/parts/test_thing.py": "",
        },
    ),
    (
        "template that calls a global",
        check_templates_name_no_globals,
        {
            "static/src/thing.xml": "<templates><t t-name='x'>"
            '<t t-out="[a, b].filter(Boolean).join()" /></t></templates>'
        },
    ),
    (
        "engine imports odoo",
        check_engine_is_plain,
        {"engine/sums.py": "from odoo.tools import float_round\n"},
    ),
    (
        "engine imports odoo inside a function",
        check_engine_is_plain,
        {"engine/sums.py": "def f():\n    import odoo.fields\n"},
    ),
    (
        "engine imports its addon's models",
        check_engine_is_plain,
        {"engine/sums.py": "from ..models import order\n"},
    ),
    (
        "too long a file",
        check_file_length,
        {"models/order/service_thing.py": MODEL + "\n" * MAX_LINES},
    ),
    (
        "model without access rights",
        check_models_have_access,
        {"security/ir.model.access.csv": "id,model_id:id\n"},
    ),
    (
        "wizard without access rights",
        check_models_have_access,
        {
            "models/order/service_thing.py": MODEL.replace(
                "models.Model", "models.TransientModel"
            ),
            "security/ir.model.access.csv": "id,model_id:id\n",
        },
    ),
    ("model without a view", check_models_have_views, {"views/thing.xml": "<odoo/>"}),
    (
        "model without a test",
        check_models_have_tests,
        {"tests/order/test_thing.py": 'MODEL = "service.thing.other"\n'},
    ),
    (
        "a menu's list without a word for who sees it empty",
        check_lists_say_what_they_are_for,
        {"views/thing.xml": VIEW.replace('name="help"', 'name="path"')},
    ),
    *(
        (f"dead form {text!r}", check_dead_forms, {name: text})
        for name, text in (
            ("views/thing.xml", '<act_window id="a"/>'),
            ("views/thing.xml", '<report id="a"/>'),
            ("views/thing.xml", "<tree/>"),
            ("views/thing.xml", '<t t-name="kanban-box"/>'),
            ("views/thing.xml", "<field name='a' attrs=\"{}\"/>"),
            ("views/thing.xml", '<field name="view_mode">tree,form</field>'),
            ("models/order/service_thing.py", "def name_get(self): ..."),
            ("models/order/service_thing.py", "def _name_search(self): ..."),
            ("models/order/service_thing.py", "_sql_constraints = []"),
            ("static/src/a.js", "/** @odoo-module */"),
        )
    ),
    (
        "area imports a later one",
        check_area_order,
        {"models/order/service_thing.py": "from ..parts import stock_move\n"},
    ),
    (
        "area imports a later one by its full name",
        check_area_order,
        {
            "models/order/service_thing.py": (
                "from odoo.addons.service_sample.models.parts.stock_move import X\n"
            )
        },
    ),
    (
        "area extends a later one's model",
        check_area_order,
        {
            "models/base/later.py": MODEL.replace(
                '_name = "service.thing"', '_inherit = "service.thing"'
            )
        },
    ),
    (
        "area points at a later one's model",
        check_area_order,
        {
            "models/base/later.py": MODEL.replace(
                "service.thing", "service.early"
            ).replace("res.partner", "service.thing")
        },
    ),
    ("unknown area", check_area_order, {"models/misc/thing.py": ""}),
    (
        "data file that is not loaded",
        check_manifest_lists_files,
        {"data/order/lost.xml": "<odoo/>"},
    ),
    (
        "manifest names a missing file",
        check_manifest_lists_files,
        {"__manifest__.py": repr({**MANIFEST, "demo": ["demo/none.xml"]})},
    ),
    (
        "two controllers with a method of one name",
        check_controllers_share_no_name,
        {
            "controllers/page.py": "class Page:\n    def _read(self):\n        ...\n",
            "controllers/form.py": "class Form:\n    def _read(self):\n        ...\n",
        },
    ),
    (
        "registry host",
        check_no_hosts_or_paths,
        {"engine/sums.py": "URL = 'https://py" + "pi.org/simple'\n"},
    ),
    (
        "host in a lock file",
        check_no_hosts_or_paths,
        {"package-lock.json": '{"resolved": "https://registry.npm' + 'js.org/x.tgz"}'},
    ),
    (
        "somebody's folder",
        check_no_hosts_or_paths,
        {"engine/sums.py": "PATH = '/ho" + "me/me/x'\n"},
    ),
]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [case[1:] for case in BAD],
    ids=[case[0] for case in BAD],
)
def test_rule_refuses_a_bad_tree(rule, changes, tree):
    assert rule(tree(changes))


def test_every_rule_is_shown_to_refuse_something():
    assert {case[1] for case in BAD} == set(RULES)
