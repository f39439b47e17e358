const PAGE = "/my/service/day";

/** Nobody answers: there is no network, or no server at its end. */
export class OfflineError extends Error {}

/** The session has ended: what waits is kept until the user has signed in again. */
export class SessionError extends Error {}

/** The server answered, but not as it should. */
export class ServerError extends Error {}

async function send(url, options) {
    let response;
    try {
        response = await fetch(url, { credentials: "same-origin", ...options });
    } catch {
        throw new OfflineError();
    }
    if (response.redirected && new URL(response.url).pathname.startsWith("/web/login")) {
        throw new SessionError();
    }
    if ([502, 503, 504].includes(response.status)) {
        throw new OfflineError();
    }
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    if (!response.ok || !isJson) {
        throw new ServerError(`${response.status}`);
    }
    return response.json();
}

/** What the page asks of the server; see controllers/technician_day.py. */
export class DayServer {
    constructor(session) {
        this.session = session;
    }

    async call(name, params) {
        const answer = await send(`${PAGE}/${name}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
        });
        if (answer.error) {
            throw answer.error.code === 100
                ? new SessionError()
                : new ServerError(answer.error.data?.message || answer.error.message);
        }
        this.session.csrf_token = answer.result.csrf_token;
        return answer.result;
    }

    pull(known, lists) {
        return this.call("pull", { known, lists });
    }

    sync(operations) {
        return this.call("sync", { operations, protocol: this.session.protocol });
    }

    sendPhoto(operation, blob) {
        const body = new FormData();
        body.append("csrf_token", this.session.csrf_token);
        body.append("operation", JSON.stringify(operation));
        body.append("photo", blob, "photo.jpg");
        return send(`${PAGE}/photo`, { method: "POST", body });
    }
}
