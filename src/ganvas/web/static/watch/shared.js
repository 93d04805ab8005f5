/* What the pages about runs share: addresses, the words for how a run stands, the grid's places. */

import { make } from "../common.js";

/** The page of a run. */
export function runPath(name) {
  return `/run/${encodeURIComponent(name)}`;
}

/** What the server tells of a run, as a stream. */
export function newsPath(name) {
  return `/api/runs/${encodeURIComponent(name)}`;
}

/** A picture of a run; with its version in the address, the browser need not ask again. */
export function pictureOf(name, file, version) {
  return `${newsPath(name)}/${file}?v=${version}`;
}

const STATES = {
  running: ["●", "training", "state-running"],
  finished: ["✓", "finished", "state-good"],
  stopped: ["❙❙", "stopped", "state-paused"],
  interrupted: ["❙❙", "interrupted", "state-warning"],
  diverged: ["✕", "diverged", "state-error"],
  failed: ["✕", "failed", "state-error"],
  gone: ["○", "gone", "state-warning"],
  absent: ["○", "not there", "state-warning"],
  unknown: ["?", "unknown", "state-paused"],
};

/** A word with a sign, so that it does not rest on colour. */
export function stateBadge(state) {
  const [sign, word, tone] = STATES[state] ?? STATES.unknown;
  return make("span", { class: `badge ${tone}` }, make("span", { "aria-hidden": "true", text: sign }), word);
}

/** What stands where a run has no picture of samples. */
export function noPicture(state) {
  return state === "running" ? "The first picture is made after some thousand images" : "It ended before its first picture";
}

/** What stands where a picture cannot be shown. */
export const NO_FILE = "This picture cannot be shown: its file is gone or damaged";

/** A listener for `follow` that says in `place` when the server is out of reach, and what to do. */
export function connectionWord(place) {
  return (state) => {
    place.hidden = state === "open";
    place.textContent = place.hidden
      ? ""
      : "The server does not answer, so what is shown may be out of date. Was its command ended? Start it again, and open the address that it prints.";
  };
}

/**
 * Where the images of a picture of samples lie: { columns, rows, cell, gap, side: [w, h] } in
 * pixels of the picture, which has ten columns, gaps of two pixels, and every pixel as a square.
 */
export function gridOf(width, height, columns = 10) {
  for (let scale = 1; scale <= Math.max(1, width / columns); scale += 1) {
    const pitch = (width / scale - 2) / columns;
    if (!Number.isInteger(width / scale) || !Number.isInteger(pitch)) continue;
    if (scale !== Math.max(1, Math.round(900 / (width / scale)))) continue;
    return { columns, scale, pitch: pitch * scale, gap: 2 * scale, across: (pitch - 2) * scale, height };
  }
  const pitch = width / columns;
  return { columns, scale: 1, pitch, gap: 0, across: pitch, height };
}
