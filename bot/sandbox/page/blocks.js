// Block Kit as DOM nodes. `act(element, choice)` is called when something is clicked or chosen.

import { confirmed, el } from "./dom.js";
import { emoji, link, markdown, mrkdwn, textObject } from "./mrkdwn.js";
import { field } from "./fields.js";

export function renderBlocks(blocks, act) {
  return blocks.map((block) => {
    const render = BLOCKS[block.type];
    return render ? render(block, act) : el("p", { class: "quiet" }, `(${block.type})`);
  });
}

const BLOCKS = {
  section: (block, act) => el("div", { class: "section" },
    el("div", { class: "section-text" },
      block.text ? el("div", { class: "text" }, textObject(block.text)) : null,
      block.fields
        ? el("div", { class: "fields" },
          block.fields.map((text) => el("div", { class: "text" }, textObject(text))))
        : null),
    block.accessory ? el("div", { class: "accessory" }, renderElement(block.accessory, act)) : null),
  actions: (block, act) => el("div", { class: "actions" },
    block.elements.map((element) => renderElement(element, act))),
  context_actions: (block, act) => el("div", { class: "actions" },
    block.elements.map((element) => renderElement(element, act))),
  context: (block) => el("div", { class: "context" },
    block.elements.map((element) => el("span", {},
      element.type === "image" ? image(element) : textObject(element)))),
  header: (block) => el("h3", { class: "block-header" }, textObject(block.text)),
  divider: () => el("hr"),
  image: (block) => image(block),
  markdown: (block) => el("div", { class: "text" }, markdown(block.text)),
  rich_text: (block) => el("div", { class: "text" }, block.elements.map(richText)),
  input: (block, act) => field(block, block.dispatch_action ? act : null),
};

// Pictures would have to come from outside, which this page never does: their words stand in.
function image(block) {
  return el("span", { class: "image", role: "img", "aria-label": block.alt_text }, block.alt_text);
}

function richText(part) {
  const children = () => part.elements.map(richText);
  switch (part.type) {
    case "rich_text_section": return el("p", {}, children());
    case "rich_text_quote": return el("blockquote", {}, children());
    case "rich_text_preformatted": return el("pre", {}, children());
    case "rich_text_list":
      return el(part.style === "ordered" ? "ol" : "ul", {},
        part.elements.map((item) => el("li", {}, item.elements.map(richText))));
    case "link": return link(part.url, part.text ?? part.url);
    case "emoji": return emoji(part.name);
    case "user": return el("span", { class: "mention" }, mrkdwn(`<@${part.user_id}>`));
    case "text": return styled(part);
    default: return "";
  }
}

function styled(part) {
  if (!part.style) return part.text;
  if (part.style.code) return el("code", {}, part.text);
  const node = part.style.bold ? el("strong", {}, part.text) : document.createTextNode(part.text);
  const slanted = part.style.italic ? el("em", {}, node) : node;
  return part.style.strike ? el("s", {}, slanted) : slanted;
}

function renderElement(element, act) {
  if (element.type === "button") return button(element, act);
  if (element.type === "image") return image(element);
  if (element.type === "feedback_buttons") {
    return [element.positive_button, element.negative_button].map((choice) =>
      button({ ...choice, type: "button", confirm: null }, () => act(element, choice.value)));
  }
  if (element.type === "overflow") {
    const options = element.options.map((option) => button({ ...option, confirm: element.confirm },
      () => act(element, option.value)));
    const menu = el("details", {
      class: "overflow",
      onclick: ({ target }) => { if (target.closest(".menu button")) menu.open = false; },
      onfocusout: ({ relatedTarget }) => { if (!menu.contains(relatedTarget)) menu.open = false; },
    }, el("summary", { "aria-label": "More" }, "⋯"), el("div", { class: "menu" }, options));
    return menu;
  }
  const label = element.placeholder?.text ?? "Choose";
  const block = { label: { text: label }, element, optional: true, block_id: "", bare: true };
  return field(block, act);
}

function button(element, act) {
  const node = el("button", {
    type: "button",
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    onclick: async () => {
      if (!(await confirmed(element.confirm))) return;
      if (element.url) window.open(element.url, "_blank", "noopener");
      node.disabled = true;
      try {
        await act(element, element.value);
      } finally {
        node.disabled = false;
      }
    },
  }, textObject(element.text));
  return node;
}
