/** The player: one page for the whole test. Brings together the queue, the clock, the state and the view. */

import { createApi, meaningOf } from "./api.js";
import { clockFace, createClock, timeOfDay } from "./clock.js";
import { listenKeys } from "./keys.js";
import { browserStorage, createOutbox } from "./outbox.js";
import { acknowledge, chosen, createState, itemAt, neighbour, sheet, summary, takeServer } from "./store.js";
import { claimTab } from "./tab.js";
import * as view from "./view.js";

const HEARD_RECENTLY_MS = 5000;
const RESYNC_MS = 60000;
const RETRY_MS = 4000;
const CLOSED = ["submitted", "expired", "annulled"];

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
// The waiting room loads this script too, ahead of time.
const attemptId = $("exam") ? $("exam").dataset.attempt : "";
const api = createApi({ token: document.querySelector('meta[name="csrf-token"]').content, attempt: attemptId });
const clock = createClock({
  onTick: (left) => view.drawTime(clockFace(left), left),
  onMinutes: (minutes) => view.say(words.minutes_left[minutes]),
  onEnd: timeIsOver,
});
const startedAt = performance.now();

let state = null;
let outbox = null;
let takeOver = null;
let holdsTab = false;
let refusedHere = false;
let isStale = false;
let isLeaving = false;
let shortcutsOn = true;
let serverClock = null;
let heardAt = 0;
let recoveredAt = -Infinity;

/** Every answer of the server that names the remaining time sets the clock. */
function hear(answer) {
  const { remaining_ms: remaining, deadline } = answer.data;
  if (typeof remaining !== "number") return;
  heardAt = performance.now();
  if (deadline) serverClock = Date.parse(deadline) - remaining;
  clock.sync(remaining, answer);
}

const isLocked = () => !holdsTab || refusedHere || clock.isOver();
const isAsking = () => !$("question-page").hidden;
const rows = () => sheet(state, outbox.state().events);
const rowHere = () => rows().find((row) => row.slot === state.here);
const otherThan = (language) => state.languages.find((code) => code !== language) || language;
const shownLanguage = () => (state.peeking ? otherThan(state.language) : state.language);

// Drawing

function drawQuestion() {
  const item = itemAt(state, state.here);
  view.drawPosition(words.positions[state.items.indexOf(item)]);
  view.drawQuestion(item, shownLanguage(), words);
  draw();
}

/** Everything but the question itself: a click must not redraw what the person is pointing at. */
function draw() {
  const all = rows();
  const row = all.find(({ slot }) => slot === state.here);
  const queue = outbox.state();
  view.markQuestion({ choice: row.choice, locked: isLocked() });
  view.drawTools({
    answered: row.choice.length > 0,
    flagged: row.flagged,
    locked: isLocked(),
    first: neighbour(state, state.here, -1) === null,
    last: neighbour(state, state.here, 1) === null,
    otherLanguage: otherThan(shownLanguage()),
  });
  view.drawMap(all, isAsking() ? state.here : null, words);
  view.drawOverview(all, words);
  view.drawSaved(...savedWords(row, queue));
  view.drawUnsentAtEnd(queue.events.length ? view.fill(words.unsent_count, { count: queue.events.length }) : "");
  view.showNotice("offline", queue.failing && queue.events.length > 0);
  view.showNotice("memory", queue.inMemory);
  view.showNotice("elsewhere", !holdsTab);
  view.showNotice("other", holdsTab && refusedHere);
}

function savedWords(row, queue) {
  const count = queue.events.length;
  if (count && (queue.failing || queue.halted)) return ["unsent", view.fill(words.unsent_count, { count })];
  if (count) return ["sending", words.sending];
  if (row.state !== "saved") return ["", ""];
  const time = state.savedAt[row.slot];
  return ["saved", time ? view.fill(words.saved_at, { time }) : words.saved];
}

// Answers

function record(change) {
  if (isLocked()) return draw();
  const { choice, flagged } = rowHere();
  return outbox.push({
    key: crypto.randomUUID(),
    slot: state.here,
    choice,
    flagged,
    ...change,
    language: shownLanguage(),
    at_ms: Math.round(performance.now() - startedAt),
  });
}

function recordChoice(choice) {
  if (choice.join() !== rowHere().choice.join()) record({ choice });
}

function choosePlace(place) {
  const item = itemAt(state, state.here);
  if (!isAsking() || !item.options[place]) return false;
  recordChoice(chosen(item, rowHere().choice, item.options[place].id));
  return true;
}

function clearAnswer() {
  recordChoice([]);
  $("position").focus();
}

function flag() {
  if (!isAsking()) return false;
  record({ flagged: !rowHere().flagged });
  return true;
}

function peek() {
  state.peeking = !state.peeking;
  drawQuestion();
}

// Moving about

function go(slot, { push = true, focus = true } = {}) {
  if (push && (slot !== state.here || !isAsking())) history.pushState(null, "", `?slot=${slot}`);
  state.here = slot;
  state.peeking = false;
  view.closeDialog("sheet");
  view.showPage("question-page", { focus });
  drawQuestion();
}

function step(by) {
  if (!isAsking()) return false;
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
  draw();
}

function followAddress({ focus = true } = {}) {
  const query = new URLSearchParams(location.search);
  const slot = Number(query.get("slot"));
  if (query.has("overview")) openOverview({ push: false });
  else go(itemAt(state, slot) ? slot : state.here, { push: false, focus });
}

// The end

async function finish() {
  view.drawFinish({ busy: true });
  const message = (await outbox.drain()) ? await submit() : words.finish_failed;
  if (!isLeaving) view.drawFinish({ busy: false, message });
}

/** Gives the words for what went wrong, if something did. */
async function submit() {
  if (!crypto.subtle) {
    isLeaving = true;
    $("finish-form").submit();
    return "";
  }
  const { count, text, answers } = summary(rows());
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const digest = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const answer = await api.submit({ count, digest, answers });
  const meaning = meaningOf(answer);
  if (meaning === "done" || meaning === "closed") return leave(answer.data.result);
  if (meaning === "signed_out" || meaning === "read_only") onHalt(meaning);
  if (answer.data.code !== "answers_differ") return words.finish_failed;
  await refresh();
  return view.fill(words.answers_differ, { slots: ((answer.data.facts || {}).slots || []).join(", ") });
}

function leave(address) {
  isLeaving = true;
  location.assign(address || $("exam").dataset.resultUrl);
  return "";
}

function timeIsOver() {
  if (!outbox) return;
  draw();
  outbox.retryNow();
  view.openDialog("time-over");
}

// Trouble

function onHalt(meaning) {
  outbox.halt(meaning);
  if (meaning === "closed" && !clock.isOver()) leave();
  if (meaning === "read_only") refusedHere = true;
  if (meaning === "signed_out") setTimeout(recover, performance.now() - recoveredAt < RETRY_MS ? RETRY_MS : 0);
  draw();
}

/** The session ended, or only its token: look which, and ask for a new sign-in where it is needed. */
async function recover() {
  await api.renewToken();
  const answer = await api.attempt();
  const meaning = meaningOf(answer);
  if (meaning === "done") await welcomeBack(answer);
  else if (meaning === "signed_out") view.openDialog("sign-in-again");
  else setTimeout(recover, RETRY_MS);
}

async function signInAgain() {
  await api.renewToken();
  const answer = await api.signIn({ ...Object.fromEntries(new FormData($("again"))), attempt: attemptId });
  if (meaningOf(answer) === "done") await welcomeBack(await api.attempt());
  else view.drawAgain(answer.data.message || words.try_again);
}

async function welcomeBack(answer) {
  if (meaningOf(answer) !== "done") return view.drawAgain(words.try_again);
  if (answer.data.id !== attemptId) {
    view.openDialog("sign-in-again");
    return view.drawAgain(words.another_person);
  }
  recoveredAt = performance.now();
  $("again").reset();
  view.drawAgain("");
  view.closeDialog("sign-in-again");
  take(answer);
  return outbox.resume();
}

/** What the server holds now: after a pause, after another window, after a difference at the finish. */
async function refresh() {
  const answer = await api.attempt();
  const meaning = meaningOf(answer);
  if (meaning === "done" && answer.data.id !== attemptId) onHalt("signed_out");
  else if (meaning === "done") take(answer);
  else if (meaning === "signed_out" || meaning === "read_only") onHalt(meaning);
}

function take(answer) {
  hear(answer);
  refusedHere = Boolean(answer.data.read_only);
  takeServer(state, answer.data);
  if (CLOSED.includes(answer.data.state) && !clock.isOver()) leave(answer.data.result_url);
  draw();
}

async function becomeLive() {
  holdsTab = true;
  outbox.reread();
  if (isStale) await refresh();
  isStale = false;
  draw();
  if (!refusedHere) await outbox.resume();
}

function becomeOnlooker() {
  holdsTab = false;
  isStale = true;
  // What only the memory of this window holds can be sent by nobody else.
  if (!outbox.state().inMemory) outbox.halt("elsewhere");
  draw();
}

/** The invigilator may have released the other computer meanwhile. */
function tryHere() {
  isStale = true;
  becomeLive();
}

// Start

const deeds = { next: () => step(1), previous: () => step(-1), clear: clearAnswer, peek, overview: openOverview };

function listen() {
  const on = (id, type, act) => $(id).addEventListener(type, act);
  const instead = (act) => (event) => {
    event.preventDefault();
    act(event);
  };
  on("answer", "submit", instead(({ submitter }) => {
    const deed = submitter ? submitter.value : "next";
    if (deed.startsWith("goto:")) go(Number(deed.slice(5)));
    else deeds[deed]();
  }));
  on("question", "change", () => recordChoice(view.choiceOnPage()));
  on("flag", "change", flag);
  on("overview", "click", (event) => {
    const cell = event.target.closest("a.cell");
    if (cell) instead(() => go(Number(cell.textContent)))(event);
  });
  on("back-to-questions", "click", instead(() => go(state.here)));
  on("finish-form", "submit", instead(finish));
  on("again", "submit", instead(signInAgain));
  // Answers wait behind these two: they close when their matter is settled.
  on("sign-in-again", "cancel", instead(() => {}));
  on("time-over", "cancel", instead(() => {}));
  on("open-map", "click", () => view.openMap(state.here));
  on("open-keys", "click", () => view.openDialog("keys"));
  on("shortcuts", "change", (event) => (shortcutsOn = event.target.checked));
  on("use-here", "click", () => takeOver());
  on("try-here", "click", tryHere);
  listenKeys({ ...deeds, choose: choosePlace, flag, help: () => view.openDialog("keys") }, () => shortcutsOn);

  addEventListener("popstate", () => followAddress());
  addEventListener("online", () => outbox.retryNow());
  addEventListener("beforeunload", (event) => {
    if (isLeaving || !outbox.state().events.length) return;
    event.preventDefault();
    event.returnValue = "";
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) outbox.flush({ keepalive: true });
    else if (performance.now() - heardAt > HEARD_RECENTLY_MS) refresh();
  });
  setInterval(() => {
    if (!document.hidden && performance.now() - heardAt > RESYNC_MS) refresh();
  }, RESYNC_MS / 4);

  const narrow = matchMedia("(max-width: 59.99em)");
  const place = () => view.placeMap(narrow.matches);
  narrow.addEventListener("change", place);
  place();
}

function begin(form, attempt) {
  const id = attempt.data.id;
  const touched = view.isTouched() ? view.choiceOnPage() : null;
  const touchedSlot = Number($("exam").dataset.slot);
  state = createState(form, attempt.data);
  refusedHere = Boolean(attempt.data.read_only);
  outbox = createOutbox({
    name: `cbt.answers.${id}`,
    storage: browserStorage(),
    send: async (events, options) => {
      const answer = await api.saveEvents(events, options);
      hear(answer);
      return { meaning: meaningOf(answer), data: answer.data, retryAfter: answer.retryAfter };
    },
    onChange: draw,
    onSaved: (events) => acknowledge(state, events, serverClock === null ? "" : timeOfDay(serverClock, words.utc_offset)),
    onHalt,
    onDropped: () => view.showNotice("dropped", true),
  });
  followAddress({ focus: false });
  hear(attempt);
  listen();
  document.documentElement.classList.add("scripted");
  takeOver = claimTab(`cbt.attempt.${id}`, {
    onLive: () => {
      becomeLive();
      if (touched && state.here === touchedSlot) recordChoice(touched);
      $("exam").dataset.ready = "yes";
    },
    onElsewhere: () => {
      becomeOnlooker();
      $("exam").dataset.ready = "yes";
    },
  });
}

/** The page works by plain forms until both answers are here; from then on it is never left. */
export async function startPlayer() {
  const [form, attempt] = await Promise.all([api.form(), api.attempt()]);
  const meanings = [meaningOf(form), meaningOf(attempt)];
  if (meanings.includes("closed")) leave(attempt.data.result_url);
  else if (meanings.includes("signed_out")) location.reload();
  else if (meanings.every((meaning) => meaning === "done")) begin(form.data, attempt);
  else setTimeout(startPlayer, RETRY_MS);
}
