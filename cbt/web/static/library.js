// The reference library: how many questions the ticked boxes take, beside the button.

for (const form of document.querySelectorAll("form[data-takes]")) {
  const line = form.querySelector("[data-sum-line]");
  if (!line) continue;
  const sum = line.querySelector("[data-sum]");
  const count = () => {
    const ticked = [...form.querySelectorAll("[data-count]:checked")];
    sum.textContent = ticked.reduce((total, box) => total + Number(box.dataset.count), 0);
  };
  form.addEventListener("change", count);
  // A browser that comes back to the page ticks the boxes again after it was read.
  addEventListener("pageshow", count);
  line.hidden = false;
  count();
}
