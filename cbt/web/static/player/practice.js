/**
 * The practice test: once its questions have come, no further request is made. How far it is stands in the address, in the
 * words of cbt/web/practice/progress.py, so that a reload loses nothing and nothing has to be stored.
 */

import { clockFace } from "./clock.js";
import { listenKeys } from "./keys.js";
import { chosen } from "./store.js";
import * as view from "./view.js";

const RETRY_MS = 4000;
const NO_ANSWER = Object.freeze({ choice: [], checked: false });

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const { language, questions: address, slot: firstSlot } = $("practice-test").dataset;

let questions = [];
let answers = new Map();
let flags = new Set();
let here = Number(firstSlot);
let peeking = false;
let shortcutsOn = true;
let secondsBefore = 0;
const startedAt = performance.now();

const answerAt = (slot) => answers.get(slot) || NO_ANSWER;
const question = () => questions[here - 1];
const other = { kk: "ru", ru: "kk" };
const shownLanguage = () => (peeking ? other[language] : language);
const isAsking = () => !$("question-page").hidden;
const seconds = () => secondsBefore + Math.floor((performance.now() - startedAt) / 1000);

function markOf({ slot, key }) {
  const { choice, checked } = answerAt(slot);
  if (!checked) return "";
  return choice.join() === key.join() ? "right" : "wrong";
}

const rows = () =>
  questions.map(({ slot }) => ({ slot, choice: answerAt(slot).choice, flagged: flags.has(slot), state: "" }));

// The address

function readAddress(query) {
  for (const part of (query.get("answers") || "").split("-")) {
    const found = /^([1-9][0-9]?)([a-i]+|[A-I]+)$/.exec(part);
    const item = found && questions[found[1] - 1];
    if (!item) continue;
    const choice = [...new Set(found[2].toLowerCase())].sort();
    if (!choice.every((id) => item.options.some((option) => option.id === id))) continue;
    if (item.kind === "single" && choice.length !== 1) continue;
    answers.set(item.slot, { choice, checked: found[2] !== found[2].toLowerCase() });
  }
  for (const part of (query.get("flags") || "").split("-")) if (questions[part - 1]) flags.add(Number(part));
  secondsBefore = Math.min(Number(query.get("seconds")) || 0, 86400);
}

function writeAddress({ push = false } = {}) {
  const query = new URLSearchParams();
  const said = [...answers].sort(([one], [two]) => one - two);
  const letters = ({ choice, checked }) => (checked ? choice.join("").toUpperCase() : choice.join(""));
  if (said.length) query.set("answers", said.map(([slot, answer]) => slot + letters(answer)).join("-"));
  if (flags.size) query.set("flags", [...flags].sort((one, two) => one - two).join("-"));
  if (seconds()) query.set("seconds", seconds());
  const page = document.body.dataset.page;
  if (page === "overview" || page === "summary") query.set("page", page);
  query.set("slot", here);
  history[push ? "pushState" : "replaceState"](null, "", `?${query}`);
}

// Drawing

function drawQuestion() {
  view.drawPosition(words.positions[here - 1]);
  view.drawQuestion(question(), shownLanguage(), words);
  draw();
}

function draw() {
  const { choice, checked } = answerAt(here);
  view.markQuestion({ choice, locked: checked });
  view.drawTools({
    answered: choice.length > 0,
    flagged: flags.has(here),
    locked: checked,
    first: here === 1,
    last: here === questions.length,
    otherLanguage: other[shownLanguage()],
  });
  $("flag").disabled = false;
  $("check").hidden = checked;
  $("enter").value = checked ? "next" : "check";
  $("next").classList.toggle("is-primary", checked);
  $("next").classList.toggle("is-secondary", !checked);
  if (choice.length) $("choose-first").hidden = true;
  drawMap();
  drawExplanation(checked);
}

function drawMap() {
  view.drawMap(rows(), here, words);
  for (const item of questions) {
    const mark = markOf(item);
    if (!mark) continue;
    const cell = $(`cell-${item.slot}`);
    cell.dataset.mark = mark;
    cell.setAttribute("aria-label", cellWords(item, mark));
  }
}

function cellWords({ slot }, mark) {
  const marks = [mark ? words[mark] : words[answerAt(slot).choice.length ? "answered" : "not_answered"]];
  if (flags.has(slot)) marks.push(words.flagged);
  return `${view.fill(words.cell, { number: slot })}: ${marks.join(", ")}`;
}

function drawExplanation(checked) {
  $("explanation").hidden = !checked;
  if (!checked) return;
  const item = question();
  const mark = markOf(item);
  const letters = item.key.join(", ").toUpperCase();
  const wrong = item.key.length === 1 ? words.verdict_wrong : words.verdict_wrong_several;
  $("explanation").dataset.mark = mark;
  $("verdict-words").textContent = mark === "right" ? words.verdict_right : view.fill(wrong, { letters });
  $("several").hidden = mark === "right" || item.kind === "single";
  for (const code of ["kk", "ru"]) $(`why-${code}`).innerHTML = item.why[code];
  const { choice } = answerAt(here);
  for (const input of $("question").querySelectorAll("input")) {
    const isRight = item.key.includes(input.value);
    const isChosen = choice.includes(input.value);
    const name = isRight ? (isChosen ? "right-chosen" : "right") : isChosen ? "wrong-chosen" : "";
    if (name && !input.parentElement.querySelector(".sign")) input.parentElement.append(copyOf(`sign-${name}`));
  }
}

const copyOf = (id) => $(id).content.cloneNode(true);

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const addressOf = (slot) => `?slot=${slot}`;

function drawOverview() {
  const lists = {
    unanswered: questions.filter(({ slot }) => !answerAt(slot).choice.length),
    flagged: questions.filter(({ slot }) => flags.has(slot)),
  };
  for (const [name, listed] of Object.entries(lists)) {
    const part = $(`overview-${name}`);
    part.hidden = name === "flagged" && !listed.length;
    part.querySelector("h2").textContent = view.fill(words[`${name}_count`], { count: listed.length });
    part.querySelector("ul").replaceChildren(...listed.map((item) => make("li", {}, cellLink(item))));
  }
}

function cellLink(item) {
  const link = make("a", { className: "cell", href: addressOf(item.slot), textContent: item.slot });
  const mark = markOf(item);
  link.dataset.slot = item.slot;
  link.dataset.answered = answerAt(item.slot).choice.length ? "yes" : "no";
  link.dataset.flagged = flags.has(item.slot) ? "yes" : "no";
  if (mark) link.dataset.mark = mark;
  link.setAttribute("aria-label", cellWords(item, mark));
  return link;
}

function drawSummary() {
  const right = questions.filter((item) => markOf(item) === "right");
  const again = questions.filter((item) => markOf(item) !== "right");
  $("score").textContent = view.fill(words.score, { count: right.length, total: questions.length });
  $("spent").textContent = clockFace(seconds() * 1000);
  $("again").hidden = !again.length;
  $("again-list").replaceChildren(...again.map(againRow));
  const lines = $("areas").querySelectorAll("tbody tr");
  lines.forEach((line, area) => {
    const points = right.filter((item) => item.area === area).length;
    const maximum = questions.filter((item) => item.area === area).length;
    const share = (100 * points) / maximum;
    line.cells[1].textContent = view.fill(words.points_of, { points, maximum });
    line.cells[2].textContent = `${Math.round(share)}\u00a0%`;
    line.querySelector(".bar-fill").setAttribute("width", share.toFixed(1));
  });
}

function againRow(item) {
  const stem = make("span", { className: "again-stem", lang: language, innerHTML: item.stem[language] });
  stem.textContent = stem.textContent;
  const link = make("a", { href: addressOf(item.slot) }, make("span", { className: "again-number", textContent: item.slot }), " ", stem);
  link.dataset.slot = item.slot;
  return make("li", {}, link, " ", copyOf(`outcome-${markOf(item)}`));
}

/** One of "question-page", "overview", "summary". The focus goes to its heading. */
function showPage(name, { focus = true } = {}) {
  for (const page of ["question-page", "overview", "summary"]) $(page).hidden = page !== name;
  document.body.classList.remove("is-question", "is-overview", "is-summary");
  document.body.dataset.page = name;
  if (name !== "question-page") view.drawPosition($(name).querySelector("h1").textContent);
  if (!focus) return;
  scrollTo(0, 0);
  $(name).querySelector("h1").focus({ preventScroll: true });
}

// Deeds

function choose(choice) {
  if (answerAt(here).checked) return draw();
  if (choice.length) answers.set(here, { choice, checked: false });
  else answers.delete(here);
  draw();
  return writeAddress();
}

function choosePlace(place) {
  const option = isAsking() && question().options[place];
  if (!option || answerAt(here).checked) return false;
  choose(chosen(question(), answerAt(here).choice, option.id));
  return true;
}

function clear() {
  choose([]);
  $("position").focus();
}

function check() {
  const { choice, checked } = answerAt(here);
  if (checked) return step(1);
  $("choose-first").hidden = choice.length > 0;
  if (!choice.length) {
    $("choose-first").scrollIntoView({ block: "nearest" });
    return true;
  }
  answers.set(here, { choice, checked: true });
  draw();
  writeAddress();
  $("explanation").scrollIntoView({ block: "nearest" });
  $("verdict").focus({ preventScroll: true });
  return true;
}

function flag() {
  if (!isAsking()) return false;
  if (!flags.delete(here)) flags.add(here);
  draw();
  writeAddress();
  return true;
}

function peek() {
  peeking = !peeking;
  drawQuestion();
}

function go(slot, { push = true, focus = true } = {}) {
  here = slot;
  peeking = false;
  $("choose-first").hidden = true;
  view.closeDialog("sheet");
  showPage("question-page", { focus });
  drawQuestion();
  writeAddress({ push });
}

function step(by) {
  if (!isAsking()) return false;
  if (questions[here + by - 1]) go(here + by);
  else if (by > 0) openOverview();
  return true;
}

function openOverview({ push = true, focus = true } = {}) {
  view.closeDialog("sheet");
  drawOverview();
  showPage("overview", { focus });
  writeAddress({ push });
}

function openSummary({ push = true, focus = true } = {}) {
  for (const [slot, { choice }] of answers) answers.set(slot, { choice, checked: true });
  draw();
  drawSummary();
  showPage("summary", { focus });
  writeAddress({ push });
}

/** Back and forward move the page; what is answered stays as it is now, whatever stood in that address. */
function followAddress(options) {
  const query = new URLSearchParams(location.search);
  const slot = Number(query.get("slot"));
  if (questions[slot - 1]) here = slot;
  if (query.get("page") === "overview") openOverview(options);
  else if (query.get("page") === "summary") openSummary(options);
  else go(here, options);
}

// Start

const deeds = { next: () => step(1), previous: () => step(-1), clear, peek, check, overview: openOverview };

/** Enter checks and goes on wherever the focus stands, unless that place has a use of its own for it. */
function onEnter(event) {
  if (event.key !== "Enter" || event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!isAsking() || !shortcutsOn || document.querySelector("dialog[open]")) return;
  if (event.target.closest("a, button, summary, input, select, textarea, details[open]")) return;
  event.preventDefault();
  check();
}

function listen() {
  const on = (id, type, act) => $(id).addEventListener(type, act);
  const instead = (act) => (event) => {
    event.preventDefault();
    act(event);
  };
  on("answer", "submit", instead(({ submitter }) => {
    const deed = submitter ? submitter.value : "check";
    if (deed.startsWith("goto:")) go(Number(deed.slice(5)));
    else deeds[deed]();
  }));
  on("question", "change", () => choose(view.choiceOnPage()));
  on("flag", "change", flag);
  for (const id of ["overview", "summary"]) {
    on(id, "click", (event) => {
      const link = event.target.closest("a[data-slot]");
      if (link) instead(() => go(Number(link.dataset.slot)))(event);
    });
  }
  on("back-to-questions", "click", instead(() => go(here)));
  on("finish-form", "submit", instead(openSummary));
  on("open-map", "click", () => view.openMap(here));
  on("open-keys", "click", () => view.openDialog("keys"));
  on("shortcuts", "change", (event) => (shortcutsOn = event.target.checked));
  listenKeys({ ...deeds, choose: choosePlace, flag, help: () => view.openDialog("keys") }, () => shortcutsOn);
  document.addEventListener("keydown", onEnter);
  addEventListener("popstate", () => followAddress({ push: false }));

  const narrow = matchMedia("(max-width: 59.99em)");
  const place = () => view.placeMap(narrow.matches);
  narrow.addEventListener("change", place);
  place();
}

function countSeconds() {
  $("time-left").textContent = clockFace(seconds() * 1000);
}

function begin(data) {
  const touched = view.isTouched() ? view.choiceOnPage() : null;
  questions = data.questions;
  readAddress(new URLSearchParams(location.search));
  for (const { pictures } of questions) for (const { src } of pictures) new Image().src = src;
  followAddress({ push: false, focus: false });
  if (touched) choose(touched);
  listen();
  countSeconds();
  setInterval(countSeconds, 1000);
  document.documentElement.classList.add("scripted");
  $("practice-test").dataset.ready = "yes";
}

/** The page works by plain forms until the questions are here. */
async function start() {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.status);
    begin(await response.json());
  } catch (error) {
    if (questions.length) throw error;
    setTimeout(start, RETRY_MS);
  }
}

start();
