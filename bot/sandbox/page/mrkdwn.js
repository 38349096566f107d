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

// Blocks: fences and quotes by line; the rest as paragraphs with line breaks. Slack has no lists
// here: bullets and hyphens are letters like others.
export function mrkdwn(text) {
  return blocks(text, [QUOTE]);
}

// What a `markdown` block may hold, brought into the same form; it does have lists.
export function markdown(text) {
  const told = text
    .replace(/\[([^\]\n]+)\]\(([^)\s]+)\)/g, "<$2|$1>")
    .replace(/^#+ (.*)$/gm, "*$1*")
    .replace(/\*\*(.+?)\*\*/g, "*$1*");
  return blocks(told, [QUOTE, ["bullet", /^\s*[•*-] +/], ["number", /^\s*\d+[.)] +/]]);
}

const QUOTE = ["quote", /^(?:&gt;|>) ?/];

function blocks(text, kinds) {
  const out = document.createDocumentFragment();
  for (const [index, piece] of text.split("```").entries()) {
    if (index % 2) out.append(el("pre", {}, decode(piece.replace(/^\n|\n$/g, ""))));
    else out.append(...lines(piece, kinds));
  }
  return out;
}

function kindOf(line, kinds) {
  const found = kinds.find(([, pattern]) => pattern.test(line));
  return found ? [found[0], line.replace(found[1], "")] : ["plain", line];
}

function lines(text, kinds) {
  const groups = [];
  for (const line of text.split("\n")) {
    const [kind, rest] = kindOf(line, kinds);
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
  "(?<url>https?://[^\\s<>]*[^\\s<>.,;:!?)\"'”’])",
  "(?<mail>[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+)",
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
  if (groups.url !== undefined) return link(decode(whole), decode(whole));
  if (groups.mail !== undefined) return link(`mailto:${whole}`, whole);
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

const DAY_MS = 86_400_000;
const DATE_FORMS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { dateStyle: "long" }, date_short: { dateStyle: "medium" }, date_long: { dateStyle: "full" },
  time: { timeStyle: "short" }, time_secs: { timeStyle: "medium" },
};

function date(target, fallback) {
  const [, seconds, form = "", href] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (!Number(seconds)) return fallback ?? "";
  const text = form.replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) =>
    (pretty && nearDay(when)) || (DATE_FORMS[name] ? when.toLocaleString([], DATE_FORMS[name]) : whole));
  return href ? link(decode(href), text) : text;
}

function nearDay(when) {
  const days = { yesterday: -1, today: 0, tomorrow: 1 };
  return Object.keys(days).find((word) =>
    new Date(Date.now() + days[word] * DAY_MS).toDateString() === when.toDateString());
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
