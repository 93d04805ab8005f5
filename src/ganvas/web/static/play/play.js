/* `ganvas play`: a point in latent space, the picture there, and all that is known about it. */

import {
  announce, byId, copyOnClick, count, figure, getJson, make, percent, postFor, postJson,
} from "/static/common.js";
import { makeClasses, makeDirections } from "./controls.js";
import { atRest, newest } from "./newest.js";
import { makePad, startWalk } from "./pad.js";
import { drawMap, drawPicture } from "./pixels.js";

const MAP_SIDE = 5;
const NEIGHBOURS = 6;
const REST_MS = 250;
const LOOK_AGAIN_MS = 2_000;
const MOST_SHUFFLED = 10_000;
const UNTRAINED = "random-network"; // the name of the judge where none was trained for the data
const UNTRAINED_WORDS = "a network with random weights, for want of a judge of such images";

let facts;
let point; // as the server takes it, but for its directions: an amount for each slider
let amounts;
let walk = null;
let lookAgain;

const askPicture = newest(async (asked) => {
  const answer = await postJson("/api/picture", asked);
  drawPicture(byId("picture"), answer.pixels, facts.shape);
  showCommand(answer.command);
  showVerdict(answer.verdict);
  showTrouble(null);
}, showTrouble);

const askMap = newest(async (asked) => {
  const { images } = await postJson("/api/map", asked);
  drawMap(byId("map"), images, facts.shape, MAP_SIDE);
}, showTrouble);

const askNearest = newest(async (asked) => {
  showNearest(await postJson("/api/nearest", asked));
}, showTrouble);

const settle = atRest(() => {
  byId("picture").setAttribute("aria-label", spoken());
  askNearest(asked());
}, REST_MS);

/** Asks for the directions' sizes, until they are told. */
let askDirections = () => {};

const pad = makePad(byId("pad"), byId("cursor"), (place) => {
  stopWalk();
  go(place);
});

begin();

async function begin() {
  try {
    facts = await getJson("/api/model");
  } catch (error) {
    showTrouble(error);
    return;
  }
  showTrouble(null);
  point = facts.point;
  amounts = new Array(facts.directions).fill(0);
  const name = facts.model.split(/[\\/]/).pop();
  document.title = `Play: ${name} - ganvas`;
  byId("name").textContent = `Play with ${name}`;
  byId("name").title = facts.model;
  byId("what").textContent = about();
  const [height, width] = facts.shape;
  Object.assign(byId("picture"), { width, height });
  Object.assign(byId("map"), { width: width * MAP_SIDE, height: height * MAP_SIDE });
  byId("nearest").replaceChildren(...Array.from({ length: NEIGHBOURS }, neighbour));
  byId("clusters-hint").hidden = !facts.clustered;
  makeClasses(byId("classes"), facts.classes, point.label, (label) => {
    point.label = label;
    changed();
  });
  const sliders = makeDirections(byId("directions"), amounts, changed);
  byId("zero").addEventListener("click", () => {
    sliders.zero();
    changed();
  });
  point.corners.forEach((seed, i) => {
    const input = byId(`seed-${i}`);
    input.value = seed;
    input.max = Number.MAX_SAFE_INTEGER;
    input.addEventListener("change", () => toSeed(i, input));
  });
  askDirections = () => getJson("/api/directions").then(({ shares }) => {
    sliders.tell(shares);
    askDirections = () => {};
  }, showTrouble);
  askDirections();
  pad.show(point.at);
  changed();
}

/** What is asked of the server: the point as it is now. */
function asked() {
  const directions = amounts.map((amount, i) => [i + 1, amount]).filter(([, amount]) => amount);
  return { ...point, directions };
}

/** Something else than the place changed: the whole map with it. */
function changed() {
  byId("zero").disabled = amounts.every((amount) => amount === 0);
  askMap(asked());
  go(point.at);
}

function go(place) {
  point.at = place;
  byId("place").textContent = place.map((value) => value.toFixed(2)).join(", ");
  byId("nearest").setAttribute("aria-busy", "true");
  askPicture(asked());
  settle();
}

function toSeed(corner, input) {
  const seed = Number(input.value);
  if (input.value === "" || !Number.isSafeInteger(seed) || seed < 0) {
    input.value = point.corners[corner];
    announce("A seed is a whole number of 0 or more.");
    return;
  }
  stopWalk();
  point.corners[corner] = seed;
  point.at = pad.corner(corner);
  changed();
}

byId("shuffle").addEventListener("click", () => {
  point.corners = crypto.getRandomValues(new Uint32Array(4)).reduce(unlike, []);
  point.corners.forEach((seed, i) => (byId(`seed-${i}`).value = seed));
  announce(`Seeds ${point.corners.join(", ")}`);
  changed();
});

function unlike(seeds, random) {
  let seed = random % MOST_SHUFFLED;
  while (seeds.includes(seed)) seed = (seed + 1) % MOST_SHUFFLED;
  return [...seeds, seed];
}

byId("walk").addEventListener("click", () => {
  if (walk) {
    stopWalk();
    return;
  }
  byId("walk").setAttribute("aria-pressed", "true");
  walk = startWalk(point.at, (place) => go(pad.show(place)));
});

function stopWalk() {
  walk?.stop();
  walk = null;
  byId("walk").setAttribute("aria-pressed", "false");
}

byId("truncation").addEventListener("input", (event) => {
  point.truncation = Number(event.target.value);
  byId("truncation-value").textContent = point.truncation;
  changed();
});

copyOnClick(byId("copy"), () => byId("command").textContent);

byId("save").addEventListener("click", async () => {
  try {
    const answer = await postFor("/api/picture.png", asked());
    const url = URL.createObjectURL(await answer.blob());
    make("a", { href: url, download: "picture.png" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    announce("Saved as picture.png");
  } catch (error) {
    showTrouble(error);
  }
});

byId("again").addEventListener("click", () => {
  if (!facts) {
    begin();
    return;
  }
  askDirections();
  changed();
});

function showCommand(line) {
  const words = line.split(" ").flatMap((text) => [" ", make("span", { class: "word", text })]);
  byId("command").replaceChildren(...words.slice(1));
}

function showVerdict(verdict) {
  const word = byId("verdict");
  const more = byId("verdict-more");
  const meter = byId("meter");
  meter.parentElement.classList.toggle("none", verdict?.probability == null);
  if (!verdict) {
    word.textContent = "no verdict";
    more.textContent = facts.no_verdict;
    return;
  }
  const { logit, probability, real } = verdict;
  meter.style.width = `${100 * (probability ?? 0)}%`;
  meter.classList.toggle("real", real === true);
  const calls = real === null ? "" : real ? "real" : "fake";
  word.textContent = probability === null ? calls || `logit ${figure(logit)}` : `${percent(probability)} real`;
  const said = calls && probability !== null ? `It says ${calls}; logit ` : "Logit ";
  more.textContent = said + figure(logit) + (probability === null ? `: ${facts.no_probability}` : "");
}

function showNearest(answer) {
  clearTimeout(lookAgain);
  const list = byId("nearest");
  const word = byId("nearest-word");
  list.hidden = answer.state === "missing";
  if (answer.state === "missing") {
    word.textContent = `There are none to show: ${answer.why}.`;
    return;
  }
  if (answer.state === "preparing") {
    word.textContent = "Reading and judging the training images; it takes up to a minute, once.";
    lookAgain = setTimeout(() => askNearest(asked()), LOOK_AGAIN_MS);
    return;
  }
  const judge = answer.judge === UNTRAINED ? UNTRAINED_WORDS : `the judge "${answer.judge}"`;
  word.textContent = `Of ${count(answer.among)}, by the features of ${judge}; below each ${facts.classes.length ? "its class and" : "its"} distance.`;
  list.setAttribute("aria-busy", "false");
  [...list.children].forEach((item, i) => {
    const found = answer.images[i];
    item.hidden = !found;
    if (!found) return;
    const [canvas, name, distance] = item.children;
    drawPicture(canvas, found.pixels, facts.shape);
    name.textContent = found.class ?? "";
    name.hidden = found.class === null;
    distance.textContent = figure(found.distance);
  });
}

function neighbour() {
  const canvas = make("canvas", { class: "pixels", "aria-hidden": "true" });
  return make("li", {}, canvas, make("span"), make("span", { class: "distance number" }));
}

function showTrouble(error) {
  byId("trouble").hidden = !error;
  byId("trouble-word").textContent = error?.message ?? "";
}

function about() {
  const seen = facts.images ? `, ${count(facts.images)} images seen` : "";
  const [height, width, channels] = facts.shape;
  const made = [facts.recipe, facts.data && `on ${facts.data}`].filter(Boolean).join(" ");
  return `${made}${seen} · ${width}×${height}, ${{ 1: "grey", 3: "colour", 4: "colour with alpha" }[channels]}`;
}

function spoken() {
  const label = point.label === null ? "" : `, class ${facts.classes[point.label]}`;
  const [across, down] = point.at.map((value) => Math.round(100 * value));
  return `The picture${label}, ${across}% across and ${down}% down`;
}
