/** The queue of answers: kept on this computer before they are sent, dropped only when the server has named their keys. */

const LARGEST_BATCH = 200;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/**
 * `send(events, options)` gives `{meaning, data, retryAfter}` and never throws. `storage` may be null or refuse to write:
 * then the queue lives in memory and `state().inMemory` says so.
 */
export function createOutbox({ name, storage, send, onChange, onSaved, onHalt, onDropped, random = Math.random }) {
  let events = readQueue(storage, name);
  let inMemory = storage === null;
  let halted = null;
  let underway = null;
  let failures = 0;
  let batch = LARGEST_BATCH;
  let timer = 0;

  function keep() {
    try {
      if (events.length) storage.setItem(name, JSON.stringify(events));
      else storage.removeItem(name);
      inMemory = false;
    } catch {
      inMemory = true;
    }
  }

  function drop(keys) {
    const before = events.length;
    events = events.filter((event) => !keys.has(event.key));
    keep();
    return before - events.length;
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  }

  function retry(answer) {
    failures += 1;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.7 + 0.6 * random());
    later(Math.max(wait, Math.min(60, answer.retryAfter || 0) * 1000));
    return false;
  }

  function settle(sent, answer) {
    if (answer.meaning === "done") {
      const seqs = new Map((answer.data.saved || []).map(({ key, seq }) => [key, seq]));
      if (!drop(seqs)) return retry(answer);
      failures = 0;
      batch = LARGEST_BATCH;
      onSaved(sent.filter((event) => seqs.has(event.key)).map((event) => ({ ...event, seq: seqs.get(event.key) })), answer);
      if (events.length) later(0);
      return true;
    }
    if (answer.meaning === "refused") {
      // One event that the server cannot read must not hold up the others: find it by sending them singly.
      if (batch > 1) {
        batch = 1;
      } else {
        drop(new Set([sent[0].key]));
        onDropped(sent[0], answer);
      }
      if (events.length) later(0);
      return true;
    }
    if (answer.meaning === "closed") {
      // The server has kept what came too late as evidence; the rest of the queue belongs there as well.
      drop(new Set(sent.map((event) => event.key)));
      if (events.length) {
        later(0);
        return true;
      }
    }
    if (answer.meaning === "retry") return retry(answer);
    halted = answer.meaning;
    onHalt(answer.meaning, answer);
    return false;
  }

  /** Sends the oldest events; one request at a time, so that they arrive in order. Gives whether it got further. */
  function flush(options) {
    clearTimeout(timer);
    if (underway) return underway;
    if (halted || !events.length) return Promise.resolve(!halted);
    const sent = events.slice(0, batch);
    underway = send(sent, options).then((answer) => {
      underway = null;
      const further = settle(sent, answer);
      onChange();
      return further;
    });
    onChange();
    return underway;
  }

  return {
    push(event) {
      events.push(event);
      keep();
      if (failures === 0) flush();
      onChange();
    },
    flush,
    /** True when everything has reached the server, false when it did not work this time. */
    async drain() {
      while (events.length && !halted) if (!(await flush())) return false;
      return events.length === 0;
    },
    /** The connection is said to be back: do not wait for the next turn. */
    retryNow() {
      failures = 0;
      return flush();
    },
    halt(reason) {
      halted = reason;
      clearTimeout(timer);
    },
    resume() {
      halted = null;
      failures = 0;
      return flush();
    },
    /** Another window may have worked on the queue while this one was only looking on. */
    reread() {
      if (!inMemory) events = readQueue(storage, name);
      onChange();
    },
    state: () => ({ events, inMemory, sending: underway !== null, failing: failures > 0, halted }),
  };
}

function readQueue(storage, name) {
  try {
    const kept = JSON.parse(storage.getItem(name));
    return Array.isArray(kept) ? kept.filter((event) => event && event.key && Number.isInteger(event.slot)) : [];
  } catch {
    return [];
  }
}

/** localStorage, or null where the browser forbids it. */
export function browserStorage() {
  try {
    localStorage.setItem("cbt.trial", "1");
    localStorage.removeItem("cbt.trial");
    return localStorage;
  } catch {
    return null;
  }
}
