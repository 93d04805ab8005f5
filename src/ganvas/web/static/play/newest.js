/* Requests that outdate each other: one at a time, and of those that wait only the newest. */

/**
 * A function that asks `run(value)` at once, or when the one under way has ended. What waits is
 * replaced by what comes later, so dragging never queues up more than one request. `onError` is
 * told what `run` throws.
 */
export function newest(run, onError) {
  let waiting = null;
  let busy = false;
  return async function ask(value) {
    waiting = { value };
    if (busy) return;
    busy = true;
    while (waiting) {
      const { value: next } = waiting;
      waiting = null;
      try {
        await run(next);
      } catch (error) {
        onError(error);
      }
    }
    busy = false;
  };
}

/** A function that calls `run` once nobody has called it for `milliseconds`. */
export function atRest(run, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
}
