/** Requests to the server: one place for the token, the time limit and the reading of refusals. */

const TIME_LIMIT_MS = 10000;

/** `attempt` goes with what is sent: another person's session in this browser must not take it. */
export function createApi({ token, attempt, now = () => performance.now() }) {
  let csrf = token;

  /** Never throws: status 0 means that no answer of ours came back. */
  async function request(path, { method = "GET", json, form, keepalive = false } = {}) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = csrf;
    if (json) headers["Content-Type"] = "application/json";
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TIME_LIMIT_MS);
    const sentAt = now();
    try {
      const response = await fetch(path, {
        method,
        headers,
        keepalive,
        body: json ? JSON.stringify(json) : form,
        credentials: "same-origin",
        signal: limit.signal,
      });
      const receivedAt = now();
      const data = await response.json().catch(() => null);
      // A page in place of data is somebody else's answer: a proxy, or the sign-in page of a network.
      const status = response.ok && data === null ? 0 : response.status;
      return { status, data: data || {}, sentAt, receivedAt, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
    } catch {
      return { status: 0, data: {}, sentAt, receivedAt: now(), retryAfter: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    attempt: () => request("/api/attempt"),
    form: () => request("/api/attempt/form"),
    saveEvents: (events, { keepalive = false } = {}) =>
      request("/api/attempt/events", { method: "POST", json: { attempt, events }, keepalive }),
    submit: (summary) => request("/api/attempt/submit", { method: "POST", json: { attempt, ...summary } }),
    /** A session that ended took its token along: ask for one that fits the session of now. */
    async renewToken() {
      const answer = await request("/candidate/login");
      if (answer.data.csrf_token) csrf = answer.data.csrf_token;
      return answer.status === 200;
    },
    async signIn(fields) {
      const form = new URLSearchParams({ ...fields, csrf_token: csrf });
      const answer = await request("/candidate/login", { method: "POST", form });
      if (answer.data.csrf_token) csrf = answer.data.csrf_token;
      return answer;
    },
  };
}

/** What an answer of the server means for the one who asked. */
export function meaningOf({ status, data }) {
  if (status >= 200 && status < 300) return "done";
  if (status === 401 || String(data.code).startsWith("csrf")) return "signed_out";
  if (status === 409 && data.code === "attempt_closed") return "closed";
  if (status === 409 && data.code === "read_only_here") return "read_only";
  // Without a code it is not our server that refuses, and nothing may be dropped for it.
  if (data.code && (status === 400 || status === 413 || status === 422)) return "refused";
  return "retry";
}
