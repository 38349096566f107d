// One person's side of the conversation: places, messages with their threads, and the composer.

import { attempt, el, get, post, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { readFields } from "./fields.js";
import { Modal } from "./modal.js";
import { emoji, mrkdwn } from "./mrkdwn.js";

export class Pane {
  constructor(root, { people, places, questions, shortcuts, hasAssistant }) {
    this.root = root;
    this.people = people;
    this.places = places;
    this.shortcuts = shortcuts;
    this.hasAssistant = hasAssistant;
    this.assistant = {};
    this.user = people[0].id;
    this.place = places[0];
    this.thread = null;
    this.editing = null;
    this.drawn = new Map();
    this.tabs = el("nav", { class: "tabs", "aria-label": "Places" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      "aria-label": "Messages" });
    this.status = el("p", { class: "status", role: "status" });
    this.chips = el("div", { class: "chips", "aria-label": "Questions to try" },
      questions.map((text) => el("button", { class: "chip", type: "button",
        onclick: () => this.#send(text) }, text)));
    this.composer = this.#makeComposer();
    const behind = el("div", { class: "pane-inner" }, this.#makeHeader(), this.tabs, this.log,
      this.status, questions.length ? this.chips : null, this.composer);
    root.append(behind);
    this.modal = new Modal(this, behind);
    this.#drawTabs();
  }

  focus() {
    this.input.focus();
  }

  #makeHeader() {
    const options = this.people.map((person) =>
      el("option", { value: person.id }, `${person.name}, ${person.title.toLowerCase()
        .replace(/^hr/, "HR")}`));
    return el("header", { class: "pane-header" },
      this.hasAssistant ? el("button", { class: "link new-chat", type: "button",
        onclick: () => this.#openAssistant() }, "New chat") : null,
      el("label", { for: `${this.root.id}-who` }, "You are"),
      el("select", { id: `${this.root.id}-who`, onchange: (event) => {
        this.user = event.target.value;
        if (!this.#placesOfUser().includes(this.place)) [this.place] = this.#placesOfUser();
        this.#leave();
      } }, options));
  }

  #placesOfUser() {
    return this.places.filter(({ members }) => members?.includes(this.user) ?? true);
  }

  // Opens the Assistant pane: a new thread in the direct messages.
  #openAssistant() {
    return attempt(async () => {
      const { ts } = await post("assistant", { user: this.user });
      this.place = this.places.find((place) => place.id === "");
      await this.#leave();
      this.thread = ts;
      this.#drawComposerNote();
      this.focus();
    });
  }

  #drawTabs() {
    this.tabs.replaceChildren(...this.#placesOfUser().map((place) => el("button", {
      type: "button",
      class: "tab",
      "aria-current": place === this.place ? "true" : null,
      onclick: () => {
        this.place = place;
        this.#leave();
        if (place.id === "home") attempt(() => post("home", { user: this.user }));
      },
    }, place.label)));
  }

  // Forgets what belongs to the place or person one was.
  #leave() {
    this.thread = null;
    this.editing = null;
    this.drawn.clear();
    this.log.replaceChildren();
    this.#drawTabs();
    this.#drawComposerNote();
    return attempt(() => this.refresh());
  }

  #makeComposer() {
    const id = `${this.root.id}-say`;
    this.input = el("textarea", { id, rows: 1, onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#sendTyped();
      } else if (event.key === "Escape") {
        this.#cancel();
      }
    } });
    this.note = el("p", { class: "composer-note", hidden: true });
    this.inputLabel = el("label", { for: id, class: "visually-hidden" }, "Write a message");
    return el("form", { class: "composer", onsubmit: (event) => {
      event.preventDefault();
      this.#sendTyped();
    } },
    this.note, this.inputLabel,
    el("div", { class: "composer-row" }, this.input,
      el("button", { class: "button primary", type: "submit" }, "Send")));
  }

  #drawComposerNote() {
    const what = this.editing ? "Editing your message." : this.thread ? "Answering in a thread." : "";
    this.note.hidden = !what;
    this.note.replaceChildren(what, " ",
      el("button", { type: "button", class: "link", onclick: () => this.#cancel() }, "Cancel"));
    this.input.placeholder = `Message ${this.place.label}`;
  }

  #cancel() {
    if (this.editing) this.input.value = "";
    this.thread = null;
    this.editing = null;
    this.#drawComposerNote();
  }

  async #sendTyped() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    if (await this.#send(text)) return;
    this.input.value = text;
  }

  async #send(text) {
    const place = { user: this.user, channel: this.place.id || null };
    if (text.startsWith("/")) {
      const [command, ...rest] = text.split(" ");
      return attempt(async () => {
        const done = await post("command", { ...place, command, text: rest.join(" ") });
        if (!done.acknowledged) toast("The app did not respond to the command.");
        return done;
      });
    }
    if (this.editing) {
      const message = this.editing;
      this.#cancel();
      return attempt(() => post("edit",
        { user: this.user, channel: message.channel, ts: message.ts, text }));
    }
    return attempt(() => post("say", { ...place, text, thread_ts: this.thread }));
  }

  // Drawing

  async refresh() {
    const { user, place } = this;
    const isHome = place.id === "home";
    const [seen, modal] = await Promise.all([
      isHome ? get("home", { user }) : get("messages", { user, channel: place.id }),
      get("view", { user }),
    ]);
    if (user !== this.user || place !== this.place) return;
    this.composer.hidden = isHome;
    this.chips.hidden = place.id !== "" || (seen.messages ?? []).some((m) => m.user === user);
    this.assistant = seen.assistant ?? {};
    if (isHome) this.#drawHome(seen.view);
    else this.#drawMessages(seen.messages);
    this.status.textContent = seen.status ?? "";
    this.modal.show(modal.view);
    this.#drawComposerNote();
  }

  #drawHome(view) {
    const key = view ? view.hash : "none";
    if (this.drawn.get("home") === key) return;
    this.drawn.set("home", key);
    const act = (element, choice) => this.#act({ action_id: element.action_id, value: choice });
    this.log.replaceChildren(el("div", { class: "home" }, view
      ? renderBlocks(view.blocks, act)
      : el("p", { class: "quiet" }, "The app shows nothing here yet.")));
  }

  // Keeps the nodes of messages that did not change, so that focus and typing survive.
  #drawMessages(messages) {
    const isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    const threads = new Map();
    for (const message of messages) {
      const isReply = message.thread_ts && message.thread_ts !== message.ts
        && messages.some((other) => other.ts === message.thread_ts);
      const parent = isReply ? message.thread_ts : message.ts;
      threads.set(parent, [...(threads.get(parent) ?? []), { message, isReply }]);
    }
    const nodes = [...threads.values()].flat().map(({ message, isReply }) =>
      this.#nodeFor(message, isReply));
    if (!nodes.length) nodes.push(this.#emptyNode());
    const wanted = new Set(nodes);
    for (const child of [...this.log.children]) if (!wanted.has(child)) child.remove();
    let before = this.log.firstChild;
    let hasGrown = false;
    for (const node of nodes) {
      if (node === before) {
        before = before.nextSibling;
      } else {
        hasGrown = true;
        this.log.insertBefore(node, before);
      }
    }
    if (hasGrown && isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  #emptyNode() {
    this.empty ??= el("p", { class: "quiet empty" });
    this.empty.textContent = this.place.id === ""
      ? "Nothing here yet. Ask something, or try one of the questions below."
      : "Nothing here yet.";
    return this.empty;
  }

  #nodeFor(message, isReply) {
    const thread = message.is_assistant_thread ? this.assistant[message.ts] : null;
    const key = JSON.stringify([message, isReply, thread]);
    const old = this.drawn.get(message.ts);
    if (old?.key === key) return old.node;
    const node = thread ? this.#threadNode(message.ts, thread) : this.#messageNode(message, isReply);
    this.drawn.set(message.ts, { key, node });
    return node;
  }

  // A thread of the Assistant pane: its title and what the app suggests to ask.
  #threadNode(ts, thread) {
    const ask = (text) => attempt(() => post("say",
      { user: this.user, channel: null, text, thread_ts: ts }));
    return el("section", { class: "assistant-thread", "aria-label": thread.title ?? "New chat" },
      el("h3", {}, thread.title ?? thread.prompts_title ?? "New chat"),
      thread.title ? null : el("div", { class: "chips" }, (thread.prompts ?? []).map((prompt) =>
        el("button", { class: "chip", type: "button", onclick: () => ask(prompt.message) },
          prompt.title))));
  }

  #messageNode(message, isReply) {
    const act = (element, choice) => this.#act({
      action_id: element.action_id,
      value: choice,
      channel: message.channel,
      ts: message.ts,
      state: readFields(node),
    });
    const time = new Date(Number(message.ts) * 1000);
    const isPlain = !message.is_bot || !message.blocks.length;
    const node = el("article", {
      class: `message${isReply ? " reply" : ""}${message.is_ephemeral ? " ephemeral" : ""}`,
      "aria-label": `${message.name}, ${time.toLocaleTimeString()}`,
    },
    el("div", { class: `avatar${message.is_bot ? " bot" : ""}`, "aria-hidden": "true" },
      message.name.split(" ").map((part) => part[0]).join("").slice(0, 2)),
    el("div", { class: "message-main" },
      message.is_ephemeral ? el("p", { class: "only-you" }, "Only visible to you") : null,
      el("p", { class: "by" },
        el("strong", {}, message.name),
        message.is_bot ? el("span", { class: "tag" }, "app") : null,
        el("time", { datetime: time.toISOString() },
          time.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })),
        message.is_edited ? el("span", { class: "quiet" }, "(edited)") : null),
      isPlain ? el("div", { class: "text" }, mrkdwn(message.text)) : renderBlocks(message.blocks, act),
      message.files.map((name) => el("p", { class: "file" }, `📎 ${name}`)),
      message.reactions.length
        ? el("p", { class: "reactions" }, message.reactions.map((reaction) =>
          el("span", {}, `${emoji(reaction.name)} ${reaction.count}`)))
        : null,
      this.#toolsFor(message)));
    return node;
  }

  #toolsFor(message) {
    if (message.is_ephemeral || message.is_tombstone) return null;
    const tool = (label, onclick) => el("button", { class: "link", type: "button", onclick }, label);
    const isOwn = message.user === this.user;
    return el("div", { class: "tools" },
      tool("Reply in thread", () => {
        this.thread = message.thread_ts ?? message.ts;
        this.editing = null;
        this.#drawComposerNote();
        this.focus();
      }),
      Object.entries(this.shortcuts).map(([id, name]) => tool(name, () => attempt(async () => {
        const done = await post("shortcut", { user: this.user, callback_id: id,
          channel: message.channel, ts: message.ts });
        if (!done.acknowledged) toast("The app did not respond to the shortcut.");
      }))),
      isOwn ? tool("Edit", () => {
        this.editing = message;
        this.input.value = message.text;
        this.#drawComposerNote();
        this.focus();
      }) : null,
      isOwn ? tool("Delete", () => attempt(() => post("delete",
        { user: this.user, channel: message.channel, ts: message.ts }))) : null);
  }

  async #act(what) {
    const done = await attempt(() => post("click", { user: this.user, ...what }));
    if (done && !done.acknowledged) toast("The app did not respond. Is the gateway running?");
  }
}
