import { App, whenReady } from "@odoo/owl";
import { appTranslateFn } from "@web/core/l10n/translation";
import { getTemplate } from "@web/core/templates";
import { makeEnv, startServices } from "@web/env";
import { DayApp } from "./app/day_app";
import { DayStore } from "./store/day_store";
import { wipe } from "./store/day_db";

const PAGE = "/my/service/day";

async function startWorker() {
    try {
        await navigator.serviceWorker?.register("/service/day/service_worker.js", { scope: PAGE });
    } catch (error) {
        // The page works all the same, but opens with a network only
        console.warn("No offline mode:", error.message);
    }
}

/** @param {Object} session what the server says about user and page */
export async function startDay(session) {
    await whenReady();
    startWorker();
    const env = makeEnv();
    await startServices(env);
    // Days in the language of the page, not in the one that the browser prefers
    const { lang } = document.documentElement;
    luxon.Settings.defaultLocale = lang || luxon.Settings.defaultLocale;
    const store = new DayStore(session);
    await store.start();
    const app = new App(DayApp, {
        getTemplate,
        env,
        props: { store },
        dev: Boolean(env.debug),
        translateFn: appTranslateFn,
        translatableAttributes: ["data-tooltip"],
    });
    await app.mount(document.body);
    document.body.classList.add("o_service_day_ready");
    wipe({ but: session.user_id }).catch(() => {});
    await store.sync();
}
