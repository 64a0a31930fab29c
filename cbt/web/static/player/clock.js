/** The countdown: the server says how much is left, a monotonic clock counts on; the computer's own time is not asked. */

const SAID_AT_MINUTES = [30, 10, 5, 1];

export function createClock({ onTick, onMinutes, onEnd, now = () => performance.now() }) {
  let endsAt = null;
  let shown = null;
  let timer = 0;
  let over = false;

  const remaining = () => (endsAt === null ? null : Math.max(0, endsAt - now()));

  function tick() {
    clearTimeout(timer);
    const left = remaining();
    if (left === null) return;
    const crossed = SAID_AT_MINUTES.filter((minutes) => shown !== null && shown > minutes * 60000 && left <= minutes * 60000);
    shown = left;
    onTick(left);
    if (crossed.length && left > 0) onMinutes(Math.min(...crossed));
    if (left === 0) {
      if (!over) {
        over = true;
        onEnd();
      }
      return;
    }
    timer = setTimeout(tick, left % 1000 || 1000);
  }

  return {
    remaining,
    isOver: () => over,
    /** The reply left the server about half a round trip before it arrived. */
    sync(remainingMs, { sentAt, receivedAt }) {
      if (typeof remainingMs !== "number") return;
      endsAt = receivedAt + remainingMs - (receivedAt - sentAt) / 2;
      if (remainingMs > 0) over = false;
      tick();
    },
  };
}

/** 2530000 -> "42:10"; a started second counts as whole, so that zero is shown at the end and not before it. */
export function clockFace(ms) {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Time of day in the country by the server's clock, whatever zone data the computer has. */
export function timeOfDay(epochMs, utcOffsetMinutes) {
  return new Date(epochMs + utcOffsetMinutes * 60000).toISOString().slice(11, 19);
}
