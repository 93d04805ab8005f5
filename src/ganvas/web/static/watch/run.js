/* One run: its figures, pictures through time, what was noticed, and how it all works. */

import { byId, copyOnClick, count, duration, figure, follow, make, percent } from "../common.js";
import { append } from "./charts.js";
import { Diagram } from "./diagram.js";
import { Figures } from "./figures.js";
import { Pictures } from "./pictures.js";
import { connectionWord, newsPath, stateBadge } from "./shared.js";

const name = decodeURIComponent(location.pathname.split("/")[2]);
let run = null;

const figures = new Figures(byId("charts"), (images) => pictures.seek(images));
const pictures = new Pictures(byId("pictures"), { name, onPlace: (images) => figures.setCursor(images) });
const diagram = new Diagram(byId("diagram"), name);
const tiles = makeTiles();

document.title = `${name} - ganvas`;
byId("name").textContent = name;
byId("compare").href = `/compare?a=${encodeURIComponent(name)}`;
byId("progress").setAttribute("aria-label", `Progress of ${name}`);

follow(
  newsPath(name),
  {
    run(whole) {
      run = whole;
      show();
      showFindings();
      showCommands();
    },
    more({ added, ...changed }) {
      Object.assign(run, changed);
      append(run.curves, added);
      show();
      if (changed.findings) showFindings();
    },
    gone({ error }) {
      byId("gone").hidden = false;
      const word = run
        ? "The run's folder was moved or removed. What was read of it stays on this page; if it comes back, so does the page."
        : `${error[0].toUpperCase()}${error.slice(1)}. If it appears, it is shown here.`;
      byId("gone").replaceChildren(`${word} `, make("a", { href: "/", text: "All runs" }));
      byId("state").replaceChildren(stateBadge(run ? "gone" : "absent"));
      document.body.classList.toggle("never-seen", !run);
    },
  },
  connectionWord(byId("connection")),
);

function show() {
  byId("gone").hidden = true;
  document.body.classList.remove("never-seen");
  byId("state").replaceChildren(stateBadge(run.state));
  byId("what").textContent = `${run.recipe} on ${run.data}`;
  showEnding();
  const progress = byId("progress");
  progress.max = Math.max(1, run.target_images ?? run.images);
  progress.value = run.images;
  tiles.show(run);
  figures.set(run);
  pictures.set(run.samples, run.reals, run.state);
  byId("pictures-hint").textContent = run.conditional && run.kind === "images"
    ? "The same random numbers each time, a class in each row"
    : "The same random numbers each time, through training";
  diagram.isPoints = run.kind === "points";
  diagram.set(run.samples.at(-1), run.reals);
}

/** How a run ended that did not come to its end, and what of its files could not be read. */
function showEnding() {
  byId("ending").hidden = !run.ending;
  byId("ending-word").textContent = run.ending ?? "";
  byId("ending").className = `callout ${["diverged", "failed"].includes(run.state) ? "error" : "warning"}`;
  byId("problems").hidden = !run.problems.length;
  byId("problems").textContent = `Some of it could not be read and is missing here: ${run.problems.join("; ")}.`;
}

/** The few figures that are read at a glance. Their places are there from the start. */
function makeTiles() {
  const values = {};
  const place = byId("tiles");
  for (const [key, title] of [
    ["images", "Images seen"],
    ["time", "Time"],
    ["speed", "Speed"],
    ["quality", "Distance from real"],
    ["label", "Right class"],
    ["d", "D takes fakes for real"],
  ]) {
    const value = make("dd", { class: "number", text: "–" });
    const note = make("dd", { class: "small faint", text: " " });
    place.append(make("div", { class: "tile" }, make("dt", { class: "small faint", text: title }), value, note));
    values[key] = [value, note];
  }
  const put = (key, value, note = "") => {
    values[key][0].textContent = value;
    values[key][1].textContent = note || "\u00a0";
  };
  return {
    show(now) {
      put("images", count(now.images), now.target_images ? `of ${count(now.target_images)}` : "");
      const left = now.state === "running" && now.images_per_second && now.target_images;
      put("time", duration(now.seconds ?? NaN), left ? `${duration((now.target_images - now.images) / now.images_per_second)} left` : "");
      put("speed", now.images_per_second ? count(now.images_per_second) : "–", "images/s");
      const { quality } = now;
      if (quality?.real_fd) put("quality", `${figure(quality.fd / quality.real_fd)}×`, `${figure(quality.fd)}, real ${figure(quality.real_fd)}${quality.is_final ? "" : "; best so far"}`);
      else put("quality", figure(quality?.fd), quality ? "" : now.state === "running" ? "not measured yet" : "not measured");
      put("label", percent(quality?.label_accuracy ?? NaN), now.conditional ? "of samples" : "no classes asked for");
      const fooled = now.curves.fooling_rate.values.at(-1);
      put("d", percent(fooled ?? NaN), now.accuracy_of === "pairs" ? "of pairs wrong" : "50%: it can only guess");
    },
  };
}

/** Findings by name and beginning: one that is there already is only brought up to date. */
const shownFindings = new Map();

function showFindings() {
  const place = byId("findings");
  byId("no-findings").hidden = run.findings.length > 0;
  byId("no-findings").textContent = run.state === "running"
    ? "Nothing so far. Trouble, should there be any, is explained here in plain words."
    : "Nothing was noticed.";
  const keys = new Set();
  for (const finding of run.findings) {
    const key = `${finding.name} ${finding.since_images}`;
    keys.add(key);
    const stamp = JSON.stringify(finding);
    const known = shownFindings.get(key);
    if (known?.stamp === stamp) continue;
    const element = makeFinding(finding);
    known?.element.remove();
    if (finding.resolved_images === null) place.prepend(element);
    else place.append(element); // what is over comes last
    shownFindings.set(key, { element, stamp });
  }
  for (const [key, { element }] of shownFindings) {
    if (keys.has(key)) continue;
    element.remove();
    shownFindings.delete(key);
  }
}

const SIGNS = { note: "Note", warning: "Warning", error: "Error" };

function makeFinding(finding) {
  const over = finding.resolved_images !== null;
  const title = finding.title;
  const when = `since ${count(finding.since_images)} images${over ? `, over at ${count(finding.resolved_images)}` : ""}`;
  const element = make(
    "li",
    { class: `callout ${over ? "over" : finding.severity}` },
    make("h3", {}, make("span", { text: over ? "Over: " : `${SIGNS[finding.severity]}: ` }), title),
    make("p", { class: "small faint", text: when }),
    make("p", { text: finding.explanation }),
  );
  if (finding.remedies.length && !over) {
    const list = make("ul", {}, ...finding.remedies.map((text) => make("li", { text })));
    element.append(make("p", { class: "small", text: "What helps:" }), list);
  }
  return element;
}

const FURTHER = {
  finished: "Train on, to twice as many images:",
  stopped: "Go on where it stopped:",
  diverged: "Try again from its last good checkpoint, where it may diverge again:",
  failed: "Once what made it fail is mended, go on from its last checkpoint:",
};

function showCommands() {
  const place = byId("commands");
  place.replaceChildren();
  const { reproduce, slower, resume } = run.commands;
  if (slower) place.append(...command("Train it anew with lower learning rates:", slower));
  if (reproduce) place.append(...command("The same run again, to the same bytes on the same machine:", reproduce));
  else place.append(make("p", { class: "small faint", text: "This run was not begun by a command line, so there is none to repeat." }));
  if (resume) place.append(...command(FURTHER[run.state] ?? "Go on from its last checkpoint:", resume));
  else if (run.state === "running") place.append(make("p", { class: "small faint", text: "It is training now. Ctrl-C in its terminal saves and stops it." }));
  const facts = byId("facts");
  facts.replaceChildren(...run.facts.flatMap(([term, value]) => [make("dt", { text: term }), make("dd", { text: value })]));
}

/** The words of a command line, each in one piece where it fits: "--seed" is not cut after a dash. */
function unbroken(line) {
  return line.split(" ").flatMap((word, i) => [i ? " " : "", make("span", { text: word })]);
}

function command(words, line) {
  const button = make("button", { type: "button", text: "Copy", "aria-label": `Copy: ${words}` });
  copyOnClick(button, () => line);
  return [make("p", { class: "small", text: words }), make("div", { class: "command" }, make("pre", {}, ...unbroken(line)), button)];
}
