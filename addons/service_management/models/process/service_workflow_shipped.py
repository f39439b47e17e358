import hashlib
import re

from odoo import api, models
from odoo.tools import file_open
from odoo.tools.misc import file_path

from odoo.addons.service_management.engine import bpmn

# The ready workflows: data/process/<code>.bpmn, in the order of the list page.
SHIPPED = (
    "visit",
    "desk",
    "delivery",
    "installation",
    "repair",
    "return",
    "inspection",
    "maintenance",
    "consulting",
    "training",
    "complaint",
    "incident",
    "follow_up",
)
FOLDER = "service_management/data/process"


class ServiceWorkflow(models.Model):
    """The workflows that come with the software, read from their BPMN files."""

    _inherit = "service.workflow"

    @api.model
    def _load_shipped(self):
        """Create the ready workflows, or publish what has changed in a new release.

        What somebody has changed in the meantime stays as it is.
        """
        for number, code in enumerate(SHIPPED):
            path = file_path(f"{FOLDER}/{code}.bpmn")
            with file_open(path, "rb") as file:
                self._load_one(code, file.read(), (number + 1) * 10)
        self._link_shipped_types()

    @api.model
    def _load_one(self, code, content: bytes, sequence):
        sha = hashlib.sha256(content).hexdigest()
        workflow = self.env.ref(
            f"service_management.workflow_{code}", raise_if_not_found=False
        )
        if workflow and workflow.shipped_sha == sha:
            return
        graph, __ = bpmn.compile_bpmn(content)
        root = bpmn.parse_xml(content)
        text = root.findtext(f"{{{bpmn.BPMN}}}process/{{{bpmn.BPMN}}}documentation")
        if not workflow:
            workflow = self.with_context(service_workflow_no_draft=True).create(
                {
                    "code": code,
                    "name": graph.name,
                    "description": re.sub(r"\s+", " ", text or "").strip(),
                    "sequence": sequence,
                }
            )
            self._name_records({f"workflow_{code}": workflow})
        published = workflow.version_id
        if published and published.note != self._get_shipped_note():
            # Somebody has published a version of their own
            workflow.shipped_sha = sha
            return
        version = self.env["service.workflow.version"].create(
            {
                "workflow_id": workflow.id,
                "bpmn_xml": content.decode(),
                "note": self._get_shipped_note(),
            }
        )
        version.action_publish()
        workflow.shipped_sha = sha
        self._name_records(
            {
                f"workflow_{code}_{row.element_id}": row
                for row in (*version.node_ids, *version.flow_ids)
                if row.name
            }
        )

    @api.model
    def _get_shipped_note(self) -> str:
        return "Comes with the software"

    @api.model
    def _name_records(self, records):
        """External ids: by them the words find their translations."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"service_management.{name}",
                    "record": record,
                    "noupdate": True,
                }
                for name, record in records.items()
            ]
        )

    @api.model
    def _link_shipped_types(self):
        """Give the shipped types that have none the workflow of their name."""
        for code in SHIPPED:
            workflow = self.env.ref(f"service_management.workflow_{code}")
            service_type = self.env.ref(
                f"service_management.type_{code}", raise_if_not_found=False
            )
            if service_type and not service_type.workflow_id:
                service_type.workflow_id = workflow
