/** The player: one page for the whole test. Brings together the queue, the clock, the state and the view. */

import { createApi, meaningOf } from "./api.js";
import { clockFace, createClock, timeOfDay } from "./clock.js";
import { listenKeys } from "./keys.js";
import { browserStorage, createOutbox } from "./outbox.js";
import { acknowledge, chosen, createState, itemAt, neighbour, sheet, summaryText, takeServer } from "./store.js";
import { claimTab } from "./tab.js";
import * as view from "./view.js";

const RESYNC_MS = 60000;
const FORM_RETRY_MS = 4000;

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const storage = browserStorage();
const api = createApi({ token: document.querySelector('meta[name="csrf-token"]').content });
const opened = performance.now();

let state;
let outbox;
let live = false;
let refusedHere = false;
let leaving = false;
let serverNow = null;
let lastHeard = 0;
let takeOver = () => {};
let shortcuts = true;

const clock = createClock({
  onTick: (left) => view.drawTime(clockFace(left), left),
  onMinutes: (minutes) => view.say(words.minutes_left[minutes]),
  onEnd: timeIsOver,
});

/** Every answer of the server that names the remaining time sets the clock. */
function hear(answer) {
  const { remaining_ms: remaining, deadline } = answer.data;
  if (typeof remaining !== "number") return;
  clock.sync(remaining, answer);
  if (deadline) serverNow = Date.parse(deadline) - remaining;
  lastHeard = performance.now();
}

const isLocked = () => !live || refusedHere || clock.isOver();
const rows = () => sheet(state, outbox.state().events);
const rowAt = (slot) => rows().find((row) => row.slot === slot);
const shownLanguage = () =>
  state.peeking ? state.languages.find((code) => code !== state.language) || state.language : state.language;

// Drawing

function drawAll() {
  const item = itemAt(state, state.here);
  const row = rowAt(state.here);
  const place = state.items.indexOf(item);
  view.drawPosition(words.positions[place]);
  view.drawQuestion(item, { language: shownLanguage(), choice: row.choice, locked: isLocked(), words });
  drawAround();
}

/** Everything but the question itself: a click must not redraw what the person is pointing at. */
function drawAround() {
  const all = rows();
  const row = all.find(({ slot }) => slot === state.here);
  const queue = outbox.state();
  view.drawTools({
    answered: row.choice.length > 0,
    flagged: row.flagged,
    locked: isLocked(),
    first: neighbour(state, state.here, -1) === null,
    last: neighbour(state, state.here, 1) === null,
    otherLanguage: state.languages.find((code) => code !== shownLanguage()),
  });
  view.drawMap(all, state.here, words);
  drawSaved(row, queue);
  view.showNotice("offline", queue.failing && queue.events.length > 0);
  view.showNotice("memory", queue.inMemory);
  view.showNotice("elsewhere", !live || refusedHere);
  if (!$("overview").hidden) view.drawOverview(all, words);
}

function drawSaved(row, queue) {
  const unsent = queue.events.length;
  if (unsent && (queue.failing || queue.halted)) view.drawSaved("unsent", view.fill(words.unsent_count, { count: unsent }));
  else if (unsent) view.drawSaved("sending", words.sending);
  else if (row.state === "saved") {
    const at = state.savedAt[row.slot];
    view.drawSaved("saved", at ? view.fill(words.saved_at, { time: at }) : words.saved);
  } else view.drawSaved("", "");
}

// Answers

function record(change) {
  if (isLocked()) return drawAll();
  const { choice, flagged } = rowAt(state.here);
  outbox.push({
    key: crypto.randomUUID(),
    slot: state.here,
    choice,
    flagged,
    ...change,
    language: shownLanguage(),
    at_ms: Math.round(performance.now() - opened),
  });
}

function choosePlace(place) {
  const item = itemAt(state, state.here);
  if ($("question-page").hidden || !item.options[place]) return false;
  const { choice } = rowAt(state.here);
  const next = chosen(item, choice, item.options[place].id);
  if (next.join() !== choice.join()) record({ choice: next });
  view.markChoice(rowAt(state.here).choice);
  return true;
}

function clearAnswer() {
  record({ choice: [] });
  view.markChoice([]);
  $("position").focus();
}

function flag(flagged) {
  if ($("question-page").hidden) return false;
  record({ flagged });
  return true;
}

// Moving about

function go(slot, { push = true, focus = true } = {}) {
  if (!itemAt(state, slot)) return;
  const arrives = slot !== state.here || $("question-page").hidden;
  state.here = slot;
  state.peeking = false;
  if (push && arrives) history.pushState(null, "", `?slot=${slot}`);
  view.closeDialog("sheet");
  view.showPage("question-page", { focus });
  drawAll();
}

function step(by) {
  if ($("question-page").hidden) return false;
  const slot = neighbour(state, state.here, by);
  if (slot !== null) go(slot);
  else if (by > 0) openOverview();
  return true;
}

function openOverview({ push = true } = {}) {
  if (push) history.pushState(null, "", "?overview=1");
  view.closeDialog("sheet");
  view.drawFinish({ busy: false });
  view.showPage("overview");
  drawAround();
}

function followAddress() {
  const query = new URLSearchParams(location.search);
  if (query.has("overview")) return openOverview({ push: false });
  return go(Number(query.get("slot")) || state.here, { push: false });
}

function peek() {
  const before = rowAt(state.here).choice;
  state.peeking = !state.peeking;
  view.drawQuestion(itemAt(state, state.here), { language: shownLanguage(), choice: before, locked: isLocked(), words });
  drawAround();
}

const deeds = {
  next: () => step(1),
  previous: () => step(-1),
  clear: clearAnswer,
  peek,
  overview: () => openOverview(),
};

// The end

async function finish() {
  view.drawFinish({ busy: true });
  if (!(await outbox.drain())) {
    if (!outbox.state().halted) view.drawFinish({ busy: false, message: words.finish_failed });
    else view.drawFinish({ busy: false });
    return;
  }
  const { count, text } = summaryText(rows());
  if (!window.crypto.subtle) {
    leaving = true;
    $("finish-form").submit();
    return;
  }
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const digest = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const answer = await api.submit({ count, digest });
  const meaning = meaningOf(answer);
  if (meaning === "done") return leave(answer.data.result_url);
  if (meaning === "closed") return timeIsOver();
  if (meaning === "signed_out" || meaning === "read_only") onHalt(meaning);
  if (answer.data.code === "answers_differ") {
    await refresh();
    return view.drawFinish({ busy: false, message: view.fill(words.answers_differ, { slots: slotsOf(answer) }) });
  }
  return view.drawFinish({ busy: false, message: meaning === "refused" && answer.data.message ? answer.data.message : words.finish_failed });
}

const slotsOf = (answer) => ((answer.data.facts && answer.data.facts.slots) || answer.data.slots || []).join(", ");

function leave(address) {
  leaving = true;
  location.assign(address || $("exam").dataset.resultUrl);
}

function timeIsOver() {
  if (!outbox) return;
  drawAll();
  outbox.flush();
  view.openDialog("time-over");
}

// Trouble

function onHalt(meaning) {
  outbox.halt(meaning);
  if (meaning === "closed") view.openDialog("time-over");
  if (meaning === "read_only") {
    refusedHere = true;
    drawAll();
  }
  if (meaning === "signed_out") recover();
}

/** The session ended, or only its token: look which, and ask for a new sign-in where it is needed. */
async function recover() {
  await api.renewToken();
  const answer = await api.attempt();
  if (meaningOf(answer) === "done") return welcomeBack(answer);
  if (meaningOf(answer) === "retry") return setTimeout(recover, FORM_RETRY_MS);
  $("again-error").hidden = true;
  return view.openDialog("sign-in-again");
}

function welcomeBack(answer) {
  if (answer.data.id !== $("exam").dataset.attempt) {
    $("again-error").textContent = words.another_person;
    $("again-error").hidden = false;
    return view.openDialog("sign-in-again");
  }
  hear(answer);
  takeServer(state, answer.data);
  refusedHere = false;
  view.closeDialog("sign-in-again");
  $("again").reset();
  drawAll();
  return outbox.resume();
}

async function signInAgain() {
  const fields = Object.fromEntries(new FormData($("again")));
  await api.renewToken();
  const answer = await api.signIn(fields);
  if (meaningOf(answer) !== "done") {
    $("again-error").textContent = answer.data.message || words.finish_failed;
    $("again-error").hidden = false;
    return undefined;
  }
  return welcomeBack(await api.attempt());
}

/** What the server holds now: after a pause, after another window, after a difference at the finish. */
async function refresh() {
  const answer = await api.attempt();
  if (meaningOf(answer) === "signed_out") return recover();
  if (meaningOf(answer) !== "done") return undefined;
  hear(answer);
  if (answer.data.state !== "started") return answer.data.result_url ? leave(answer.data.result_url) : view.openDialog("time-over");
  refusedHere = Boolean(answer.data.read_only);
  takeServer(state, answer.data);
  return drawAll();
}

async function becomeLive() {
  live = true;
  if (!outbox) return;
  outbox.reread();
  await refresh();
  outbox.resume();
}

function becomeOnlooker() {
  live = false;
  if (!outbox) return;
  if (!outbox.state().inMemory) outbox.halt("elsewhere");
  drawAll();
}

// Start

function listen() {
  $("answer").addEventListener("submit", (event) => {
    event.preventDefault();
    const deed = event.submitter ? event.submitter.value : "next";
    if (deed.startsWith("goto:")) go(Number(deed.slice(5)));
    else if (deeds[deed]) deeds[deed]();
  });
  $("question").addEventListener("change", () => {
    const choice = view.choiceOnPage();
    if (choice.join() !== rowAt(state.here).choice.join()) record({ choice });
  });
  $("flag").addEventListener("change", (event) => flag(event.target.checked));
  $("overview").addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='?slot=']");
    if (!link) return;
    event.preventDefault();
    go(Number(new URL(link.href).searchParams.get("slot")));
  });
  $("finish-form").addEventListener("submit", (event) => {
    event.preventDefault();
    finish();
  });
  $("again").addEventListener("submit", (event) => {
    event.preventDefault();
    signInAgain();
  });
  // Answers wait behind it: leaving the dialogue without a sign-in would leave them unsent in silence.
  $("sign-in-again").addEventListener("cancel", (event) => event.preventDefault());
  $("open-map").addEventListener("click", () => view.openDialog("sheet"));
  $("open-keys").addEventListener("click", () => view.openDialog("keys"));
  $("shortcuts").addEventListener("change", (event) => (shortcuts = event.target.checked));
  $("use-here").addEventListener("click", () => (refusedHere ? becomeLive() : takeOver()));
  for (const button of document.querySelectorAll("#exam dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  addEventListener("popstate", followAddress);
  addEventListener("online", () => outbox.resume());
  addEventListener("beforeunload", (event) => {
    if (leaving || !outbox.state().events.length) return;
    event.preventDefault();
    event.returnValue = "";
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) outbox.flush({ keepalive: true });
    else if (performance.now() - lastHeard > 5000) refresh();
  });
  setInterval(() => {
    if (!document.hidden && performance.now() - lastHeard > RESYNC_MS) refresh();
  }, RESYNC_MS / 4);
  listenKeys(
    {
      choose: choosePlace,
      flag: () => flag(!rowAt(state.here).flagged),
      next: () => step(1),
      previous: () => step(-1),
      help: () => view.openDialog("keys"),
    },
    () => shortcuts,
  );
  const narrow = matchMedia("(max-width: 59.99em)");
  const place = () => view.placeMap(narrow.matches);
  narrow.addEventListener("change", place);
  place();
}

/** The page works by plain forms until both are here; then it is never left. */
async function load() {
  const [form, attempt] = await Promise.all([api.form(), api.attempt()]);
  if (meaningOf(form) !== "done" || meaningOf(attempt) !== "done") return setTimeout(load, FORM_RETRY_MS);
  if (attempt.data.state !== "started") return leave(attempt.data.result_url);
  begin(form.data, attempt);
  return undefined;
}

function begin(form, attempt) {
  const id = attempt.data.id;
  const shown = { slot: Number($("exam").dataset.slot), choice: view.choiceOnPage(), flagged: $("flag").checked };
  state = createState(form, attempt.data);
  state.here = itemAt(state, shown.slot) ? shown.slot : state.here;
  refusedHere = Boolean(attempt.data.read_only);
  outbox = createOutbox({
    name: `cbt.answers.${id}`,
    storage,
    send: async (events, options) => {
      const answer = await api.saveEvents(events, options);
      hear(answer);
      return { meaning: meaningOf(answer), data: answer.data, retryAfter: answer.retryAfter };
    },
    onChange: () => drawAround(),
    onSaved: (events) => acknowledge(state, events, serverNow === null ? "" : timeOfDay(serverNow, words.utc_offset)),
    onHalt,
    onDropped: (event) => {
      view.showNotice("dropped", true);
      if (event.slot === state.here) drawAll();
    },
  });
  hear(attempt);
  takeOver = claimTab(`cbt.attempt.${id}`, {
    onLive: () => {
      const first = !listening;
      start(shown);
      if (!first) becomeLive();
    },
    onElsewhere: () => {
      start(shown);
      becomeOnlooker();
    },
  });
}
