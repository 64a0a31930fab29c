/** The waiting room: looks whether this computer will do, and lets the person try the keys on a practice question. */

import { listenKeys } from "./keys.js";
import { browserStorage } from "./outbox.js";
import { fill } from "./view.js";

const SLOW_MS = 1500;
const DRIFT_MS = 60000;
const NARROW = 320;

const $ = (id) => document.getElementById(id);

function report(name, isGood, text) {
  const place = $(`check-${name}`);
  if (!place) return;
  const tag = document.createElement("span");
  tag.className = `tag is-${isGood ? "good" : "warning"}`;
  tag.textContent = text;
  place.replaceChildren(tag);
}

/** The page itself was a round trip: no further request is needed to measure one. */
function measure(words) {
  const [loaded] = performance.getEntriesByType("navigation");
  const serverTime = Number($("waiting").dataset.serverMs);
  if (!loaded || !loaded.responseStart) return;
  const trip = Math.round(loaded.responseStart - loaded.requestStart);
  report("connection", trip < SLOW_MS, fill(trip < SLOW_MS ? words.connection_good : words.connection_slow, { ms: trip }));
  const drift = performance.timeOrigin + loaded.responseStart - trip / 2 - serverTime;
  const seconds = Math.round(Math.abs(drift) / 1000);
  const time = seconds < 60 ? `0:${String(seconds).padStart(2, "0")}` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  report("clock", Math.abs(drift) < DRIFT_MS, fill(Math.abs(drift) < DRIFT_MS ? words.clock_good : words.clock_differs, { time }));
}

export function startWaiting() {
  if (!$("waiting")) return;
  document.documentElement.classList.add("scripted");
  const words = JSON.parse($("words").textContent);
  report("script", true, words.script_on);
  const keeps = browserStorage() !== null;
  report("storage", keeps, keeps ? words.storage_good : words.storage_closed);
  const size = { width: screen.width, height: screen.height };
  report("screen", innerWidth >= NARROW, fill(innerWidth >= NARROW ? words.screen_good : words.screen_narrow, size));
  measure(words);

  const inputs = [...document.querySelectorAll("#practice input[name=choice]")];
  listenKeys(
    {
      choose(place) {
        if (!inputs[place]) return false;
        inputs[place].checked = true;
        return true;
      },
    },
    () => true,
  );
}
