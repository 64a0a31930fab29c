// Runs before the first paint so that a chosen theme, contrast or text size never flashes.
for (const name of ["theme", "contrast", "size"]) {
  try {
    const value = localStorage.getItem("display-" + name);
    if (value) document.documentElement.dataset[name] = value;
  } catch {
    break; // storage is closed: the device's own settings apply
  }
}
