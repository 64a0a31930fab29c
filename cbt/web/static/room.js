// The room refreshes by itself; it can be stopped, and without scripts there is a link.

const live = document.querySelector("[data-live]");
if (live) {
  const part = live.querySelector("[data-live-part]");
  const box = live.querySelector("[data-live-switch]");
  const input = box.querySelector("input");
  const status = live.querySelector("[data-live-status]");
  box.hidden = false;

  async function refresh() {
    if (!input.checked || document.hidden) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live-part]");
      if (!fresh) throw new Error("another page");
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      const scrolled = part.querySelector(".table-scroll")?.scrollLeft || 0;
      live.querySelector("[data-live-at]").textContent = page.querySelector("[data-live-at]").textContent;
      part.replaceChildren(...fresh.childNodes);
      const table = part.querySelector(".table-scroll");
      if (table) table.scrollLeft = scrolled;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      status.textContent = "";
    } catch {
      status.textContent = live.dataset.lost;
    }
  }

  setInterval(refresh, Number(live.dataset.every) * 1000);
  document.addEventListener("visibilitychange", refresh);
}
