/* How the two networks learn from each other, drawn with a run's own pictures and D's verdicts. */

import { make } from "../common.js";
import { gridOf, newsPath, pictureOf } from "./shared.js";

const SPACE = "http://www.w3.org/2000/svg";
const SHOWN = 3; // images of each kind

/* Where things are: [x, y, width, height] in the drawing's units, for wide and narrow places. */
const WIDE = {
  size: [960, 374],
  noise: [6, 76, 122, 92],
  generator: [176, 76, 184, 92],
  fakes: [408, 60, 210, 124],
  reals: [408, 236, 210, 124],
  discriminator: [676, 158, 184, 104],
  arrows: ["M128,122H174", "M360,122H406", "M618,122H640Q656,122 668,136L690,157", "M618,298H640Q656,298 668,284L690,264"],
  loopD: { path: "M830,263C830,340 740,340 738,266", word: [784, 346, "middle"], lines: ["D's loop: be right more often"] },
  loopG: { path: "M784,157C780,0 300,0 268,72", word: [526, 16, "middle"], lines: ["G's loop: change so that D says “real”"] },
};
const NARROW = {
  size: [360, 690],
  noise: [4, 10, 122, 84],
  generator: [164, 10, 184, 84],
  fakes: [90, 158, 210, 124],
  reals: [4, 330, 210, 124],
  discriminator: [64, 522, 184, 84],
  arrows: ["M126,52H162", "M222,94V156", "M256,282V480Q256,498 240,510L226,520", "M104,454V486Q104,500 112,508L122,520"],
  loopD: { path: "M200,607C200,676 120,676 116,610", word: [156, 682, "middle"], lines: ["D's loop: be right more often"] },
  loopG: { path: "M250,564C362,540 352,300 322,98", word: [4, 130, "start"], lines: ["G's loop: make D say “real”"] },
};

/** The explanation of a run, with its newest pictures; `set` brings them up to date. */
export class Diagram {
  constructor(place, name) {
    this.name = name;
    this.isPoints = false; // whether a picture shows points, not images side by side
    this.frame = make("div", { class: "diagram-frame" });
    this.verdict = make("p", { class: "verdict", "aria-live": "off" });
    place.append(this.frame, this.verdict);
    this.narrow = matchMedia("(max-width: 700px)");
    this.narrow.addEventListener("change", () => this.#draw());
    this.verdicts = {};
  }

  /** Show the pictures made at `sample` = [images, version], and `reals`, the version of those. */
  async set(sample, reals) {
    if (!sample || !reals || (sample[0] === this.sample?.[0] && sample[1] === this.sample?.[1])) {
      if (!this.sample) this.#draw();
      return;
    }
    this.sample = sample;
    const [images, version] = sample;
    this.fakesAt = pictureOf(this.name, `samples/${images}.png`, version);
    this.realsAt = pictureOf(this.name, "reals.png", reals);
    const [fakes, real, verdicts] = await Promise.all([
      load(this.fakesAt),
      load(this.realsAt),
      fetch(pictureOf(this.name, `samples/${images}.json`, version)).then((answer) => answer.json()).catch(() => ({})),
    ]);
    if (this.sample !== sample) return;
    this.fakes = fakes;
    this.real = real;
    this.verdicts = verdicts;
    this.#draw();
  }

  #draw() {
    const plan = this.narrow.matches ? NARROW : WIDE;
    const [width, height] = plan.size;
    const svg = draw("svg", { class: "diagram", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": this.#words() });
    svg.append(arrowHead("head", "arrow-head"), arrowHead("head-d", "loop-d-head"), arrowHead("head-g", "loop-g-head"));
    for (const path of plan.arrows) svg.append(draw("path", { class: "arrow", d: path, "marker-end": "url(#head)" }));
    svg.append(draw("path", { class: "loop-d", d: plan.loopD.path, "marker-end": "url(#head-d)" }));
    svg.append(draw("path", { class: "loop-g", d: plan.loopG.path, "marker-end": "url(#head-g)" }));
    svg.append(words(plan.loopD.word, plan.loopD.lines, "loop-d-word"), words(plan.loopG.word, plan.loopG.lines, "loop-g-word"));
    svg.append(box(plan.noise, "noise", ["random numbers"]), dice(plan.noise));
    svg.append(box(plan.generator, "generator", ["G, the generator", "makes a picture of them"]));
    svg.append(box(plan.discriminator, "discriminator", ["D, the discriminator", "says real or fake"]));
    this.#strip(svg, plan.fakes, "fakes: what G makes now", "fake", this.fakesAt, this.fakes);
    this.#strip(svg, plan.reals, "real images", "real", this.realsAt, this.real);
    this.frame.replaceChildren(svg);
    this.verdict.textContent = this.#summary();
  }

  /** A few images of one kind, each with what D says of it. */
  #strip(svg, [x, y, width, height], title, kind, address, size) {
    svg.append(draw("rect", { class: `strip ${kind}`, x, y, width, height, rx: 8 }));
    svg.append(words([x + width / 2, y + 18, "middle"], [title], `strip-word ${kind}`));
    if (!size) return;
    if (this.isPoints) {
      // One picture of all points: shown whole.
      const side = height - 32;
      svg.append(draw("image", { href: address, x: x + (width - side) / 2, y: y + 25, width: side, height: side, class: "pixels" }));
      return;
    }
    const grid = gridOf(size.width, size.height);
    const side = 56;
    const inset = grid.scale / 3;
    const inner = grid.across - 2 * inset;
    // By what D said of each image, where that is known: images need not be square.
    const said = this.verdicts[kind]?.length ?? 0;
    const rows = Math.max(1, said ? Math.ceil(said / grid.columns) : Math.round((size.height - grid.gap) / grid.pitch));
    const down = (size.height - grid.gap) / rows;
    const tall = down - grid.gap - 2 * inset;
    // The crop is of the image's own proportions, or it would show what is beside it.
    const factor = side / Math.max(inner, tall);
    for (let i = 0; i < SHOWN; i += 1) {
      const row = Math.min(rows - 1, Math.floor(((i + 0.5) * rows) / SHOWN));
      const column = (3 * i + 1) % grid.columns;
      const left = x + (width - SHOWN * side - (SHOWN - 1) * 8) / 2 + i * (side + 8);
      const crop = draw("svg", {
        x: left + (side - inner * factor) / 2,
        y: y + (this.verdicts[kind] ? 28 : 42) + (side - tall * factor) / 2,
        width: inner * factor, height: tall * factor,
        // A little less than the image, or the ground beside it shines through.
        viewBox: [grid.gap + column * grid.pitch + inset, grid.gap + row * down + inset, inner, tall].join(" "),
      });
      const picture = draw("image", { href: address, width: size.width, height: size.height, class: "pixels" });
      crop.append(picture);
      svg.append(crop);
      const verdict = this.#said(kind, row * grid.columns + column);
      if (verdict) svg.append(words([left + side / 2, y + 102, "middle"], [verdict.words, verdict.mark], verdict.right ? "right-word" : "wrong-word", 14));
    }
  }

  /** What D said of one image: { words, mark, right }; null where the run did not write it. */
  #said(kind, number) {
    const value = this.verdicts[kind]?.[number];
    if (!Number.isFinite(value)) return null;
    const isShare = this.verdicts.of === "probability";
    const boundary = isShare ? 0.5 : this.verdicts.boundary;
    const says = isShare ? `${Math.round(100 * value)}% real` : `${value > 0 ? "+" : ""}${value.toFixed(1)}`;
    if (!Number.isFinite(boundary)) return { words: says, mark: "", right: true };
    const right = value > boundary === (kind === "real");
    return { words: says, mark: right ? "✓ right" : "✗ fooled", right };
  }

  #summary() {
    const { fake, real, of, boundary } = this.verdicts;
    const limit = of === "probability" ? 0.5 : boundary;
    if (!fake?.length || !real?.length || !Number.isFinite(limit)) return "";
    const fooled = fake.filter((value) => value > limit).length;
    const known = real.filter((value) => value > limit).length;
    return (
      `Of the ${fake.length} pictures shown at this place, D took ${fooled} fakes for real; of ${real.length} real images ` +
      `it knew ${known}. At the start D is nearly always right. When G is good, D can only guess: about half.`
    );
  }

  #words() {
    return (
      "Random numbers go into G, the generator, which makes fake pictures of them. Fakes and real images go into D, " +
      "the discriminator, which says of each whether it is real. D learns to be right; G learns to make D say real."
    );
  }
}

function load(address) {
  const image = new Image();
  image.src = address;
  return image.decode().then(() => ({ width: image.naturalWidth, height: image.naturalHeight })).catch(() => null);
}

function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function words([x, y, anchor], lines, tone, leading = 17) {
  const text = draw("text", { x, y, "text-anchor": anchor, class: tone });
  lines.forEach((line, i) => {
    const part = draw("tspan", { x, dy: i ? leading : 0 });
    part.textContent = line;
    text.append(part);
  });
  return text;
}

function box([x, y, width, height], kind, lines) {
  const group = draw("g", { class: `box ${kind}` });
  group.append(draw("rect", { x, y, width, height, rx: 10 }));
  if (lines.length > 1) {
    const text = words([x + width / 2, y + height / 2 - 4, "middle"], lines.slice(0, 1), "box-name");
    group.append(text, words([x + width / 2, y + height / 2 + 16, "middle"], lines.slice(1), "box-does"));
  } else group.append(words([x + width / 2, y + height - 12, "middle"], lines, "box-does"));
  return group;
}

/** A few dots for the random numbers: always the same ones. */
function dice([x, y, width, height]) {
  const group = draw("g", { class: "dots" });
  for (let i = 0; i < 26; i += 1) {
    const across = (i * 0.7549 + 0.1) % 1; // a sequence that fills the square evenly
    const down = (i * 0.5698 + 0.3) % 1;
    group.append(draw("circle", { cx: x + 12 + across * (width - 24), cy: y + 12 + down * (height - 48), r: 1.2 + ((i * 0.618) % 1) * 1.8 }));
  }
  return group;
}

function arrowHead(id, tone) {
  const marker = draw("marker", { id, viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
  marker.append(draw("path", { d: "M0,0L10,5L0,10z", class: tone }));
  return draw("defs", {}, marker);
}
