/* global CONFIG */
/* eslint-disable no-restricted-globals -- a worker has no window */
/**
 * Lets the technician's page open without a network. Its scope is that page alone, so
 * it meets neither the portal nor the back office, whose own worker has the scope /odoo.
 * It keeps the page and its files, never data: that is in the page's own database.
 *
 * CONFIG = {version, page, assets} is written above by the server.
 */
const CACHE = `service-day-${CONFIG.version}`;
const PATIENCE = 5000;
// What reads codes off the camera in a browser that cannot do it by itself
const SCANNER = "/web/static/lib/zxing-library/zxing-library.js";

self.addEventListener("install", (event) => {
    event.waitUntil(
        (async () => {
            const cache = await caches.open(CACHE);
            const scanner = "BarcodeDetector" in self ? [] : [SCANNER];
            await cache.addAll([...CONFIG.assets, ...scanner]);
            await keepPage(await fetch(CONFIG.page, { credentials: "same-origin" }));
            await self.skipWaiting();
        })()
    );
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        (async () => {
            const names = await caches.keys();
            const old = names.filter((name) => name.startsWith("service-day-") && name !== CACHE);
            await Promise.all(old.map((name) => caches.delete(name)));
            await self.clients.claim();
        })()
    );
});

/** Keep the page, and not the form to sign in that stands in its place at times. */
async function keepPage(response) {
    const isPage = response.ok && new URL(response.url).pathname === CONFIG.page;
    if (isPage && !response.redirected) {
        const cache = await caches.open(CACHE);
        await cache.put(CONFIG.page, response.clone());
    }
    return response;
}

function fetchInTime(request) {
    const late = new Promise((resolve, reject) => setTimeout(() => reject(new Error()), PATIENCE));
    return Promise.race([fetch(request), late]);
}

async function answerPage(request) {
    try {
        return await keepPage(await fetchInTime(request));
    } catch {
        const kept = await caches.match(CONFIG.page);
        return kept || Response.error();
    }
}

/** Files whose address changes with their content. */
async function answerFile(request) {
    const kept = await caches.match(request);
    if (kept) {
        return kept;
    }
    const response = await fetch(request);
    if (response.ok) {
        const cache = await caches.open(CACHE);
        await cache.put(request, response.clone());
    }
    return response;
}

/** What may change behind its address: words, lists of files. */
async function answerNewest(request) {
    try {
        const response = await fetchInTime(request);
        if (response.ok) {
            const cache = await caches.open(CACHE);
            await cache.put(request, response.clone());
        }
        return response;
    } catch {
        const kept = await caches.match(request, { ignoreSearch: true });
        return kept || Response.error();
    }
}

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) {
        return;
    }
    if (request.mode === "navigate") {
        if (url.pathname === CONFIG.page) {
            event.respondWith(answerPage(request));
        }
    } else if (/^\/(web\/assets|web\/static|service_\w+\/static)\//.test(url.pathname)) {
        event.respondWith(answerFile(request));
    } else if (/^\/web\/(webclient\/translations|bundle\/)/.test(url.pathname)) {
        event.respondWith(answerNewest(request));
    }
});
