/** The page: draws what the state says into the markup that the server has sent, and nothing else. */

const $ = (id) => document.getElementById(id);

/** "Answers not sent: {count}" with its places filled. */
export const fill = (words, facts) => words.replace(/\{(\w+)\}/g, (place, name) => (name in facts ? facts[name] : place));

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Text of items comes from the server as cleaned HTML. */
function content(tag, className, html, lang) {
  return make(tag, { className, lang, innerHTML: html });
}

export function drawQuestion(item, language, words) {
  const stem = content("div", "stem", item.stem[language], language);
  stem.id = "stem";
  const pictures = item.pictures.map(({ src, width, height, alt }) =>
    make("p", { className: "picture" }, make("img", { src, width, height, alt: alt[language], lang: language })),
  );
  const kind = item.kind === "single" ? "radio" : "checkbox";
  const options = item.options.map((option, place) =>
    make(
      "label",
      { className: "option" },
      make("input", { type: kind, name: "choice", value: option.id }),
      make("span", { className: "letter", textContent: String.fromCharCode(65 + place) }),
      content("span", "option-text", option[language], language),
    ),
  );
  const how = make("legend", { className: "how", id: "how", textContent: item.kind === "single" ? words.choose_one : words.choose_several });
  const group = make("fieldset", { className: "options" }, how, ...options);
  group.setAttribute("aria-labelledby", "stem how");
  $("question").replaceChildren(stem, ...pictures, group);
}

const inputs = () => [...document.querySelectorAll("#question input")];

export const choiceOnPage = () =>
  inputs()
    .filter((input) => input.checked)
    .map((input) => input.value)
    .sort();

/** Whether the person chose something on the page as the server sent it, before the player was there. */
export const isTouched = () => inputs().some((input) => input.checked !== input.defaultChecked);

export function markQuestion({ choice, locked }) {
  for (const input of inputs()) input.checked = choice.includes(input.value);
  $("question").querySelector("fieldset").disabled = locked;
}

export function drawTools({ answered, flagged, locked, first, last, otherLanguage }) {
  $("clear").hidden = !answered || locked;
  $("flag").checked = flagged;
  $("flag").disabled = locked;
  $("previous").disabled = first;
  $("next-word").textContent = last ? $("next").dataset.last : $("next").dataset.next;
  if ($("peek")) $("peek").textContent = $("peek").dataset[otherLanguage];
}

export function drawMap(rows, here, words) {
  for (const row of rows) {
    const cell = $(`cell-${row.slot}`);
    cell.dataset.answered = row.choice.length ? "yes" : "no";
    cell.dataset.flagged = row.flagged ? "yes" : "no";
    cell.dataset.unsent = row.state === "unsent" ? "yes" : "no";
    if (row.slot === here) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
    cell.setAttribute("aria-label", cellWords(row, words));
  }
  const answered = rows.filter((row) => row.choice.length).length;
  $("progress").textContent = fill(words.progress, { count: answered, total: rows.length });
}

function cellWords(row, words) {
  const marks = [row.choice.length ? words.answered : words.not_answered];
  if (row.flagged) marks.push(words.flagged);
  if (row.state === "unsent") marks.push(words.not_sent);
  return `${fill(words.cell, { number: row.slot })}: ${marks.join(", ")}`;
}

/** state: "" | "saved" | "sending" | "unsent". */
export function drawSaved(state, text) {
  if ($("saved").dataset.state !== state) $("saved").dataset.state = state;
  if ($("saved").textContent !== text) $("saved").textContent = text;
}

export function drawTime(face, ms) {
  $("time-left").textContent = face;
  const stage = ms <= 60000 ? "last" : ms <= 300000 ? "soon" : "calm";
  if ($("time").dataset.stage !== stage) $("time").dataset.stage = stage;
}

export function say(text) {
  $("announcements").textContent = "";
  // A region that is emptied and filled in one go says nothing when the words are the same.
  requestAnimationFrame(() => ($("announcements").textContent = text));
}

export function showNotice(name, isShown) {
  const notice = $(`notice-${name}`);
  if (notice.hidden === isShown) notice.hidden = !isShown;
}

export function drawPosition(text) {
  $("position").textContent = text;
  document.title = document.title.replace(/^[^·]*/, `${text} `);
}

/** One of "question-page", "overview". The focus goes to its heading, so that a screen reader starts there. */
export function showPage(name, { focus = true } = {}) {
  for (const page of ["question-page", "overview"]) $(page).hidden = page !== name;
  document.body.dataset.page = name;
  if (!focus) return;
  scrollTo(0, 0);
  $(name).querySelector("h1").focus({ preventScroll: true });
}

export function drawOverview(rows, words) {
  const lists = {
    unanswered: rows.filter((row) => !row.choice.length),
    flagged: rows.filter((row) => row.flagged),
    unsent: rows.filter((row) => row.state === "unsent"),
  };
  for (const [name, listed] of Object.entries(lists)) {
    const part = $(`overview-${name}`);
    part.hidden = name !== "unanswered" && !listed.length;
    part.querySelector("h2").textContent = fill(words[`${name}_count`], { count: listed.length });
    drawLinks(part.querySelector("ul"), listed, words);
  }
}

/** An answer that arrives while somebody tabs through the list must not take the focus away. */
function drawLinks(list, listed, words) {
  const focused = list.contains(document.activeElement) ? document.activeElement.textContent : null;
  list.replaceChildren(
    ...listed.map((row) => {
      const link = make("a", { className: "cell", href: `?slot=${row.slot}`, textContent: row.slot });
      link.dataset.answered = row.choice.length ? "yes" : "no";
      link.dataset.flagged = row.flagged ? "yes" : "no";
      link.dataset.unsent = row.state === "unsent" ? "yes" : "no";
      link.setAttribute("aria-label", cellWords(row, words));
      return make("li", {}, link);
    }),
  );
  if (focused === null) return;
  const same = [...list.querySelectorAll("a")].find((link) => link.textContent === focused);
  (same || list.closest(".overview").querySelector("h1")).focus({ preventScroll: true });
}

export function drawFinish({ busy, message }) {
  $("finish-button").disabled = busy;
  $("finish-message").hidden = !message;
  $("finish-message-text").textContent = message || "";
}

function drawWords(id, text) {
  $(id).textContent = text;
  $(id).hidden = !text;
}

export const drawAgain = (text) => drawWords("again-error", text);
export const drawUnsentAtEnd = (text) => drawWords("over-unsent", text);

export function openDialog(id) {
  if (!$(id).open) $(id).showModal();
}

export function closeDialog(id) {
  if ($(id).open) $(id).close();
}

export function openMap(here) {
  openDialog("sheet");
  $(`cell-${here}`).focus();
}

/** On a narrow page the map of questions is a sheet from below; the same map, moved. */
export function placeMap(isNarrow) {
  const home = isNarrow ? $("sheet-body") : $("map-place");
  if ($("map").parentElement !== home) home.append($("map"));
  $("open-map").hidden = !isNarrow;
  if (!isNarrow) closeDialog("sheet");
}
