/* Curves as SVG: a few named lines over images or seconds, their ideal, and a cursor. */

import { count, duration, figure, make, short } from "../common.js";

const SPACE = "http://www.w3.org/2000/svg";
const MARGIN = { top: 10, right: 12, bottom: 24, left: 46 };
const HEIGHT = 190;

function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * A figure of curves.
 *
 * lines   [{ key, name, tone, dash }]: which curves, their names, the class of their colour
 * hint    a function that says in a sentence what is drawn
 * scale   "linear", "log" or "share" (0 to 1, as per cent)
 * smooth  whether running means are drawn as lines, and the values themselves as dots
 * onSeek  called with a number of images when somebody clicks or drags in the figure
 */
export class Chart {
  constructor(place, { title, hint = () => "", lines, scale = "linear", smooth = false, onSeek }) {
    this.smooth = smooth;
    this.lines = lines;
    this.scale = scale;
    this.title = title;
    this.curves = {};
    this.ideals = [];
    this.cursor = null;
    this.hover = null;
    this.over = "images";
    this.width = 0;
    this.svg = draw("svg", { class: "plot", role: "img", height: HEIGHT, width: "100%" });
    this.legend = make("ul", { class: "legend" });
    this.values = new Map();
    for (const line of lines) {
      const value = make("span", { class: "number value", text: "–" });
      this.values.set(line.key, value);
      this.legend.append(make("li", {}, swatch(line), make("span", { text: line.name }), value));
    }
    this.hint = make("p", { class: "small faint", text: hint() });
    this.nothing = make("p", { class: "nothing faint", text: "Nothing to draw yet" });
    this.table = make("div", { class: "scroll" });
    this.details = make("details", { class: "as-table small" }, make("summary", { text: "As a table" }), this.table);
    this.details.addEventListener("toggle", () => this.details.open && this.#fillTable());
    this.element = make(
      "figure",
      { class: "chart panel" },
      make("figcaption", {}, make("h3", { text: title }), this.hint),
      this.legend,
      make("div", { class: "frame" }, this.svg, this.nothing),
      this.details,
    );
    place.append(this.element);
    new ResizeObserver(() => this.#resize()).observe(this.svg);
    this.#listen(onSeek);
  }

  /** Show these curves: { key: { images, seconds, values, low?, high? } }. */
  set(curves) {
    this.raw = curves;
    this.curves = Object.fromEntries(
      this.lines.filter((line) => curves[line.key]).map((line) => [line.key, this.smooth ? smoothed(curves[line.key]) : curves[line.key]]),
    );
    this.draw();
  }

  setHint(words) {
    if (this.hint.textContent !== words) this.hint.textContent = words;
  }

  /** Say this where there is no curve to draw. */
  setNothing(words) {
    if (this.nothing.textContent !== words) this.nothing.textContent = words;
  }

  /** Put the cursor at a number of images; null takes it away. */
  setCursor(images) {
    this.cursor = images;
    this.#drawCursor();
  }

  /** Draw over "images" or "seconds". */
  setOver(over) {
    this.over = over;
    this.draw();
  }

  draw() {
    if (!this.width) return;
    const known = this.lines.map((line) => [line, this.curves[line.key]]).filter(([, curve]) => curve?.values.length);
    this.nothing.hidden = known.length > 0;
    this.svg.replaceChildren();
    if (!known.length) return;
    this.#measure(known.map(([, curve]) => curve));
    this.#drawAxes();
    for (const ideal of this.ideals) this.#drawIdeal(ideal);
    if (this.smooth) for (const [line] of known) this.#drawDots(line, this.raw[line.key]);
    for (const [line, curve] of known) this.#drawLine(line, curve);
    for (const ideal of this.ideals) this.#nameIdeal(ideal); // over the curves, which would cross it out
    this.marks = draw("g", { class: "cursor" });
    this.svg.append(this.marks);
    this.#drawCursor();
    if (this.details.open) this.#fillTable();
  }

  #resize() {
    const width = Math.round(this.svg.getBoundingClientRect().width);
    if (width === this.width || width === 0) return;
    this.width = width;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.draw();
  }

  #measure(curves) {
    const xs = curves.flatMap((curve) => [curve[this.over][0], curve[this.over].at(-1)]).filter(Number.isFinite);
    this.x = { low: 0, high: Math.max(1, ...xs, this.over === "images" ? (this.least ?? 0) : 0) };
    if (this.scale === "share") {
      this.y = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };
      return;
    }
    const all = curves.flatMap((curve) => trimmed(curve.values));
    for (const ideal of this.ideals) all.push(ideal.value);
    let low = Math.min(...all);
    let high = Math.max(...all);
    if (this.scale === "log") {
      low = Math.max(low, 1e-6);
      const ticks = logTicks(low / 1.1, Math.max(high, low) * 1.1);
      this.y = { low: Math.log(low / 1.1), high: Math.log(Math.max(high, low) * 1.1), ticks };
      return;
    }
    if (low > 0 && low < high * 0.6) low = 0;
    if (high === low) [low, high] = high === 0 ? [0, 1] : [Math.min(0, high), Math.max(0, high)]; // a level line
    const ticks = niceTicks(low, high, 4);
    const room = (high - low) * 0.05;
    this.y = { low: Math.min(low === 0 ? 0 : low - room, ticks[0]), high: high + room, ticks };
  }

  #left(value) {
    const inner = this.width - MARGIN.left - MARGIN.right;
    return MARGIN.left + (inner * (value - this.x.low)) / (this.x.high - this.x.low);
  }

  #top(value) {
    const inner = HEIGHT - MARGIN.top - MARGIN.bottom;
    const at = this.scale === "log" ? Math.log(Math.max(value, 1e-9)) : value;
    const share = (at - this.y.low) / (this.y.high - this.y.low);
    return MARGIN.top + inner * (1 - Math.min(1.02, Math.max(-0.02, share)));
  }

  #say(value) {
    return this.scale === "share" ? `${Math.round(100 * value)}%` : figure(value);
  }

  #drawAxes() {
    const group = draw("g", { class: "axes" });
    for (const tick of this.y.ticks) {
      const y = this.#top(tick);
      group.append(draw("line", { x1: MARGIN.left, x2: this.width - MARGIN.right, y1: y, y2: y }));
      const word = draw("text", { x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" });
      word.textContent = this.scale === "share" ? `${100 * tick}%` : short(Number(tick.toPrecision(3)));
      group.append(word);
    }
    const ticks = niceTicks(this.x.low, this.x.high, this.width < 420 ? 3 : 5);
    for (const tick of ticks) {
      const last = tick === ticks.at(-1);
      const x = this.#left(tick);
      const anchor = x > this.width - 60 ? "end" : tick === 0 ? "start" : "middle";
      const word = draw("text", { x, y: HEIGHT - 6, "text-anchor": anchor });
      word.textContent = this.over === "seconds" ? duration(tick) : `${short(tick)}${last ? " images" : ""}`;
      group.append(word);
    }
    this.svg.append(group);
  }

  #drawIdeal({ value }) {
    const y = this.#top(value);
    this.svg.append(draw("line", { class: "ideal", x1: MARGIN.left, x2: this.width - MARGIN.right, y1: y, y2: y }));
  }

  #nameIdeal({ name, value }) {
    const y = this.#top(value);
    // Below its line where there is more room: towards the middle.
    const below = y < HEIGHT / 2;
    const word = draw("text", { class: "ideal-word", x: this.width - MARGIN.right - 4, y: below ? y + 14 : y - 5, "text-anchor": "end" });
    word.textContent = name;
    this.svg.append(word);
  }

  #drawLine(line, curve) {
    const xs = curve[this.over];
    const points = curve.values.map((value, i) => [this.#left(xs[i]), this.#top(value)]).filter(([x]) => Number.isFinite(x));
    if (curve.low) {
      const there = curve.high.map((value, i) => `${this.#left(xs[i]).toFixed(1)},${this.#top(value).toFixed(1)}`);
      const back = curve.low.map((value, i) => `${this.#left(xs[i]).toFixed(1)},${this.#top(value).toFixed(1)}`).reverse();
      this.svg.append(draw("polygon", { class: `band ${line.tone}`, points: [...there, ...back].join(" ") }));
    }
    const path = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
    const attributes = { class: `line ${line.tone}`, d: path };
    if (line.dash) attributes["stroke-dasharray"] = line.dash;
    this.svg.append(draw("path", attributes));
    if (points.length <= 40 && !this.smooth) {
      for (const [x, y] of points) this.svg.append(draw("circle", { class: `dot ${line.tone}`, cx: x, cy: y, r: 2.5 }));
    }
  }

  #drawDots(line, curve) {
    const size = curve.values.length > 120 ? 1.1 : 1.8;
    const circles = curve.values.map((value, i) => draw("circle", { cx: this.#left(curve[this.over][i]), cy: this.#top(value), r: size }));
    this.svg.append(draw("g", { class: `looks ${line.tone}` }, ...circles));
  }

  /** The cursor, and beside each name in the legend the value there (else the newest). */
  #drawCursor() {
    const at = this.hover ?? this.cursor;
    const lines = this.lines.map((line) => [line, this.curves[line.key]]);
    const known = lines.filter(([, curve]) => curve?.values.length);
    for (const [line, curve] of lines) {
      const value = curve?.values.length ? curve.values[at === null ? curve.values.length - 1 : nearest(curve.images, at)] : null;
      this.values.get(line.key).textContent = value === null ? "–" : this.#say(value);
    }
    this.svg.setAttribute("aria-label", this.#summary(known));
    if (!this.marks || !known.length) return;
    this.marks.replaceChildren();
    if (at === null) return;
    const [, first] = known[0];
    const place = this.over === "images" ? at : first.seconds[nearest(first.images, at)];
    const x = this.#left(Math.min(place, this.x.high));
    this.marks.append(draw("line", { x1: x, x2: x, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
    for (const [line, curve] of known) {
      const i = nearest(curve.images, at);
      this.marks.append(draw("circle", { class: `dot ${line.tone}`, cx: this.#left(curve[this.over][i]), cy: this.#top(curve.values[i]), r: 4 }));
    }
  }

  #summary(known) {
    const parts = known.map(([line, curve]) => {
      const last = curve.values.length - 1;
      return `${line.name} from ${this.#say(curve.values[0])} to ${this.#say(curve.values[last])} at ${count(curve.images[last])} images`;
    });
    const ideals = this.ideals.map((ideal) => `${ideal.name}: ${this.#say(ideal.value)}`);
    return [this.title, ...parts, ...ideals].join("; ");
  }

  #fillTable() {
    const known = this.lines.map((line) => [line, this.curves[line.key]]).filter(([, curve]) => curve?.values.length);
    const rows = 12;
    const longest = known.map(([, curve]) => curve.images).sort((a, b) => b.length - a.length)[0] ?? [];
    const step = Math.max(1, (longest.length - 1) / (rows - 1));
    const places = [...new Set(Array.from({ length: Math.min(rows, longest.length) }, (_, i) => longest[Math.round(i * step)]))];
    const head = make("tr", {}, make("th", { scope: "col", class: "number", text: "Images" }));
    for (const [line] of known) head.append(make("th", { scope: "col", class: "number", text: line.name }));
    const body = make("tbody");
    for (const place of places) {
      const row = make("tr", {}, make("th", { scope: "row", class: "number", text: count(place) }));
      for (const [, curve] of known) row.append(make("td", { class: "number", text: this.#say(curve.values[nearest(curve.images, place)]) }));
      body.append(row);
    }
    this.table.replaceChildren(make("table", {}, make("caption", { class: "unseen", text: this.title }), make("thead", {}, head), body));
  }

  #listen(onSeek) {
    const images = (event) => {
      const box = this.svg.getBoundingClientRect();
      const inner = this.width - MARGIN.left - MARGIN.right;
      const share = Math.min(1, Math.max(0, (event.clientX - box.left - MARGIN.left) / inner));
      const place = this.x.low + share * (this.x.high - this.x.low);
      if (this.over === "images") return place;
      const curve = this.lines.map((line) => this.curves[line.key]).find((found) => found?.values.length);
      return curve ? curve.images[nearest(curve.seconds, place)] : 0;
    };
    this.svg.addEventListener("pointermove", (event) => {
      if (!this.x) return;
      this.hover = images(event);
      if (event.buttons && onSeek) onSeek(this.hover);
      this.#drawCursor();
    });
    this.svg.addEventListener("pointerleave", () => {
      this.hover = null;
      this.#drawCursor();
    });
    this.svg.addEventListener("pointerdown", (event) => this.x && onSeek?.(images(event)));
  }
}

/** Add to each curve what came since; new keys begin. */
export function append(curves, added) {
  for (const [key, more] of Object.entries(added)) {
    const curve = (curves[key] ??= { images: [], seconds: [], values: [] });
    curve.images.push(...more.images);
    curve.seconds.push(...more.seconds);
    curve.values.push(...more.values);
    curve.low?.push(...more.values);
    curve.high?.push(...more.values);
  }
}

/** The place in ascending `places` that is nearest to `value`. */
export function nearest(places, value) {
  let low = 0;
  let high = places.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle] < value) low = middle;
    else high = middle;
  }
  return Math.abs(places[low] - value) <= Math.abs(places[high] - value) ? low : high;
}

function swatch(line) {
  const stroke = draw("line", { class: `line ${line.tone}`, x1: 0, x2: 22, y1: 5, y2: 5 });
  if (line.dash) stroke.setAttribute("stroke-dasharray", line.dash);
  return draw("svg", { width: 22, height: 10, "aria-hidden": "true" }, stroke);
}

/** Each value as the mean of its neighbours: a fortieth of the curve, fewer towards its ends. */
function smoothed(curve) {
  const half = Math.floor(curve.values.length / 80);
  if (half < 1) return curve;
  const sums = [0];
  for (const value of curve.values) sums.push(sums.at(-1) + value);
  const values = curve.values.map((_, i) => {
    const first = Math.max(0, i - half);
    const last = Math.min(curve.values.length, i + half + 1);
    return (sums[last] - sums[first]) / (last - first);
  });
  return { images: curve.images, seconds: curve.seconds, values };
}

/** The values without the few extremes of the beginning, by which an axis would be all air. */
function trimmed(values) {
  if (values.length < 40) return values;
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length * 0.01);
  return sorted.slice(cut, sorted.length - cut);
}

function niceTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-6; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const factor of [1, 2, 5]) {
      const tick = factor * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(Number(tick.toPrecision(6)));
    }
  }
  while (ticks.length > 6) ticks.splice(0, ticks.length, ...ticks.filter((_, i) => i % 2 === 0));
  return ticks;
}
