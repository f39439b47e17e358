import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { useDebounced } from "@web/core/utils/timing";

let nextId = 1;

/**
 * A text box with a list of matches that is worked by keyboard alone: type,
 * arrows, Enter; Escape closes the list, a second Escape empties the box.
 *
 * Options are `{ key, label, detail, icon, hint }`; `loadOptions(term)` answers
 * with them (a promise or a plain list).
 */
export class Combobox extends Component {
    static template = "service_management.Combobox";
    static props = {
        id: { type: String, optional: true },
        label: String,
        loadOptions: Function,
        onSelect: Function,
        onClear: { type: Function, optional: true },
        value: { type: String, optional: true },
        placeholder: { type: String, optional: true },
        delay: { type: Number, optional: true },
        minLength: { type: Number, optional: true },
        icon: { type: String, optional: true },
        inputClass: { type: String, optional: true },
        emptyText: { type: String, optional: true },
        inputRef: { type: Function, optional: true },
        keepTerm: { type: Boolean, optional: true },
    };
    static defaultProps = {
        value: "",
        placeholder: "",
        delay: 0,
        minLength: 0,
        inputClass: "",
        keepTerm: false,
    };

    setup() {
        this.uid = `o_service_combobox_${nextId++}`;
        this.input = useRef("input");
        this.list = useRef("list");
        this.keepLast = new KeepLast();
        this.state = useState({
            term: this.props.value,
            options: [],
            active: 0,
            isOpen: false,
            isLoading: false,
            isSearched: false,
            hasFailed: false,
        });
        this.loadSoon = useDebounced(() => this.load(), this.props.delay);
        this.props.inputRef?.(this.input);
        useEffect(
            (value) => {
                this.state.term = value;
            },
            () => [this.props.value]
        );
        useEffect(
            (active, isOpen) => {
                const option = isOpen ? this.list.el?.children[active] : null;
                option?.scrollIntoView({ block: "nearest" });
            },
            () => [this.state.active, this.state.isOpen]
        );
    }

    get inputId() {
        return this.props.id || `${this.uid}_input`;
    }
    get listId() {
        return `${this.uid}_list`;
    }
    get activeId() {
        const isShown = this.state.isOpen && this.state.options.length;
        return isShown ? `${this.uid}_${this.state.active}` : undefined;
    }

    async load() {
        const term = this.state.term.trim();
        if (term.length < this.props.minLength) {
            this.close();
            return;
        }
        this.state.isLoading = true;
        try {
            const options = await this.keepLast.add(Promise.resolve(this.props.loadOptions(term)));
            Object.assign(this.state, { options, active: 0, isOpen: true, isSearched: true });
            this.state.hasFailed = false;
        } catch {
            // Shown in the list: a search must never stop the call.
            Object.assign(this.state, { options: [], isOpen: true, hasFailed: true });
        } finally {
            this.state.isLoading = false;
        }
    }

    close() {
        Object.assign(this.state, { isOpen: false, options: [], active: 0, isSearched: false });
    }

    select(option) {
        this.state.term = this.props.keepTerm ? option.label : "";
        this.close();
        this.props.onSelect(option);
    }

    onInput(ev) {
        this.state.term = ev.target.value;
        if (!this.state.term && this.props.onClear) {
            this.props.onClear();
        }
        this.loadSoon();
    }

    onFocus(ev) {
        ev.target.select();
    }

    onBlur() {
        this.loadSoon.cancel();
        this.close();
        if (this.props.keepTerm) {
            this.state.term = this.props.value;
        }
    }

    move(step) {
        const count = this.state.options.length;
        if (count) {
            this.state.active = (this.state.active + step + count) % count;
        }
    }

    async onKeydown(ev) {
        if (ev.isComposing || ev.ctrlKey || ev.metaKey || ev.altKey) {
            return;
        }
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            ev.preventDefault();
            if (this.state.isOpen) {
                this.move(ev.key === "ArrowDown" ? 1 : -1);
            } else {
                await this.load();
            }
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            await this.chooseActive();
        } else if (ev.key === "Escape") {
            ev.preventDefault();
            ev.stopPropagation();
            if (this.state.isOpen) {
                this.close();
            } else {
                this.state.term = "";
                this.props.onClear?.();
            }
        }
    }

    async chooseActive() {
        // Whoever types and hits Enter at once means the first match.
        this.loadSoon.cancel();
        if (!this.state.isOpen || this.state.isLoading) {
            await this.load();
        }
        const option = this.state.options[this.state.active];
        if (option) {
            this.select(option);
        }
    }
}
