// The messages: ordered by event, grouped by who speaks, with day separators and what can be done.

import { button, el, focusedIn, richText } from "./dom.js";

const DAY_MS = 86_400_000;
const GROUP_MS = 300_000;

export class Messages {
  // `on`: choose(choice), rate(event, helped), retry(), edit(item), leave(node): the focus is
  // lost with what had it and goes to `node`, if there is one.
  constructor(strings, lang, on) {
    Object.assign(this, { strings, on, entries: [] });
    const format = (options) => new Intl.DateTimeFormat(lang, options);
    this.clock = format({ hour: "numeric", minute: "2-digit" });
    this.calendar = format({ weekday: "long", day: "numeric", month: "long" });
    this.root = el("div", { role: "log", "aria-live": "off", "aria-label": strings.conversation });
  }

  get lastQuestion() {
    return this.entries.findLast(({ from, order }) => from === "me" && order < Infinity)?.text;
  }

  // Keeps what is not sent yet.
  reset() {
    this.entries = this.entries.filter(({ order, node }) => order === Infinity || node.remove());
    this.#arrange(0);
  }

  // Shows a message of the stream. Returns its node, or nothing if it is there already.
  add(message) {
    const { event, id, from, choices, feedback } = message;
    if (this.entries.some(({ order }) => order === event)) return null;
    const own = id && this.entries.find((entry) => entry.id === id);
    if (own) return this.#arrived(own, message);
    if (from === "me") this.#moveOn();
    const entry = this.#insert(event, message);
    if (!this.entries.some((other) => other.from === "me" && other.order > event)) {
      const group = (...children) => entry.node.append(
        el("div", { class: "extras", role: "group", "aria-label": message.text.slice(0, 80) }, children));
      if (choices) group(choices.map((one) => button("choice", one.text, () => this.on.choose(one))));
      if (feedback) group(this.#feedback(event));
    }
    return entry.node;
  }

  // Shows what the person just wrote until the stream brings it.
  pending(item) {
    let entry = this.entries.find(({ id }) => id === item.id);
    if (!entry) {
      this.#moveOn();
      entry = this.#insert(Infinity, { ...item, from: "me" });
      entry.state = el("p", { class: "state" });
      entry.node.append(entry.state);
    }
    const { state, reason, text, choice } = item;
    const isWaiting = state === "waiting";
    const isRefused = state === "refused";
    entry.node.classList.toggle("failed", isWaiting || isRefused);
    this.#keepFocus(entry.state, () => entry.state.replaceChildren(
      isWaiting ? `${reason || this.strings.notSent} ` : "",
      isRefused ? `${reason || this.strings.failed} ` : "",
      isWaiting ? button("link", this.strings.tryAgain, this.on.retry) : "",
      isRefused && !choice ? button("link", this.strings.edit, () => {
        entry.node.remove();
        this.entries.splice(this.entries.indexOf(entry), 1);
        this.on.edit(item, text);
      }) : ""));
    return entry.node;
  }

  // In place, so that it isn't read out twice; its text is what the gateway kept of it.
  #arrived(entry, { event, text }) {
    entry.order = event;
    this.#keepFocus(entry.state, () => entry.state.remove());
    entry.node.classList.remove("failed");
    if (entry.text !== text) entry.node.querySelector(".bubble").replaceChildren(...richText(text));
    return null;
  }

  #insert(order, { id, from, text, links, at }) {
    const time = new Date(at);
    const day = el("h3", {}, this.#dayName(time));
    const by = el("p", { class: "by" }, el("b", {}, this.strings[from === "me" ? "you" : from]), " ",
      el("time", { datetime: at }, this.clock.format(time)));
    const node = el("div", { class: `entry ${from}` }, day, by,
      el("div", { class: "bubble" }, richText(text, links, this.strings.newTab)));
    const entry = { order, id, from, text, time, day, by, node };
    let place = this.entries.length;
    while (place && this.entries[place - 1].order > order) place -= 1;
    this.root.insertBefore(node, this.entries[place]?.node ?? null);
    this.entries.splice(place, 0, entry);
    this.#arrange(place);
    return entry;
  }

  // Day and speaker stand only where they change.
  #arrange(from) {
    for (const place of [from, from + 1]) {
      const [before, entry] = [this.entries[place - 1], this.entries[place]];
      if (!entry) return;
      const isSameDay = before?.time.toDateString() === entry.time.toDateString();
      entry.day.hidden = isSameDay;
      entry.by.classList.toggle("unseen",
        isSameDay && before.from === entry.from && entry.time - before.time < GROUP_MS);
    }
  }

  #dayName(time) {
    const isDaysAgo = (days) =>
      new Date(Date.now() - days * DAY_MS).toDateString() === time.toDateString();
    if (isDaysAgo(0)) return this.strings.today;
    return isDaysAgo(1) ? this.strings.yesterday : this.calendar.format(time);
  }

  // What one can do with an answer goes once the person has written again.
  #moveOn() {
    for (const extra of this.root.querySelectorAll(".extras")) {
      this.#keepFocus(extra, () => extra.remove());
    }
  }

  #feedback(event) {
    const rate = (helped) => {
      const thanks = el("span", { tabindex: "-1" }, this.strings.thanks);
      this.#keepFocus(row, () => row.replaceChildren(thanks), thanks);
      this.on.rate(event, helped);
    };
    const row = el("div", { class: "feedback" }, this.strings.feedback,
      button("small", this.strings.yes, () => rate(true)),
      button("small", this.strings.no, () => rate(false)));
    return row;
  }

  #keepFocus(node, change, next) {
    const hadFocus = focusedIn(node);
    change();
    if (hadFocus) this.on.leave(next);
  }
}
