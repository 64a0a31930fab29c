// Conveniences of every page. Each page works without them.

const root = document.documentElement;
const all = (selector) => document.querySelectorAll(selector);

function remember(name, value) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  try {
    if (value) localStorage.setItem("display-" + name, value);
    else localStorage.removeItem("display-" + name);
  } catch {
    // storage is closed: the choice lasts for this page
  }
}

for (const menu of all("[data-display]")) menu.hidden = false;
for (const input of all("[data-setting]")) {
  const name = input.dataset.setting;
  input.checked = (root.dataset[name] || "") === input.value;
  input.addEventListener("change", () => remember(name, input.value));
}

// The summary has `autofocus`; older browsers know that only on inputs.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  addEventListener("load", () => requestAnimationFrame(() => document.activeElement === summary || summary.focus()));
}

// Menus close on Escape and on a press elsewhere.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// A second press of the same button does nothing until the answer comes.
const HELD_MS = 10000;
for (const form of all("form[data-once]")) {
  let held = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - held < HELD_MS) return event.preventDefault();
    held = Date.now();
    form.setAttribute("aria-busy", "true");
    setTimeout(() => form.removeAttribute("aria-busy"), HELD_MS);
  });
  addEventListener("pageshow", () => {
    held = 0;
    form.removeAttribute("aria-busy");
  });
}

// A deed that ends in a download leaves its page standing: say then what comes next.
const DOWNLOAD_MS = 1500;
for (const note of all("[data-after-sending]")) {
  note.closest("form").addEventListener("submit", () => setTimeout(() => (note.hidden = false), DOWNLOAD_MS));
}

// Leaving a changed form asks first.
for (const form of all("form[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
}

// A changed filter shows its list at once and keeps the focus where it was.
for (const form of all("form[data-auto]")) {
  const place = "focus " + location.pathname;
  form.addEventListener("change", (event) => {
    if (event.target.type === "search") return;
    try {
      sessionStorage.setItem(place, event.target.id);
    } catch {
      // the focus starts at the top
    }
    form.requestSubmit();
  });
  try {
    const id = sessionStorage.getItem(place);
    sessionStorage.removeItem(place);
    if (id) document.getElementById(id)?.focus();
  } catch {
    // nothing was kept
  }
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const link of all("[data-dialog]")) {
  const dialog = document.getElementById(link.dataset.dialog);
  if (!dialog?.showModal) continue;
  link.setAttribute("role", "button");
  link.setAttribute("aria-haspopup", "dialog");
  const close = dialog.querySelector("[data-close]");
  const open = (event) => {
    event.preventDefault();
    dialog.showModal();
    close.focus(); // the safe way first
  };
  link.addEventListener("click", open);
  link.addEventListener("keydown", (event) => event.key === " " && open(event));
  close.addEventListener("click", () => dialog.close());
}

// A table that fits needs no stop for the keyboard.
const regions = all(".table-scroll, .chart-scroll");
if (regions.length && window.ResizeObserver) {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const region of regions) observer.observe(region);
}
