import { makeDraggableHook } from "@web/core/utils/draggable_hook_builder_owl";
import { pick } from "@web/core/utils/objects";

const tell = ({ ctx }) => pick(ctx.current, "element");

/**
 * Rows of a table that are dragged without leaving their place: only a small label
 * follows the pointer. Handlers get the row as `element` and the pointer as `x`, `y`.
 */
export const useRowDrag = makeDraggableHook({
    name: "useRowDrag",
    onComputeParams: ({ ctx }) => {
        ctx.followCursor = false;
    },
    onDragStart: tell,
    onDrag: tell,
    onDragEnd: tell,
    onDrop: tell,
});
