// The sum of a blueprint follows what is typed. The server counts again.

const sum = document.querySelector("[data-sum]");
const parts = [...document.querySelectorAll('[data-part="sum"]')];

function show() {
  const total = parts.reduce((all, part) => all + (parseInt(part.value, 10) || 0), 0);
  sum.replaceChildren(Object.assign(document.createElement("strong"), { textContent: String(total) }));
}

for (const part of parts) part.addEventListener("input", show);
