/* The list of runs, kept up to date by the server. */

import { byId, copyOnClick, count, duration, figure, follow, make, percent, short } from "../common.js";
import { connectionWord, pictureOf, runPath, stateBadge } from "./shared.js";

const list = byId("runs");
const runs = new Map(); // name -> what the server said of it
const items = new Map(); // name -> its element, and the parts that change
const chosen = new Set(); // names to compare, two at most
let total = null;

copyOnClick(byId("copy-first"), () => byId("first").textContent);
byId("find").addEventListener("input", arrange);
byId("order").addEventListener("change", arrange);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("compare").addEventListener("click", () => {
  const [a, b] = chosen;
  location.assign(`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
});

follow(
  "/api/runs",
  {
    listing({ folder, total: number, gone, only, command }) {
      byId("folder").textContent = folder;
      byId("first").textContent = command;
      if (only) {
        byId("empty-title").textContent = `The run ${only} is not here any more`;
        byId("empty-word").textContent = "This page is about it alone. If it comes back, it is shown here. To see all runs of its folder:";
        byId("empty-more").hidden = true;
      }
      total = number;
      gone.forEach(forget);
      arrange();
    },
    rows(rows) {
      for (const run of rows) {
        runs.set(run.name, run);
        show(run);
      }
      arrange();
    },
  },
  connectionWord(byId("connection")),
);

function forget(name) {
  runs.delete(name);
  chosen.delete(name);
  items.get(name)?.element.remove();
  items.delete(name);
  updateCompare();
}

/** Make the element of a run once, and bring its parts up to date. */
function show(run) {
  let item = items.get(run.name);
  if (!item) {
    item = makeItem(run.name);
    items.set(run.name, item);
  }
  item.badge.replaceChildren(stateBadge(run.state));
  item.what.textContent = `${run.data}, ${run.recipe}${run.seed === null ? "" : `, seed ${run.seed}`}`;
  const of = run.target_images ? ` of ${short(run.target_images)}` : "";
  item.progress.max = Math.max(1, run.target_images ?? run.images);
  item.progress.value = run.images;
  const time = run.seconds === null ? "" : `, ${duration(run.seconds)}`;
  item.images.textContent = `${short(run.images)}${of} images${time}`;
  item.images.title = `${count(run.images)} real images drawn`;
  item.quality.textContent = run.reason && !run.quality ? run.reason : qualityWords(run);
  if (run.picture && item.version !== run.picture) {
    item.version = run.picture;
    item.picture.src = pictureOf(run.name, "samples.png", run.picture);
    item.picture.hidden = false;
  }
}

function qualityWords({ quality, state }) {
  if (!quality) return state === "running" ? "not measured yet" : "not measured";
  const times = quality.real_fd ? `${figure(quality.fd / quality.real_fd)}× real's distance` : `distance ${figure(quality.fd)}`;
  const right = Number.isFinite(quality.label_accuracy) ? `, ${percent(quality.label_accuracy)} right class` : "";
  return `${times}${right}${quality.is_final ? "" : " (best so far)"}`;
}

function makeItem(name) {
  const picture = make("img", { alt: "", loading: "lazy", decoding: "async", class: "pixels", hidden: true });
  const badge = make("span");
  const what = make("p", { class: "small" });
  const images = make("p", { class: "small number" });
  const quality = make("p", { class: "small faint" });
  const progress = make("progress", { "aria-label": `Progress of ${name}` });
  const box = make("input", { type: "checkbox", "aria-label": `Choose ${name} to compare` });
  box.addEventListener("change", () => choose(name, box));
  const link = make("a", { href: runPath(name), class: "run-link", text: name });
  const element = make(
    "li",
    { class: "run panel" },
    make("div", { class: "thumb" }, picture),
    make("div", { class: "about" }, make("h2", {}, link), make("p", { class: "states" }, badge), what, progress, images, quality),
    make("label", { class: "choose small" }, box, " compare"),
  );
  return { element, picture, badge, what, images, quality, progress, box, version: null };
}

function choose(name, box) {
  if (!box.checked) chosen.delete(name);
  else {
    if (chosen.size === 2) {
      const [first] = chosen; // the one chosen first makes room
      chosen.delete(first);
      items.get(first).box.checked = false;
    }
    chosen.add(name);
  }
  updateCompare();
}

function updateCompare() {
  const button = byId("compare");
  button.disabled = chosen.size !== 2;
  button.textContent = chosen.size === 1 ? "Compare: one more" : "Compare two";
}

const orders = {
  changed: (a, b) => running(b) - running(a) || b.changed - a.changed,
  name: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }),
  quality: (a, b) => ratio(a) - ratio(b) || b.changed - a.changed,
};

function running(run) {
  return Number(run.state === "running");
}

function ratio(run) {
  return run.quality ? run.quality.fd / (run.quality.real_fd || 1) : Infinity;
}

/** Put the elements that are wanted into order; one that is in place is not touched. */
function arrange() {
  const wanted = byId("find").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const order = byId("order").value;
  const shown = [...runs.values()]
    .filter((run) => wanted.every((word) => `${run.name} ${run.data} ${run.recipe} ${run.state}`.toLowerCase().includes(word)))
    .sort(orders[order] ?? orders.changed);
  const names = new Set(shown.map((run) => run.name));
  for (const [name, item] of items) if (!names.has(name)) item.element.remove();
  let place = list.firstElementChild;
  for (const run of shown) {
    const { element } = items.get(run.name);
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
  byId("empty").hidden = total !== 0;
  byId("filters").hidden = total === 0;
  byId("no-match").hidden = shown.length > 0 || runs.size === 0 || runs.size < total;
  byId("shown").textContent = total === null ? "Looking for runs…" : shownWords(shown.length);
}

function shownWords(number) {
  if (total === 0) return "";
  if (runs.size < total) return `${number} of ${total} runs, reading the others…`;
  return number === runs.size ? `${number} ${number === 1 ? "run" : "runs"}` : `${number} of ${runs.size} runs`;
}
