/** What is known of the attempt: the server's answers, overlaid with those still in the queue. Pure: no page, no network. */

const NO_ANSWER = Object.freeze({ choice: [], flagged: false });

export function createState(form, attempt) {
  return {
    items: form.items,
    languages: form.languages,
    language: attempt.language,
    server: { ...attempt.answers },
    savedAt: {},
    here: form.items[0].slot,
    peeking: false,
  };
}

export const itemAt = (state, slot) => state.items.find((item) => item.slot === slot);

/** The slot `step` places further in the order shown, or null at the ends. */
export function neighbour(state, slot, step) {
  const place = state.items.findIndex((item) => item.slot === slot) + step;
  return state.items[place] ? state.items[place].slot : null;
}

/** Every slot as the person left it: {slot, choice, flagged, state: "empty" | "saved" | "unsent"}. */
export function sheet(state, events) {
  const waiting = new Map(events.map((event) => [event.slot, event]));
  return state.items.map(({ slot }) => {
    const { choice, flagged } = waiting.get(slot) || state.server[slot] || NO_ANSWER;
    const stage = waiting.has(slot) ? "unsent" : state.server[slot] ? "saved" : "empty";
    return { slot, choice, flagged, state: stage };
  });
}

/** The choice after a click on an option: one for a single answer, a set in the order of the alphabet for several. */
export function chosen(item, choice, option) {
  if (item.kind === "single") return [option];
  return (choice.includes(option) ? choice.filter((id) => id !== option) : [...choice, option]).sort();
}

/** The server has named these events. An older number never replaces a newer one. */
export function acknowledge(state, events, savedAt) {
  for (const { slot, choice, flagged, seq } of events) {
    const known = state.server[slot];
    if (!known || known.seq <= seq) state.server[slot] = { choice, flagged, seq };
    state.savedAt[slot] = savedAt;
  }
}

export function takeServer(state, attempt) {
  state.server = { ...attempt.answers };
}

/** What the finish is compared by: lines "slot:choice,choice" of the answered slots in the order of slots. */
export function summary(rows) {
  const answered = rows.filter((row) => row.choice.length).sort((a, b) => a.slot - b.slot);
  return {
    count: answered.length,
    text: answered.map((row) => `${row.slot}:${row.choice.join(",")}`).join("\n"),
    answers: Object.fromEntries(answered.map((row) => [row.slot, row.choice])),
  };
}
