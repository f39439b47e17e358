const PREFIX = "service_day_";
const VERSION = 1;

const asPromise = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

function open(name) {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
        const db = request.result;
        db.createObjectStore("visits", { keyPath: "id" });
        db.createObjectStore("meta");
        // In the order in which things were done: they are sent in it
        db.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
        db.createObjectStore("issues", { keyPath: "id" });
    };
    return asPromise(request);
}

/** What a device keeps for one user: visits, what was not sent yet, what went wrong. */
export class DayDb {
    constructor(userId) {
        this.name = `${PREFIX}${userId}`;
    }

    async open() {
        this.db = await open(this.name);
        // Another tab wipes the database when its user logs out
        this.db.onversionchange = () => this.db.close();
    }

    /** Runs `work(stores)` in one transaction: all of it is kept, or nothing. */
    change(names, work) {
        const transaction = this.db.transaction(names, "readwrite");
        const stores = Object.fromEntries(
            names.map((name) => [name, transaction.objectStore(name)])
        );
        work(stores);
        return new Promise((resolve, reject) => {
            transaction.oncomplete = () => resolve();
            transaction.onabort = () => reject(transaction.error);
            transaction.onerror = () => reject(transaction.error);
        });
    }

    all(name) {
        return asPromise(this.db.transaction(name).objectStore(name).getAll());
    }

    get(name, key) {
        return asPromise(this.db.transaction(name).objectStore(name).get(key));
    }

    close() {
        this.db?.close();
    }
}

/** How much of anybody's work on this device was not sent yet. */
export async function countUnsent() {
    let count = 0;
    for (const { name } of (await indexedDB.databases?.()) || []) {
        if (name?.startsWith(PREFIX)) {
            const db = await open(name);
            count += await asPromise(db.transaction("queue").objectStore("queue").count());
            db.close();
        }
    }
    return count;
}

/**
 * Take away what the device keeps: of everybody, or of all but one user. What another
 * user has not sent yet stays until that user signs in again, unless all is wiped.
 */
export async function wipe({ but = null } = {}) {
    const own = but === null ? null : `${PREFIX}${but}`;
    const databases = (await indexedDB.databases?.()) || [];
    for (const { name } of databases) {
        if (!name?.startsWith(PREFIX) || name === own) {
            continue;
        }
        if (own) {
            const db = await open(name);
            const left = await asPromise(db.transaction("queue").objectStore("queue").count());
            if (left) {
                const transaction = db.transaction(["visits", "meta"], "readwrite");
                transaction.objectStore("visits").clear();
                transaction.objectStore("meta").clear();
                await new Promise((resolve) => (transaction.oncomplete = resolve));
            }
            db.close();
            if (left) {
                continue;
            }
        }
        await asPromise(indexedDB.deleteDatabase(name));
    }
    if (but === null && "caches" in window) {
        const names = await caches.keys();
        const ours = names.filter((name) => name.startsWith("service-day-"));
        await Promise.all(ours.map((name) => caches.delete(name)));
        const worker = await navigator.serviceWorker?.getRegistration("/my/service/day");
        await worker?.unregister();
    }
}
