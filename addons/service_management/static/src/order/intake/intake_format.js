import { deserializeDate, deserializeDateTime, formatDate } from "@web/core/l10n/dates";

const { DateTime } = luxon;

/** A day as the user writes days; empty for nothing. */
export function formatDay(text) {
    return text ? formatDate(deserializeDate(text)) : "";
}

/** A moment of the server, as short as it stays clear: time, or day and time. */
export function formatWhen(text) {
    if (!text) {
        return "";
    }
    const moment = deserializeDateTime(text);
    if (moment.hasSame(DateTime.now(), "day")) {
        return formatTime(moment);
    }
    return formatDate(moment);
}

/** Hours and minutes of a moment. */
export function formatTime(moment) {
    return moment ? moment.toFormat("HH:mm") : "";
}
