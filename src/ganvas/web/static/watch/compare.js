/* Two runs at the same number of images: pictures, figures, settings and curves. */

import { byId, count, duration, figure, follow, make, percent } from "../common.js";
import { append, Chart, nearest } from "./charts.js";
import { COMPARED } from "./figures.js";
import { connectionWord, newsPath, NO_FILE, noPicture, pictureOf, stateBadge } from "./shared.js";

const SIDES = ["a", "b"];
const wanted = new URLSearchParams(location.search);
const runs = { a: null, b: null };
const ends = { a: null, b: null }; // functions that end a stream
const missing = { a: false, b: false }; // asked for, and not there
const pictures = {};
const charts = new Map(); // by the name of their curve
let over = "images";
let atEnd = true; // the slider follows the newest picture

for (const side of SIDES) {
  const image = make("img", { class: "pixels grid-picture", alt: "", hidden: true });
  const nothing = make("p", { class: "nothing faint", text: "No picture yet" });
  const where = make("p", { class: "small number", text: "\u00a0" });
  byId(`${side}-picture`).append(make("div", { class: "picture-frame" }, image, nothing), where);
  pictures[side] = { image, nothing, where, address: null };
  byId(side).addEventListener("change", () => choose(side, byId(side).value));
}
byId("choosers").addEventListener("submit", (event) => event.preventDefault());
byId("time").addEventListener("input", () => {
  const slider = byId("time");
  atEnd = slider.value === slider.max;
  showTime();
});
for (const kind of ["images", "seconds"]) {
  byId(`over-${kind}`).addEventListener("click", () => {
    over = kind;
    for (const other of ["images", "seconds"]) byId(`over-${other}`).setAttribute("aria-pressed", String(other === kind));
    for (const chart of charts.values()) chart.setOver(kind);
  });
}

const names = new Set();
let listed = null; // the folder, and how many runs are in it
follow(
  "/api/runs",
  {
    listing({ folder, total, gone }) {
      gone.forEach((name) => names.delete(name));
      listed = { folder, total };
      fillChoosers();
      showHint();
    },
    rows(rows) {
      rows.forEach((run) => names.add(run.name));
      fillChoosers();
    },
  },
  connectionWord(byId("connection")),
);

for (const side of SIDES) if (wanted.get(side)) choose(side, wanted.get(side));

function fillChoosers() {
  const sorted = [...names].sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const side of SIDES) {
    const select = byId(side);
    const value = wanted.get(side) ?? "";
    const all = ["", ...sorted];
    if (value && !names.has(value)) all.push(value);
    if (select.options.length && all.join("\n") === [...select.options].map((option) => option.value).join("\n")) continue;
    select.replaceChildren(...all.map((name) => make("option", { value: name, text: name || "choose…" })));
    select.value = value;
  }
}

function choose(side, name) {
  ends[side]?.();
  ends[side] = runs[side] = null;
  missing[side] = false;
  if (name) wanted.set(side, name);
  else wanted.delete(side);
  history.replaceState(null, "", `/compare?${wanted}${location.hash}`);
  if (name) {
    ends[side] = follow(newsPath(name), {
      run(whole) {
        runs[side] = whole;
        missing[side] = false;
        show();
      },
      more({ added, ...changed }) {
        Object.assign(runs[side], changed);
        append(runs[side].curves, added);
        show();
      },
      gone() {
        if (runs[side]) runs[side].state = "gone";
        missing[side] = !runs[side];
        show();
      },
    });
  }
  show();
}

function show() {
  const ready = SIDES.every((side) => runs[side]);
  byId("both").hidden = !ready;
  byId("hint").hidden = ready;
  if (!ready) {
    showHint();
    return;
  }
  for (const side of SIDES) {
    byId(`${side}-name`).textContent = runs[side].name;
    byId(`${side}-state`).replaceChildren(stateBadge(runs[side].state));
  }
  showTable();
  showCharts();
  const slider = byId("time");
  const places = timeline();
  const before = slider.dataset.images;
  slider.max = Math.max(0, places.length - 1);
  slider.disabled = places.length < 2;
  slider.value = atEnd || before === undefined ? slider.max : nearest(places, Number(before));
  showTime();
}

/** What is wanted before two runs can be shown. */
function showHint() {
  const absent = SIDES.find((side) => missing[side]);
  let word = `Choose ${SIDES.some((side) => runs[side]) ? "a second run" : "two runs"} to see both at the same number of images.`;
  if (!listed) word = "Looking for runs…";
  else if (absent) word = `There is no run '${wanted.get(absent)}' in ${listed.folder}. If it appears, it is shown here; or choose another one.`;
  else if (listed.total === 0) word = "There are no runs here yet. The page Runs says how to begin one.";
  else if (listed.total === 1) word = "There is only one run here so far. The next one appears in these lists by itself.";
  if (byId("hint").textContent !== word) byId("hint").textContent = word;
}

/** All places at which one of the two has a picture, ascending. */
function timeline() {
  const places = SIDES.flatMap((side) => runs[side].samples.map(([images]) => images));
  return [...new Set(places)].sort((a, b) => a - b);
}

function showTime() {
  const places = timeline();
  const slider = byId("time");
  const images = places[Number(slider.value)];
  byId("time-word").textContent = images === undefined ? "" : `${count(images)} images`;
  for (const side of SIDES) showPicture(side, images ?? 0);
  if (images === undefined) return;
  slider.dataset.images = images;
  slider.setAttribute("aria-valuetext", `${count(images)} images`);
  for (const chart of charts.values()) chart.setCursor(images);
}

/** The newest picture of a run that was there at so many images; its first before that. */
async function showPicture(side, images) {
  const { name, samples } = runs[side];
  const { image, nothing, where } = pictures[side];
  nothing.hidden = samples.length > 0;
  if (!samples.length) {
    nothing.textContent = noPicture(runs[side].state);
    image.hidden = true;
    where.textContent = "\u00a0";
    pictures[side].address = null;
    return;
  }
  const past = samples.filter(([place]) => place <= images);
  const [place, version] = past.at(-1) ?? samples[0];
  where.textContent = `after ${count(place)} images`;
  const address = pictureOf(name, `samples/${place}.png`, version);
  if (pictures[side].address === address) return;
  pictures[side].address = address;
  const next = new Image();
  next.src = address;
  const isWhole = await next.decode().then(() => true, () => false);
  if (pictures[side].address !== address) return;
  nothing.hidden = isWhole;
  image.hidden = !isWhole;
  if (!isWhole) {
    nothing.textContent = NO_FILE;
    return;
  }
  image.src = address;
  image.alt = `Samples of ${name} after ${count(place)} images`;
}

function showTable() {
  const rows = [
    ["images seen", (run) => count(run.images)],
    ["time", (run) => duration(run.seconds ?? NaN)],
    ["images/s", (run) => (run.images_per_second ? count(run.images_per_second) : "–")],
    ["distance from real images", (run) => (run.quality ? figure(run.quality.fd) : "–")],
    ["… of real images", (run) => (run.quality?.real_fd ? figure(run.quality.real_fd) : "–")],
    ["right class", (run) => percent(run.quality?.label_accuracy ?? NaN)],
    ["data", (run) => run.data],
    ["recipe", (run) => run.recipe],
  ];
  const facts = SIDES.map((side) => new Map(runs[side].facts));
  for (const term of new Set([...facts[0].keys(), ...facts[1].keys()])) {
    rows.push([term, (run) => facts[run === runs.a ? 0 : 1].get(term) ?? "–"]);
  }
  byId("rows").replaceChildren(
    ...rows.map(([term, read]) => {
      const [a, b] = [read(runs.a), read(runs.b)];
      const tone = a === b ? undefined : "differs";
      return make("tr", {}, make("th", { scope: "row", text: term }), make("td", { class: tone, text: a }), make("td", { class: tone, text: b }));
    }),
  );
}

/** One chart for each curve that either run has by now, A in one colour, B in another and dashed. */
function showCharts() {
  for (const { title, hint, scale, smooth, lines } of COMPARED) {
    for (const line of lines) {
      if (charts.has(line.key) || !SIDES.some((side) => runs[side].curves[line.key]?.values.length)) continue;
      const chart = new Chart(byId("charts"), {
        title: lines.length > 1 ? `${title}: ${line.name}` : title,
        hint,
        scale,
        smooth,
        lines: [
          { key: "a", name: "A", tone: "run-a" },
          { key: "b", name: "B", tone: "run-b", dash: "6 3" },
        ],
        onSeek: seek,
      });
      chart.over = over;
      charts.set(line.key, chart);
    }
  }
  byId("no-curves").hidden = charts.size > 0;
  for (const [key, chart] of charts) {
    chart.least = Math.max(runs.a.images, runs.b.images);
    chart.set({ a: runs.a.curves[key], b: runs.b.curves[key] });
  }
}

function seek(images) {
  const slider = byId("time");
  slider.value = nearest(timeline(), images);
  atEnd = slider.value === slider.max;
  showTime();
}
