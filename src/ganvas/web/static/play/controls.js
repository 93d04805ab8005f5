/* The class and the directions. */

import { make, percent } from "/static/common.js";

const MOST_BUTTONS = 12; // classes shown side by side; more go into a list
const REACH = 4;

/** Fill `fieldset` with a choice of class; `onChoose(number)` hears it. Without classes: hidden. */
export function makeClasses(fieldset, names, chosen, onChoose) {
  fieldset.hidden = names.length === 0;
  if (names.length > MOST_BUTTONS) {
    const options = names.map((text, value) => make("option", { value, text }));
    const list = make("select", { "aria-label": "Class" }, ...options);
    list.value = chosen;
    list.addEventListener("change", () => onChoose(Number(list.value)));
    fieldset.append(list);
    return;
  }
  const choices = names.map((text, value) =>
    make(
      "label",
      {},
      make("input", {
        type: "radio", name: "class", value, checked: value === chosen,
        onchange: () => onChoose(value),
      }),
      make("span", { text }),
    ),
  );
  fieldset.append(make("div", { class: "choices" }, ...choices));
}

/**
 * Fill `place` with a slider for each of `amounts`, which they change; `onChange` hears it.
 * `zero()` sets all to 0. They wait for `tell(shares)`: the server has found the directions, and how
 * much of all change each of them makes up.
 */
export function makeDirections(place, amounts, onChange) {
  const sliders = amounts.map((_, i) => {
    const id = `direction-${i + 1}`;
    const share = make("span", { class: "small faint number", text: "looking for it…" });
    const value = make("output", { class: "number", for: id, text: "0" });
    const input = make("input", { id, type: "range", class: "centred", min: -REACH, max: REACH, step: 0.1, value: 0, disabled: true });
    const set = (amount) => {
      amounts[i] = amount;
      value.textContent = amount > 0 ? `+${amount}` : `${amount}`.replace("-", "−");
    };
    input.addEventListener("input", () => {
      set(Number(input.value));
      onChange();
    });
    input.addEventListener("dblclick", () => {
      input.value = 0;
      set(0);
      onChange();
    });
    place.append(
      make("div", { class: "slider" }, make("label", { for: id, text: `Direction ${i + 1}` }), share, value, input),
    );
    return { input, set, share };
  });
  return {
    zero() {
      for (const { input, set } of sliders) {
        input.value = 0;
        set(0);
      }
    },
    tell(shares) {
      sliders.forEach(({ input, share }, i) => {
        share.textContent = `${percent(shares[i])} of all change`;
        input.disabled = false;
      });
    },
  };
}
