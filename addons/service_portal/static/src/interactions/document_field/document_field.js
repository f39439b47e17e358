import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { MEGABYTE, ServicePhotoField } from "@service_portal/interactions/photo_field/photo_field";

/** One paper, as a photo or a PDF: says at once what the server would refuse. */
export class ServiceDocumentField extends ServicePhotoField {
    static selector = ".o_service_document_field";

    findError([file]) {
        const { maxMb } = this.el.dataset;
        if (!file) {
            return "";
        }
        if (file.size > Number(maxMb) * MEGABYTE) {
            return _t("%(file)s is larger than %(size)s MB.", { file: file.name, size: maxMb });
        }
        if (!this.input.accept.split(",").includes(file.type)) {
            return _t(
                "%s is neither a PDF nor a picture that we can read. Please send a PDF, JPEG, PNG, WebP or GIF file.",
                file.name
            );
        }
        return "";
    }
}

registry.category("public.interactions").add("service_portal.document_field", ServiceDocumentField);
