// Input elements with their labels, and reading what was entered.

import { el } from "./dom.js";
import { textObject } from "./mrkdwn.js";

let people = [];
let channels = [];
export function setChoices(allPeople, allChannels) {
  people = allPeople.filter((person) => !person.is_bot);
  channels = allChannels.filter((channel) => channel.kind !== "im");
}

let count = 0;
const TEXT_TYPES = {
  email_text_input: "email", url_text_input: "url", number_input: "number",
  datepicker: "date", timepicker: "time",
};
const INITIAL = { datepicker: "initial_date", timepicker: "initial_time" };

// One input block; `act` is called on change where the app wants to hear of it at once.
export function field(block, act) {
  const { element } = block;
  const id = `field-${(count += 1)}`;
  const hints = [];
  const hint = block.hint ? el("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null;
  if (hint) hints.push(hint.id);
  const error = el("p", { class: "error", id: `${id}-error` });
  hints.push(error.id);
  const label = block.bare ? block.label.text : [textObject(block.label),
    block.optional ? el("span", { class: "quiet" }, " (optional)") : null];
  const isGroup = element.type === "radio_buttons" || element.type === "checkboxes";
  const control = isGroup
    ? choices(element, id, act)
    : single(element, id, block, hints.join(" "), act);
  const content = isGroup
    ? [el("legend", { class: block.bare ? "visually-hidden" : "" }, label), control]
    : [el("label", { for: id, class: block.bare ? "visually-hidden" : "" }, label), control];
  return el(isGroup ? "fieldset" : "div", {
    class: block.bare ? "field bare" : "field",
    "data-block": block.block_id,
    "aria-describedby": isGroup ? hints.join(" ") : null,
  }, content, hint, error);
}

// While somebody types the year of a day, browsers tell of the years 2, 20 and 202 on the way.
function isHalfTyped(element, value) {
  return element.type === "datepicker" && value < "1000";
}

function single(element, id, block, describedBy, act) {
  const common = {
    id,
    "data-action": element.action_id,
    "aria-describedby": describedBy,
    "aria-required": block.optional ? null : "true",
    onchange: (event) => {
      if (!isHalfTyped(element, event.target.value)) act?.(element, event.target.value);
    },
  };
  const placeholder = element.placeholder?.text;
  if (element.type === "plain_text_input" && element.multiline) {
    const area = el("textarea", { ...common, rows: 5, placeholder, maxlength: element.max_length });
    area.value = element.initial_value ?? "";
    return area;
  }
  if (element.type.endsWith("select")) return select(element, common, placeholder);
  return el("input", {
    ...common,
    type: TEXT_TYPES[element.type] ?? "text",
    placeholder,
    maxlength: element.max_length,
    value: element[INITIAL[element.type] ?? "initial_value"],
  });
}

function select(element, common, placeholder) {
  const isMany = element.type.startsWith("multi_");
  const chosen = new Set([element.initial_option, ...(element.initial_options ?? [])]
    .filter(Boolean).map((option) => option.value));
  const node = el("select", { ...common, multiple: isMany });
  if (!isMany) node.append(el("option", { value: "" }, placeholder ?? "Choose"));
  for (const group of groupsOf(element)) {
    const options = group.options.map((option) =>
      el("option", { value: option.value, selected: chosen.has(option.value) },
        option.text.text));
    node.append(...(group.label ? [el("optgroup", { label: group.label.text }, options)] : options));
  }
  return node;
}

function groupsOf(element) {
  const asOption = (entry) => ({ value: entry.id, text: { text: entry.name } });
  if (element.type.includes("users")) return [{ options: people.map(asOption) }];
  if (/channels|conversations/.test(element.type)) return [{ options: channels.map(asOption) }];
  return element.option_groups ?? [{ options: element.options ?? [] }];
}

function choices(element, id, act) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const initial = new Set([element.initial_option, ...(element.initial_options ?? [])]
    .filter(Boolean).map((option) => option.value));
  return el("div", { class: "choices", "data-action": element.action_id, "data-group": type },
    element.options.map((option, index) => el("label", { class: "choice" },
      el("input", {
        type,
        name: id,
        id: index ? null : id,
        value: option.value,
        checked: initial.has(option.value),
        onchange: () => act?.(element, option.value),
      }),
      el("span", {}, textObject(option.text),
        option.description ? el("small", {}, textObject(option.description)) : null))));
}

// What stands in the fields below `root`, by action id.
export function readFields(root) {
  const values = {};
  for (const node of root.querySelectorAll("[data-action]")) {
    if (node.dataset.group) {
      const chosen = [...node.querySelectorAll("input:checked")].map((input) => input.value);
      values[node.dataset.action] = node.dataset.group === "radio" ? chosen[0] ?? "" : chosen;
    } else if (node.multiple) {
      values[node.dataset.action] = [...node.selectedOptions].map((option) => option.value);
    } else {
      values[node.dataset.action] = node.value;
    }
  }
  return values;
}

// Puts error texts beside their fields and the cursor into the first of them.
export function showErrors(root, errors) {
  let first = null;
  for (const box of root.querySelectorAll("[data-block]")) {
    const text = errors[box.dataset.block] ?? "";
    box.querySelector(".error").textContent = text;
    const input = box.querySelector("input, textarea, select");
    if (text) {
      input.setAttribute("aria-invalid", "true");
      first ??= input;
    } else {
      input.removeAttribute("aria-invalid");
    }
  }
  first?.focus();
}
