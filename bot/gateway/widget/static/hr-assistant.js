// <hr-assistant>: the careers page's widget. One script tag is enough; see docs/widget.md.

import { contactForm } from "./contact.js";
import { Conversation } from "./conversation.js";
import { button } from "./dom.js";
import { Messages } from "./messages.js";
import { Panel } from "./panel.js";
import { stringsOf } from "./strings.js";
import { styleSheet } from "./styles.js";

// A connection that comes back this soon was never worth a word.
const LOSS_SHOWN_AFTER_MS = 1500;

export class HRAssistant extends HTMLElement {
  #life;
  #strings = {};

  // Replaces single texts; the names are those of strings.js.
  set strings(strings) {
    this.#strings = strings;
    if (!this.#life) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  // Opens the panel, with a draft if one is given.
  open(draft) {
    this.#panel.open(draft);
  }

  close() {
    this.#panel.close();
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#build(stringsOf(this, this.#strings));
    this.#panel.start(signal);
    this.#conversation.start(signal);
    this.#refresh();
    // Any element of the page with `data-hr-assistant` opens the panel; its value is the draft.
    document.addEventListener("click", ({ target }) => {
      const opener = target.closest("[data-hr-assistant]");
      if (opener) this.open(opener.dataset.hrAssistant);
    }, { signal });
    addEventListener("hashchange", () => this.#followLink(), { signal });
    this.#followLink();
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#life = null;
  }

  #panel;
  #messages;
  #conversation;
  #texts;
  #form;
  #last = 0;
  #unread = 0;
  #willAnnounce;

  #build(texts) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet];
    const gateway = this.getAttribute("gateway");
    const base = gateway ? `${gateway.replace(/\/+$/, "")}/widget/` : new URL(".", import.meta.url).href;
    this.#texts = texts;
    this.#messages = new Messages(texts, this.closest("[lang]")?.lang || [], {
      choose: ({ id, text }) => this.#conversation.say(text, id),
      rate: (event, helped) => this.#rate(event, helped),
      retry: () => this.#conversation.hurry(),
      edit: (item, text) => {
        this.#conversation.discard(item);
        this.open(text);
      },
      leave: (node) => (node ?? this.#panel.scroller).focus(),
    });
    this.#panel = new Panel(texts, this.getAttribute("privacy-url"), this.#messages.root, {
      send: (text) => this.#conversation.say(text),
      delete: () => this.#conversation.delete(),
      toggle: () => this.#look(),
    });
    this.#conversation = new Conversation(base, (name, data) => this.#hear[name]?.(data));
    root.replaceChildren(...this.#panel.nodes);
  }

  // What the conversation tells

  #hear = {
    message: (message) => this.#show(message),
    typing: ({ on }) => { this.#panel.isTyping = on; },
    form: (form) => {
      this.#show({ ...form, from: "assistant" });
      form.question = this.#messages.lastQuestion;
      this.#form = form.form;
      if (this.#done.includes(form.form)) this.#offerForm(form);
      else this.#showForm(form);
    },
    form_done: (done) => {
      if (done.form === this.#form) this.#panel.showForm();
      if (done.text) this.#show({ ...done, from: "assistant" });
    },
    sending: (item) => {
      this.#panel.follow(() => this.#messages.pending(item), !item.state);
      this.#refresh();
    },
    live: (isLive) => this.#announce(isLive),
    seen: () => this.#look(),
    open: () => {
      clearTimeout(this.losing);
      if (this.isLost) this.#panel.tell(this.#texts.back);
      this.isLost = false;
    },
    lost: () => {
      clearTimeout(this.losing);
      this.losing = setTimeout(() => this.#tellLoss("lost"), LOSS_SHOWN_AFTER_MS);
    },
    offline: () => this.#tellLoss("offline"),
    reset: (why) => {
      this.#last = 0;
      this.#unread = 0;
      this.#panel.showForm();
      this.#panel.isTyping = false;
      this.#messages.reset();
      if (why) this.#panel.tell(this.#texts[why]);
      this.#refresh();
    },
  };

  #show(message) {
    const isOwn = message.from === "me";
    const feedback = message.feedback && !this.#done.includes(message.event);
    this.#panel.follow(() => this.#messages.add({ ...message, feedback }), isOwn);
    this.#last = message.event;
    const isNew = message.event > (this.#conversation.recall("seen") ?? 0);
    if (!isOwn && isNew) this.#unread += 1;
    this.#look();
  }

  #tellLoss(how) {
    this.isLost = true;
    this.#panel.tell(this.#texts[how]);
  }

  #showForm(form) {
    const node = contactForm(form, this.#texts, (details) =>
      this.#conversation.tell("contact", details), () => {
      this.#remember(form.form);
      this.#offerForm(form);
    });
    this.#panel.showForm(node);
    return node;
  }

  // Somebody who said no may think again.
  #offerForm(form) {
    this.#panel.showForm(button("choice", this.#texts.formAgain, () =>
      this.#showForm(form).querySelector("input").focus()));
  }

  // What was seen, and what is announced: only what comes while somebody is there.

  #look() {
    const seen = this.#conversation.recall("seen") ?? 0;
    const isWatching = this.#panel.isOpen && !document.hidden;
    if (isWatching && this.#last > seen) this.#conversation.keep("seen", this.#last);
    if (isWatching || seen >= this.#last) this.#unread = 0;
    this.#announce(this.#conversation.isLive);
    this.#refresh();
  }

  #announce(isLive) {
    const log = this.#messages.root;
    clearTimeout(this.#willAnnounce);
    if (!isLive || !this.#panel.isOpen) log.ariaLive = "off";
    // Not in the task that has just shown the history, or that would be read out, too.
    else this.#willAnnounce = setTimeout(() => { log.ariaLive = "polite"; });
  }

  #refresh() {
    this.#panel.unread = this.#unread;
    this.#panel.delete.hidden = !this.#conversation.exists;
    this.#panel.starters.hidden = this.#messages.entries.length > 0;
  }

  // What was rated or declined isn't asked again after a reload.
  get #done() {
    return this.#conversation.recall("done") ?? [];
  }

  #remember(what) {
    this.#conversation.keep("done", [...this.#done, what]);
  }

  async #rate(event, helped) {
    this.#remember(event);
    await this.#conversation.tell("feedback", { event, helped }).catch(({ message }) =>
      this.#panel.tell(message || this.#texts.failed));
  }

  // An e-mail leads back to its conversation; its token doesn't stay in the address.
  async #followLink() {
    const [, link] = /^#hr=(.+)$/.exec(location.hash) ?? [];
    if (!link) return;
    const error = await this.#conversation.resume(link).catch((reason) => reason);
    if (!error?.isPassing) history.replaceState(history.state, "", location.pathname + location.search);
    this.open();
    if (error) this.#panel.tell(error.message || this.#texts.failed);
  }
}

customElements.define("hr-assistant", HRAssistant);

// A script tag with data- attributes brings its own element, which takes them over.
const script = [...document.querySelectorAll("script")].find(({ src }) => src === import.meta.url);
const given = Object.entries(script?.dataset ?? {});
if (given.length && !document.querySelector("hr-assistant")) {
  const element = document.createElement("hr-assistant");
  for (const { name, value } of script.attributes) {
    if (name.startsWith("data-")) element.setAttribute(name.slice(5), value);
  }
  document.body.append(element);
}
