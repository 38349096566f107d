// Slack's mrkdwn as DOM nodes: never through innerHTML.

import { el } from "./dom.js";

let names = new Map();
export function setNames(people, channels) {
  names = new Map([...people.map((p) => [p.id, `@${p.name}`]),
    ...channels.map((c) => [c.id, `#${c.name}`])]);
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const decode = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
const EMOJI = {
  wave: "👋", white_check_mark: "✅", warning: "⚠️", eyes: "👀", tada: "🎉", bulb: "💡",
  mag: "🔍", hourglass: "⏳", hourglass_flowing_sand: "⏳", "+1": "👍", thumbsup: "👍",
  "-1": "👎", thumbsdown: "👎", raising_hand: "🙋", speech_balloon: "💬", lock: "🔒",
  calendar: "📅", question: "❓", information_source: "ℹ️", x: "❌", inbox_tray: "📥",
  memo: "📝", link: "🔗", heart: "❤️", rotating_light: "🚨", telephone_receiver: "📞",
};

export function emoji(name) {
  return EMOJI[name] ?? `:${name}:`;
}

// Blocks: fences, quotes and lists by line; the rest as paragraphs with line breaks.
export function mrkdwn(text) {
  const out = document.createDocumentFragment();
  for (const [index, piece] of text.split("```").entries()) {
    if (index % 2) out.append(el("pre", {}, decode(piece.replace(/^\n|\n$/g, ""))));
    else out.append(...lines(piece));
  }
  return out;
}

const KINDS = [["quote", /^(?:&gt;|>) ?/], ["bullet", /^\s*[•*-] +/], ["number", /^\s*\d+[.)] +/]];

function kindOf(line) {
  const found = KINDS.find(([, pattern]) => pattern.test(line));
  return found ? [found[0], line.replace(found[1], "")] : ["plain", line];
}

function lines(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const [kind, rest] = kindOf(line);
    const last = groups.at(-1);
    if (last?.kind === kind) last.lines.push(rest);
    else groups.push({ kind, lines: [rest], first: line });
  }
  return groups.filter((g) => g.lines.some((line) => line.trim())).map(groupNode);
}

function groupNode({ kind, lines: rows, first }) {
  if (kind === "bullet") return el("ul", {}, rows.map((row) => el("li", {}, inline(row))));
  if (kind === "number") {
    const start = parseInt(first, 10);
    return el("ol", { start }, rows.map((row) => el("li", {}, inline(row))));
  }
  const children = trimmed(rows).flatMap((row, i) => (i ? [el("br"), ...inline(row)] : inline(row)));
  return el(kind === "quote" ? "blockquote" : "p", {}, children);
}

function trimmed(rows) {
  const isFull = (row) => row.trim() !== "";
  return rows.slice(rows.findIndex(isFull), rows.findLastIndex(isFull) + 1);
}

const INLINE = new RegExp([
  "<(?<token>[^<>\\n]+)>",
  "`(?<code>[^`\\n]+)`",
  "(?<![\\w*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
  "(?<![\\w_])_(?<italic>[^\\s_](?:[^\\n]*?[^\\s_])?)_(?![\\w_])",
  "(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
  ":(?<emoji>[a-z0-9_+-]+):",
].join("|"), "g");

export function inline(text) {
  const out = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(decode(text.slice(end, match.index)));
    out.push(inlineNode(match.groups, match[0]));
    end = match.index + match[0].length;
  }
  out.push(decode(text.slice(end)));
  return out.filter((part) => part !== "");
}

function inlineNode(groups, whole) {
  if (groups.token !== undefined) return tokenNode(groups.token);
  if (groups.code !== undefined) return el("code", {}, decode(groups.code));
  if (groups.bold !== undefined) return el("strong", {}, inline(groups.bold));
  if (groups.italic !== undefined) return el("em", {}, inline(groups.italic));
  if (groups.strike !== undefined) return el("s", {}, inline(groups.strike));
  return EMOJI[groups.emoji] ?? whole;
}

function tokenNode(token) {
  const [target, label] = token.split("|", 2);
  if (/^[@#]/.test(target)) {
    const shown = names.get(target.slice(1)) ?? label ?? target;
    return el("span", { class: "mention" }, shown);
  }
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return el("span", { class: "mention" }, `@${label ?? target.slice(1)}`);
  return link(decode(target), decode(label ?? target.replace(/^(mailto|tel):/, "")));
}

function date(target, fallback) {
  const seconds = Number(target.split("^")[1]);
  if (!seconds) return fallback ?? "";
  return new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function link(target, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(target)) return label;
  return el("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label);
}

// Any text object of Block Kit.
export function textObject(text) {
  if (!text) return "";
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  return text.text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}
