/** One live window an attempt in this browser: the others look on until it closes or somebody says "use here". */

/** `onLive` is called when this window holds the attempt, `onElsewhere` when another one does. */
export function claimTab(name, { onLive, onElsewhere }) {
  function take(options) {
    navigator.locks
      .request(name, options, (lock) => {
        if (!lock) return wait();
        onLive();
        return new Promise(() => {});
      })
      .catch((error) => (error.name === "AbortError" ? wait() : onLive()));
  }

  function wait() {
    onElsewhere();
    take({});
  }

  // Without locks every window is live: the server keeps every answer and the order of their arrival.
  if (!navigator.locks) {
    onLive();
    return () => {};
  }
  take({ ifAvailable: true });
  return () => take({ steal: true });
}
