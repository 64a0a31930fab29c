/**
 * Keys of the player. They are read by their place on the keyboard as well, because under a Kazakh or Russian layout
 * the same keys give other letters.
 *
 * Inside a group of options the arrows belong to the browser: in a radio group they move the choice. So a digit or a
 * letter chooses without moving the focus into the group, and left and right stay free to turn the pages.
 * F always flags, also where a sixth option stands: that one is chosen by 6.
 */

const LETTERS = "ABCDEFGHI";

export function keyDeed(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return null;
  const { key, code, target } = event;
  if (isTyping(target)) return null;
  if (key === "?") return { deed: "help" };
  const inOptions = target instanceof HTMLInputElement && target.type === "radio";
  if (key === "ArrowLeft" || key === "ArrowRight") return inOptions ? null : { deed: key === "ArrowLeft" ? "previous" : "next" };
  if (event.shiftKey || event.repeat) return null;
  const digit = /^[1-9]$/.test(key) ? key : (/^Digit([1-9])$/.exec(code) || [])[1];
  if (digit) return { deed: "choose", place: Number(digit) - 1 };
  const letter = /^[a-z]$/i.test(key) ? key.toUpperCase() : isLetter(key) ? (/^Key([A-Z])$/.exec(code) || [])[1] : undefined;
  if (letter === "F") return { deed: "flag" };
  const place = letter ? LETTERS.indexOf(letter) : -1;
  return place < 0 ? null : { deed: "choose", place };
}

/** Letters of alphabets that have capitals: not "Enter", not "Tab". */
const isLetter = (key) => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

/** Also where a menu is open: its own choices have the keys. */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select") || target.closest("details[open]")) return true;
  return target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox";
}

export function listenKeys(deeds, isOn) {
  document.addEventListener("keydown", (event) => {
    if (!isOn() || document.querySelector("dialog[open]")) return;
    const found = keyDeed(event);
    if (found && deeds[found.deed] && deeds[found.deed](found.place) !== false) event.preventDefault();
  });
}
