/* The square between four seeds: a place in it by pointer, by keys, or by a slow walk. */

import { wantsLessMotion } from "/static/common.js";

const STEP = 0.02;
const FAR = 0.1;
const EDGE = 0.1; // of the pad, beyond its corners: there lie the halves of the map's outer pictures
const CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]];
const ROUND_MS = 24_000; // one round of a walk across; down it takes longer, so no round is alike
const DOWN = 0.618;
const STRIDE_MS = 2_500; // between two places of a walk for whoever wants less motion

/** Let `pad` choose places [x, y]; `onMove(place)` hears each that the user chose. */
export function makePad(pad, cursor, onMove) {
  let place = [0.5, 0.5];

  function show(next) {
    place = next.map((value) => Math.min(1, Math.max(0, Math.round(value * 1000) / 1000)));
    cursor.style.setProperty("--x", place[0]);
    cursor.style.setProperty("--y", place[1]);
    const [across, down] = place.map((value) => Math.round(100 * value));
    pad.setAttribute("aria-valuenow", across);
    pad.setAttribute("aria-valuetext", `${across}% across, ${down}% down`);
    return place;
  }

  const move = (next) => onMove(show(next));

  function follow(event) {
    const box = pad.getBoundingClientRect();
    const share = (from, size) => (from / size - EDGE) / (1 - 2 * EDGE);
    move([share(event.clientX - box.left, box.width), share(event.clientY - box.top, box.height)]);
  }

  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pad.setPointerCapture(event.pointerId);
    pad.focus({ preventScroll: true });
    event.preventDefault();
    follow(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (pad.hasPointerCapture(event.pointerId)) follow(event);
  });

  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = event.shiftKey ? FAR : STEP;
    const [x, y] = place;
    const next = {
      ArrowLeft: [x - by, y], ArrowRight: [x + by, y], ArrowUp: [x, y - by], ArrowDown: [x, y + by],
      Home: CORNERS[0], End: CORNERS[3], 1: CORNERS[0], 2: CORNERS[1], 3: CORNERS[2], 4: CORNERS[3],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    move(next);
  });

  return { show, corner: (number) => show(CORNERS[number]) };
}

/** A walk that begins at `place` and tells `onStep(place)` where it is; `stop()` ends it. */
export function startWalk(place, onStep) {
  const phases = place.map((value) => Math.asin(2 * value - 1));
  const began = performance.now();
  const at = (milliseconds) => {
    const turn = (2 * Math.PI * milliseconds) / ROUND_MS;
    return [Math.sin(phases[0] + turn), Math.sin(phases[1] + DOWN * turn)].map((s) => (1 + s) / 2);
  };
  let frame;
  let timer;
  if (wantsLessMotion()) {
    timer = setInterval(() => onStep(at(performance.now() - began)), STRIDE_MS);
  } else {
    const go = (now) => {
      onStep(at(Math.max(0, now - began)));
      frame = requestAnimationFrame(go);
    };
    frame = requestAnimationFrame(go);
  }
  return {
    stop() {
      cancelAnimationFrame(frame);
      clearInterval(timer);
    },
  };
}
