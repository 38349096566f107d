// Elements and text. Text only ever becomes text nodes: nothing here or elsewhere parses HTML.

// A function among the properties listens to the event of that name.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value || value === "") node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter(Boolean));
  return node;
}

export function button(look, text, click, properties) {
  return el("button", { type: "button", class: look, click, ...properties }, text);
}

export function icon(path) {
  const [svg, line] = ["svg", "path"].map((name) =>
    document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export function focusedIn(node) {
  return node.contains(node.getRootNode().activeElement);
}

const MARKS = [["ul", /^\s*[•*-]\s+/], ["ol", /^\s*\d+[.)]\s+/], ["blockquote", /^>\s?/]];

// Plain text as paragraphs, lists and quotes. A link stands where its words or its address occur in the
// text, or else below it, and leads to the web or to mail only.
export function richText(text, links = [], newTab = "") {
  const waiting = links.filter(({ url }) => /^(https?|mailto):/i.test(url));
  const blocks = [];
  for (const part of text.split(/\n\s*\n/)) {
    let last;
    for (const row of part.split("\n")) {
      const [tag, mark] = MARKS.find(([, pattern]) => pattern.test(row)) ?? ["p", ""];
      const isList = tag === "ul" || tag === "ol";
      const content = linked(row.replace(mark, ""), waiting, newTab);
      if (last?.localName !== tag) blocks.push(last = el(tag));
      else if (!isList) last.append(el("br"));
      last.append(...isList ? [el("li", {}, content)] : content);
      if (tag === "ol" && !last.start) last.start = parseInt(row, 10);
    }
  }
  return [...blocks, ...waiting.map((link) => el("p", {}, anchor(link.text, link.url, newTab)))];
}

// Takes the links that it places out of `waiting`.
function linked(row, waiting, newTab) {
  for (const link of waiting) {
    const words = [link.text, link.url].find((one) => one && row.includes(one));
    if (!words) continue;
    waiting.splice(waiting.indexOf(link), 1);
    const at = row.indexOf(words);
    return [...linked(row.slice(0, at), waiting, newTab), anchor(words, link.url, newTab),
      ...linked(row.slice(at + words.length), waiting, newTab)];
  }
  return [row].filter(Boolean);
}

function anchor(text, href, newTab) {
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text || href,
    newTab && el("span", { class: "unseen" }, ` ${newTab}`));
}
