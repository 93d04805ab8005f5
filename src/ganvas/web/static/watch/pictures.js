/* Samples through time: one picture, a slider over the places where pictures were made. */

import { announce, count, make, wantsLessMotion } from "../common.js";
import { nearest } from "./charts.js";
import { NO_FILE, noPicture, pictureOf } from "./shared.js";

const NEAR = 3; // pictures on either side that are fetched ahead
const FRAME_MS = 140;

/**
 * The pictures of a run. `onPlace(images)` hears where the slider stands. While it stands at the
 * newest picture it follows the run.
 */
export class Pictures {
  constructor(place, { name, onPlace = () => {} }) {
    this.name = name;
    this.onPlace = onPlace;
    this.samples = []; // [[images, version], ...]
    this.at = -1;
    this.playing = null;
    this.image = make("img", { class: "pixels grid-picture", alt: "", hidden: true, decoding: "async" });
    this.nothing = make("p", { class: "nothing faint", text: noPicture("running") });
    this.where = make("output", { class: "number", "aria-live": "off" }); // the slider says it
    this.slider = make("input", { type: "range", min: 0, max: 0, value: 0, step: 1, disabled: true, "aria-label": "Time: images seen" });
    this.play = make("button", { type: "button", text: "Play", disabled: true });
    this.real = make("button", { type: "button", "aria-pressed": "false", text: "Real images", disabled: true });
    this.slider.addEventListener("input", () => {
      this.stop();
      this.#go(Number(this.slider.value));
    });
    this.play.addEventListener("click", () => (this.playing ? this.stop() : this.#start()));
    this.real.addEventListener("click", () => this.#showReal(!this.#showsReal));
    this.element = make(
      "div",
      { class: "pictures" },
      make("div", { class: "picture-frame" }, this.image, this.nothing),
      make("div", { class: "timeline" }, this.slider, make("div", { class: "timeline-row" }, this.where, this.real, this.play)),
    );
    place.append(this.element);
  }

  /** Take the list of pictures as it is now, the real images, and how the run stands. */
  set(samples, reals, state) {
    const followed = this.at === this.samples.length - 1;
    const images = this.images;
    this.samples = samples;
    this.reals = reals;
    this.real.disabled = !reals;
    this.slider.disabled = this.play.disabled = samples.length < 2;
    this.slider.max = Math.max(0, samples.length - 1);
    this.state = state;
    if (!samples.length) {
      this.at = -1;
      if (!this.#showsReal) this.#showWord(noPicture(state));
      this.where.textContent = "";
    } else if (followed || images === null) this.#go(samples.length - 1);
    else this.#go(nearest(samples.map(([place]) => place), images));
  }

  /** At how many images the shown picture was made; null before the first. */
  get images() {
    return this.samples[this.at]?.[0] ?? null;
  }

  /** Go to the picture nearest to a number of images. */
  seek(images) {
    if (!this.samples.length) return;
    this.stop();
    this.#go(nearest(this.samples.map(([place]) => place), images));
  }

  get #showsReal() {
    return this.real.getAttribute("aria-pressed") === "true";
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.play.textContent = "Play";
  }

  #start() {
    if (this.at >= this.samples.length - 1) this.#go(0);
    this.play.textContent = "Stop";
    const step = Math.max(1, Math.round(this.samples.length / 120));
    this.playing = setInterval(
      () => {
        this.#go(Math.min(this.samples.length - 1, this.at + step));
        if (this.at === this.samples.length - 1) this.stop();
      },
      wantsLessMotion() ? 1000 : FRAME_MS,
    );
  }

  #go(number) {
    this.at = number;
    const [images] = this.samples[number];
    this.slider.value = number;
    this.slider.setAttribute("aria-valuetext", `${count(images)} images, picture ${number + 1} of ${this.samples.length}`);
    this.where.textContent = `${count(images)} images`;
    if (!this.#showsReal) this.#show(this.#address(number), `Samples after ${count(images)} images`);
    for (let other = Math.max(0, number - NEAR); other <= number + NEAR && other < this.samples.length; other += 1) {
      if (other !== number) new Image().src = this.#address(other);
    }
    this.onPlace(images);
  }

  #showReal(wanted) {
    this.real.setAttribute("aria-pressed", String(wanted));
    if (wanted) {
      this.stop();
      this.#show(pictureOf(this.name, "reals.png", this.reals), "Real images, laid out like the samples");
      announce("Real images are shown");
    } else if (this.samples.length) this.#go(this.at);
    else this.#showWord(noPicture(this.state));
  }

  /** Take a picture in place of the one before once it is decoded, so that nothing flickers. */
  async #show(address, words) {
    this.wanted = address;
    const next = new Image();
    next.src = address;
    try {
      await next.decode();
    } catch {
      if (this.wanted === address) this.#showWord(NO_FILE);
      return;
    }
    if (this.wanted !== address) return;
    this.nothing.hidden = true;
    this.image.src = address;
    this.image.alt = words;
    this.image.hidden = false;
  }

  #showWord(word) {
    this.wanted = null;
    this.image.hidden = true;
    this.nothing.hidden = false;
    this.nothing.textContent = word;
  }

  #address(number) {
    const [images, version] = this.samples[number];
    return pictureOf(this.name, `samples/${images}.png`, version);
  }
}
