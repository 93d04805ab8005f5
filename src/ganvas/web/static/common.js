/* What all pages share: asking the server, streams, small makers of elements, numbers in words. */

/** The answer to a GET as an object; throws an Error whose message the server chose. */
export async function getJson(path, { signal } = {}) {
  return readJson(await reach(path, { signal }));
}

/** The answer to a POST of `body` as an object; throws an Error whose message the server chose. */
export async function postJson(path, body, { signal } = {}) {
  const headers = { "content-type": "application/json" };
  return readJson(await reach(path, { method: "POST", headers, body: JSON.stringify(body), signal }));
}

/** The answer to a POST of `body` as a Response (a picture, say); throws as the others do. */
export async function postFor(path, body, { signal } = {}) {
  const headers = { "content-type": "application/json" };
  const answer = await reach(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  if (!answer.ok) await readJson(answer);
  return answer;
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Was its command ended? Start it again, and open the address that it prints.");
  }
}

async function readJson(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error(body.error ?? `The server answered with ${answer.status}.`);
  error.status = answer.status;
  throw error;
}

/**
 * Follow a stream of server-sent events: `handlers` by the name of the event, each given the
 * event's data as an object. `onState` hears "open" and "lost"; a lost stream is tried again by
 * the browser. Returns a function that ends it.
 */
export function follow(path, handlers, onState = () => {}) {
  const source = new EventSource(path);
  source.addEventListener("open", () => onState("open"));
  source.addEventListener("error", () => onState("lost"));
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data), source));
  }
  return () => source.close();
}

/** A new element: `make("p", { class: "note", text: "..." }, child, ...)`; text is never HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** The element with this id; throws where the page lacks it. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** Let a button copy what `text()` returns, and say so to eyes and ears for a moment. */
export function copyOnClick(button, text) {
  const said = button.textContent;
  let waiting;
  button.addEventListener("click", async () => {
    let word = "Copied";
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      word = "Select and copy it by hand"; // no clipboard outside of a secure context
    }
    button.textContent = word;
    announce(word);
    clearTimeout(waiting);
    waiting = setTimeout(() => (button.textContent = said), 1600);
  });
}

/** Say `sentence` to a screen reader, without anything to see. */
export function announce(sentence) {
  let place = document.getElementById("announcer");
  if (!place) {
    place = make("div", { id: "announcer", class: "unseen", role: "status", "aria-live": "polite" });
    document.body.append(place);
  }
  place.textContent = sentence;
}

/** Whether the user asked for less motion. */
export function wantsLessMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

const whole = new Intl.NumberFormat("en");

/** 1304256 -> "1,304,256". */
export function count(number) {
  return whole.format(Math.round(number));
}

/** 1304256 -> "1.3M", 52000 -> "52k": for axes and narrow places. */
export function short(number) {
  const size = Math.abs(number);
  if (size >= 1e6) return `${trim(number / 1e6)}M`;
  if (size >= 1e4) return `${trim(number / 1e3)}k`;
  return whole.format(number);
}

/** A number to three digits, as people read them: 0.146699 -> "0.147", 5.0424 -> "5.04". */
export function figure(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return number.toExponential(1);
  if (size >= 100) return whole.format(Math.round(number));
  return number.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** 0.9991 -> "99.9%". */
export function percent(share) {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)}%` : "–";
}

/** 3725 -> "1 h 2 min". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function trim(number) {
  return String(Number(number.toFixed(number >= 100 ? 0 : 1)));
}
