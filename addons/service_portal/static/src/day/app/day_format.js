import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

export const read = (text) => DateTime.fromISO(text);
export const time = (text) => read(text).toLocaleString(DateTime.TIME_24_SIMPLE);
export const day = (text) =>
    read(text).toLocaleString({ weekday: "short", month: "short", day: "numeric" });
export const moment = (text) => (text ? `${day(text)} ${time(text)}` : "");
export const date = (text) => (text ? read(text).toLocaleString(DateTime.DATE_MED) : "");

export const daysFromToday = (text) =>
    Math.round(read(text).startOf("day").diff(DateTime.now().startOf("day"), "days").days);

export const STATE_COLORS = {
    planned: "info",
    en_route: "warning",
    on_site: "warning",
    done: "success",
};

export function getStateLabel(state) {
    return {
        planned: _t("Planned"),
        en_route: _t("On the way"),
        on_site: _t("On site"),
        done: _t("Done"),
    }[state];
}

/** The address for the phone's own navigation. */
export function getNavigationUrl({ position, address }) {
    const text = encodeURIComponent(address.replace(/\s*\n\s*/g, ", "));
    if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) {
        return `https://maps.apple.com/?daddr=${text}`;
    }
    const place = position ? position.join(",") : "0,0";
    return `geo:${place}?q=${text}`;
}

const PATIENCE = 4000;

/** Where the device is, if it may tell and knows soon; a step never waits for it. */
export function findPosition() {
    return new Promise((resolve) => {
        if (!navigator.geolocation) {
            resolve(null);
            return;
        }
        const timer = setTimeout(() => resolve(null), PATIENCE);
        navigator.geolocation.getCurrentPosition(
            ({ coords: { latitude, longitude, accuracy } }) => {
                clearTimeout(timer);
                resolve({ latitude, longitude, accuracy });
            },
            () => {
                clearTimeout(timer);
                resolve(null);
            },
            { maximumAge: 60_000, timeout: PATIENCE, enableHighAccuracy: true }
        );
    });
}
