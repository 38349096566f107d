// One conversation: sends what is written, in order and again until it arrives, and hears what
// is said, from where it left off.

import { Gateway } from "./gateway.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
// A connection that lasted this long was a good one: the next is tried at once.
const STEADY_MS = 10_000;
// A tab that nobody looks at gives its connection back after a while.
const HIDDEN_MS = 60_000;

export class Conversation {
  // `on(name, data)` hears of the gateway's events by their names, and of "sending" (an item),
  // "open", "lost", "offline", "live" (whether what comes is new) and "reset" (why).
  constructor(base, on) {
    Object.assign(this, { gateway: new Gateway(base), on, last: 0, line: null, notBefore: 0 });
    this.unsent = this.recall("unsent") ?? [];
    this.known = new Set(this.unsent.map(({ id }) => id));
    this.sendPause = FIRST_PAUSE_MS;
  }

  start(signal) {
    this.gateway.watch((name) => this.#onOtherTab(name), signal);
    addEventListener("online", () => this.hurry(), { signal });
    addEventListener("offline", () => {
      // Nobody tells a connection that its network is gone.
      this.line?.abort.abort();
      this.#lose();
    }, { signal });
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    signal.addEventListener("abort", () => this.#hangUp());
    for (const item of this.unsent) this.on("sending", item);
    this.hurry();
  }

  get exists() {
    return Boolean(this.gateway.token);
  }

  recall(name) {
    return this.gateway.recall(name);
  }

  keep(name, value) {
    this.gateway.keep(name, value);
  }

  // What the person does

  // Sends a text or, with `choice`, the press of a button.
  say(text, choice) {
    const item = { id: newId(), text, choice, at: new Date().toISOString() };
    this.known.add(item.id);
    this.unsent.push(item);
    this.#keepUnsent();
    this.on("sending", item);
    this.#drain();
  }

  // Goes on at once instead of after a pause.
  hurry() {
    this.sendPause = FIRST_PAUSE_MS;
    if (this.line) this.line.hurry();
    else this.#listen();
    this.#drain();
  }

  discard(item) {
    this.unsent = this.unsent.filter(({ id }) => id !== item.id);
    this.#keepUnsent();
  }

  // For "contact" and "feedback".
  tell(path, body) {
    return this.#call(path, { id: newId(), ...body });
  }

  async delete() {
    if (this.exists) {
      await this.gateway.request("DELETE", "conversation").catch((error) => {
        if (error.status !== 401) throw error;
      });
    }
    this.#forget("deleted");
  }

  // Takes up the conversation to which a link in an e-mail leads.
  async resume(link) {
    this.keep("session", await this.gateway.request("POST", "resume", { link }));
    this.#begin();
  }

  // Sending

  // What other tabs have not sent yet stays beside ours.
  #keepUnsent() {
    const theirs = (this.recall("unsent") ?? []).filter(({ id }) => !this.known.has(id));
    const ours = this.unsent.map(({ id, text, choice, at }) => ({ id, text, choice, at }));
    this.keep("unsent", [...theirs, ...ours]);
  }

  async #drain() {
    if (this.isDraining || Date.now() < this.notBefore) return;
    this.isDraining = true;
    clearTimeout(this.retry);
    let item;
    do {
      item = this.unsent.find(({ state }) => state !== "refused");
    } while (item && await this.#deliver(item));
    this.isDraining = false;
  }

  // Returns whether to go on with the next.
  async #deliver(item) {
    const { id, text, choice } = item;
    const show = (state, reason) => this.on("sending", Object.assign(item, { state, reason }));
    show("sending");
    try {
      await this.#call("messages", choice ? { id, choice } : { id, text });
    } catch (error) {
      show(error.isPassing ? "waiting" : "refused", error.message);
      if (error.isPassing) this.#drainLater(error);
      return !error.isPassing;
    }
    this.sendPause = FIRST_PAUSE_MS;
    this.discard(item);
    show("sent");
    return true;
  }

  #drainLater({ status, wait }) {
    if (!status) this.#lose();
    const pause = wait ? wait * 1000 : this.sendPause;
    if (wait) this.notBefore = Date.now() + pause;
    this.sendPause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    this.retry = setTimeout(() => this.#drain(), pause);
  }

  async #call(path, body) {
    const { exists } = this;
    try {
      return await this.gateway.call(path, body);
    } finally {
      if (this.#isElsewhere) this.#begin(exists && this.line && "expired");
    }
  }

  // Hearing

  get #isElsewhere() {
    return this.gateway.token !== (this.line?.token ?? null);
  }

  async #listen() {
    const { token } = this.gateway;
    if (!token || this.line || document.hidden) return;
    const line = { token, hurry() {} };
    this.line = line;
    this.#setLive(false);
    let pause = FIRST_PAUSE_MS;
    while (this.line === line) {
      line.abort = new AbortController();
      const began = Date.now();
      const error = await this.gateway.stream(this.last, line.abort, (name, data, id) => {
        if (this.line !== line) return;
        this.last = id || this.last;
        this.#onEvent(name, data);
      }).catch((reason) => reason);
      if (this.line !== line) return;
      if (error?.status === 401) this.#forget("expired");
      else this.#lose();
      if (Date.now() - began > STEADY_MS) pause = FIRST_PAUSE_MS;
      // By chance longer or shorter, so that not all pages come back at the same moment.
      await new Promise((resolve) => {
        line.hurry = resolve;
        setTimeout(resolve, pause * (0.5 + Math.random()));
      });
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #hangUp() {
    const { line } = this;
    this.line = null;
    line?.abort.abort();
    line?.hurry();
    clearTimeout(this.retry);
  }

  // Shows another conversation in the place of this one.
  #begin(why) {
    this.#hangUp();
    this.last = 0;
    this.on("reset", why);
    this.hurry();
  }

  #forget(why) {
    // Another tab may have begun a new one meanwhile: that stays.
    if (!this.#isElsewhere || !this.line) {
      for (const name of ["session", "seen", "done"]) this.keep(name, null);
    }
    if (why === "deleted") {
      this.unsent = [];
      this.#keepUnsent();
    }
    this.#begin(why);
  }

  #onEvent(name, data) {
    if (name === "deleted" || name === "expired") {
      this.#forget(name);
      return;
    }
    this.on(name, data);
    if (name === "open") this.#drain();
    if (name === "caught-up") this.#setLive(true);
  }

  #setLive(isLive) {
    this.isLive = isLive;
    this.on("live", isLive);
  }

  #lose() {
    this.on(navigator.onLine ? "lost" : "offline");
  }

  #onOtherTab(name) {
    if (name === "seen") this.on("seen");
    if (name !== "session" || !this.#isElsewhere) return;
    if (!this.exists) this.unsent = [];
    this.#begin(this.exists ? "" : "deleted");
  }

  #onVisibility() {
    clearTimeout(this.hidden);
    if (document.hidden) this.hidden = setTimeout(() => this.#hangUp(), HIDDEN_MS);
    else this.hurry();
    this.on("seen");
  }
}

// An id that nobody guesses, also on pages without HTTPS (where randomUUID is missing).
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
}
