/* The figures that pages about runs draw, and which curves are in each. */

import { count } from "../common.js";
import { Chart } from "./charts.js";

/** What is drawn of a run: for each figure its words, lines, and what it should come to. */
const FIGURES = [
  {
    title: "Distance from real images",
    hint: (run) => `Fréchet distance${counted(run?.probe_samples, "samples")}; lower is better; log scale`,
    scale: "log",
    only: (run) => run.kind === "images",
    lines: [{ key: "fd", name: "samples", tone: "fake" }],
    ideals: (run) => [{ name: "real images", value: run.real_fd }],
  },
  {
    title: "Losses",
    hint: () => "Neither falls to zero when all is well",
    lines: [
      { key: "d_loss", name: "D", tone: "discriminator" },
      { key: "g_loss", name: "G", tone: "generator", dash: "6 3" },
    ],
    ideals: (run) => [{ name: "D's ideal: it can only guess", value: run.loss.logged_ideal }],
  },
  {
    title: "How often D says “real”",
    hint: (run) => `Running mean over looks at images it learns from, others, and fakes${counted(run?.validation_count, "each")}`,
    scale: "share",
    smooth: true,
    lines: [
      { key: "d_accuracy_train", name: "training", tone: "real" },
      { key: "d_accuracy_held_out", name: "held-out", tone: "held-out", dash: "6 3" },
      { key: "fooling_rate", name: "fakes", tone: "fake", dash: "2 3" },
    ],
    ideals: () => [{ name: "guessing", value: 0.5 }],
  },
  {
    title: "Right class",
    hint: (run) => `Share of samples${counted(run?.probe_samples, "")} that show the class asked for`,
    scale: "share",
    only: (run) => run.conditional && run.curves.label_accuracy.values.length > 0,
    lines: [{ key: "label_accuracy", name: "samples", tone: "generator" }],
    ideals: () => [],
  },
  {
    title: "Gradients",
    hint: () => "How strongly each network is told to change; log scale",
    scale: "log",
    only: (run) => run.curves.g_gradient_norm.values.length > 0,
    lines: [
      { key: "d_gradient_norm", name: "D", tone: "discriminator" },
      { key: "g_gradient_norm", name: "G", tone: "generator", dash: "6 3" },
    ],
    ideals: () => [],
  },
  {
    title: "Speed",
    hint: () => "Real images drawn a second",
    lines: [{ key: "images_per_second", name: "images/s", tone: "real" }],
    ideals: () => [],
  },
];

/** " (700 samples)" where their number is known. */
function counted(number, of) {
  return number ? ` (${count(number)}${of ? ` ${of}` : ""})` : "";
}

/** Figures of one run in `place`. */
export class Figures {
  constructor(place, onSeek) {
    this.place = place;
    this.onSeek = onSeek;
    this.charts = new Map();
  }

  /** Draw all of `run`, whose curves may have grown. Figures keep their places. */
  set(run) {
    for (const figure of FIGURES) {
      if (figure.only && !figure.only(run) && !this.charts.has(figure)) continue;
      let chart = this.charts.get(figure);
      if (!chart) {
        chart = new Chart(this.place, { ...figure, ...pairs(figure, run), onSeek: this.onSeek });
        this.charts.set(figure, chart);
      }
      chart.least = run.images;
      chart.setNothing(run.state === "running" ? "Nothing to draw yet" : "Nothing to draw: this was not measured");
      chart.setHint((pairs(figure, run).hint ?? figure.hint)(run));
      chart.ideals = figure.ideals(run).filter((ideal) => Number.isFinite(ideal.value));
      chart.set(run.curves);
    }
  }

  setCursor(images) {
    for (const chart of this.charts.values()) chart.setCursor(images);
  }
}

/** Where a loss has no boundary D is right about pairs: other words for the same curves. */
function pairs(figure, run) {
  if (run.accuracy_of !== "pairs" || figure.lines[0].key !== "d_accuracy_train") return {};
  return {
    title: "How often D is right about a pair",
    hint: (now) => `Of a real image and a fake, which is which; running mean${counted(now?.validation_count, "each")}`,
    lines: figure.lines.slice(0, 2),
  };
}

/** The figures in which runs are set side by side. */
export const COMPARED = FIGURES.filter((figure) => figure.lines[0].key !== "g_gradient_norm");
