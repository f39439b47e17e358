import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";

export const MEGABYTE = 2 ** 20;

/** Shows the chosen photos, and says at once what the server would refuse. */
export class ServicePhotoField extends Interaction {
    static selector = ".o_service_photo_field";
    dynamicContent = {
        "input[type=file]": { "t-on-change": this.onChange },
    };

    setup() {
        this.input = this.el.querySelector("input[type=file]");
        this.errorEl = this.el.querySelector(".o_service_photo_error");
        this.previewEl = this.el.querySelector(".o_service_photo_preview");
        this.urls = [];
        this.registerCleanup(() => this.clearPreview());
    }

    onChange() {
        const error = this.findError([...this.input.files]);
        this.errorEl.textContent = error;
        this.errorEl.classList.toggle("d-none", !error);
        if (error) {
            this.input.value = "";
        }
        this.showPreview();
    }

    findError(files) {
        const { maxPhotos, maxMb } = this.el.dataset;
        if (files.length > Number(maxPhotos)) {
            return _t("Please send at most %s photos at a time.", maxPhotos);
        }
        for (const file of files) {
            if (file.size > Number(maxMb) * MEGABYTE) {
                return _t("%(file)s is larger than %(size)s MB. Please send a smaller photo.", {
                    file: file.name,
                    size: maxMb,
                });
            }
            if (!this.input.accept.split(",").includes(file.type)) {
                return _t(
                    "%s is not a picture we can read. Please send a JPEG, PNG, WebP or GIF file.",
                    file.name
                );
            }
        }
        return "";
    }

    showPreview() {
        this.clearPreview();
        for (const file of this.input.files) {
            if (!file.type.startsWith("image/")) {
                continue;
            }
            const image = document.createElement("img");
            image.src = URL.createObjectURL(file);
            image.alt = file.name;
            image.className = "rounded border object-fit-cover";
            image.width = 72;
            image.height = 72;
            this.urls.push(image.src);
            this.insert(image, this.previewEl);
        }
    }

    clearPreview() {
        this.urls.forEach((url) => URL.revokeObjectURL(url));
        this.urls = [];
        this.previewEl.replaceChildren();
    }
}

registry.category("public.interactions").add("service_portal.photo_field", ServicePhotoField);
