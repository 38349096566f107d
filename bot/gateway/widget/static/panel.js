// The frame: launcher, panel, composer, notices; how it opens, scrolls, and where the focus goes.

import { button, el, focusedIn, icon } from "./dom.js";

// On a phone, in a small window, or enlarged to 400 %, the panel takes all of the window.
const SMALL = matchMedia("(max-width: 480px), (max-height: 480px)");
const NEAR_END_PX = 80;

export class Panel {
  // `on`: send(text), delete() (a promise), toggle().
  constructor(strings, privacyUrl, log, on) {
    Object.assign(this, { strings, log, on, isOpen: false });
    const hidden = (properties) => el("p", { class: "unseen", ...properties });
    this.announcer = hidden({ role: "status" });
    this.badge = el("span", { class: "badge", hidden: true });
    this.launcher = button("launcher", "", () => (this.isOpen ? this.close() : this.open()), {
      part: "launcher", "aria-haspopup": "dialog", "aria-controls": "panel",
    });
    this.#tellState();
    this.title = el("h2", { id: "title", tabindex: "-1" }, strings.title);
    this.notice = el("p", { class: "notice", role: "status" });
    this.typing = el("p", { class: "typing", role: "status" });
    this.form = el("div");
    this.starters = el("div", { class: "extras" }, strings.starters.split("|").filter(Boolean)
      .map((text) => button("choice", text, () => {
        this.scroller.focus();
        on.send(text);
      })));
    const policy = privacyUrl && el("a", { href: privacyUrl, target: "_blank" },
      strings.privacyLink, el("span", { class: "unseen" }, ` ${strings.newTab}`));
    this.scroller = el("div", {
      class: "scroller", tabindex: "0", role: "region", "aria-label": strings.conversation,
      scroll: () => { this.jump.hidden ||= this.#isAtEnd; },
    }, el("p", {}, strings.greeting), el("p", { class: "hint" }, strings.privacy, " ", policy),
    this.starters, log, this.typing, this.form);
    this.jump = button("jump", strings.newBelow, () => this.toEnd(), { hidden: true });
    this.delete = button("link", strings.delete, () => this.confirm.showModal());
    this.dialog = el("dialog", {
      id: "panel", class: "panel", "aria-labelledby": "title",
      keydown: (event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        this.close();
      },
      close: () => this.dialog.open || this.close(),
    }, el("div", { class: "head", part: "head" },
      el("div", {}, this.title, el("p", {}, strings.subtitle)),
      button("round", icon("M6 6l12 12 M18 6L6 18"), () => this.close(),
        { "aria-label": strings.close })),
    this.notice, this.scroller, this.jump, this.#composer(), this.delete);
    this.confirm = this.#confirmation();
    this.nodes = [this.launcher, this.announcer, this.dialog, this.confirm];
  }

  start(signal) {
    SMALL.addEventListener("change", () => this.#reopen(), { signal });
    for (const name of ["resize", "scroll"]) {
      visualViewport.addEventListener(name, () => this.#fit(), { signal });
    }
  }

  // Opening and closing

  open(draft) {
    if (draft) this.input.value = draft;
    if (!this.isOpen) {
      const { activeElement } = document;
      const { host } = this.dialog.getRootNode();
      this.returnTo = [host, document.body].includes(activeElement) ? this.launcher : activeElement;
      this.isOpen = true;
      this.#show();
      this.on.toggle();
    }
    this.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.dialog.close();
    this.#tellState();
    (this.returnTo.isConnected ? this.returnTo : this.launcher).focus();
    this.on.toggle();
  }

  // Writing can begin at once, where that doesn't bring a phone's keyboard over the answers.
  focus() {
    (SMALL.matches && !this.input.value ? this.title : this.input).focus();
  }

  // Only what fills the window may keep the focus inside.
  #show() {
    if (SMALL.matches) this.dialog.showModal();
    else this.dialog.show();
    this.#tellState();
    this.#fit();
    if (this.log.firstChild) this.toEnd();
  }

  #tellState() {
    this.launcher.ariaExpanded = this.isOpen;
    this.launcher.replaceChildren(
      icon(this.isOpen ? "M6 9.5l6 6 6-6" : "M4 5h16v11H9.5L5 19.5V16H4z M8 9h8 M8 12.5h5"),
      this.isOpen ? this.strings.close : this.strings.launcher, this.badge);
  }

  #reopen() {
    if (!this.isOpen) return;
    const focused = this.dialog.getRootNode().activeElement ?? this.title;
    this.dialog.close();
    this.#show();
    focused.focus();
  }

  // Keeps the composer above a phone's keyboard, which covers the page on some systems.
  #fit() {
    const { scale, height, offsetTop } = visualViewport;
    this.dialog.style.setProperty("--_height", scale === 1 ? `${height}px` : "100dvh");
    this.dialog.style.setProperty("--_top", scale === 1 ? `${offsetTop}px` : "0");
  }

  // What it tells

  set unread(count) {
    const text = count ? this.strings.unread.replace("{count}", count) : "";
    this.badge.hidden = !count;
    this.badge.replaceChildren(el("span", { class: "unseen" }, ` ${text}`),
      el("span", { "aria-hidden": "true" }, String(count)));
    this.announcer.textContent = text;
  }

  tell(text) {
    this.notice.textContent = text;
  }

  set isTyping(isOn) {
    this.follow(() => {
      this.typing.replaceChildren(...isOn
        ? [el("span", { class: "unseen" }, this.strings.typing), el("i"), el("i"), el("i")] : []);
      return isOn && this.typing;
    });
  }

  showForm(node = "") {
    const hadFocus = focusedIn(this.form);
    this.follow(() => {
      this.form.replaceChildren(node);
      return node;
    });
    if (hadFocus) this.scroller.focus();
  }

  // Scrolling

  get #box() {
    return getComputedStyle(this.scroller).overflowY === "visible" ? this.dialog : this.scroller;
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.jump.hidden = true;
  }

  // Adds something below and shows it, a long one from its beginning; but nobody who is reading
  // further up is moved.
  follow(add, isOwn) {
    const stays = !isOwn && !this.#isAtEnd;
    const node = add();
    if (!node || !this.isOpen) return;
    if (stays) {
      this.jump.hidden = false;
      return;
    }
    this.toEnd();
    const box = this.#box;
    const hidden = box.getBoundingClientRect().top + 8 - node.getBoundingClientRect().top;
    if (hidden > 0) box.scrollTop -= hidden;
  }

  // Building

  #composer() {
    const send = (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      this.input.value = "";
      this.input.focus();
      if (text) this.on.send(text);
    };
    this.input = el("textarea", {
      rows: "1", placeholder: this.strings.composer, "aria-label": this.strings.composer,
      enterkeyhint: "send",
      keydown: (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
      },
    });
    return el("form", { class: "composer", submit: send }, this.input,
      button("round", icon("M5 12h13 M12.5 6l6 6-6 6"), null,
        { type: "submit", "aria-label": this.strings.send }));
  }

  #confirmation() {
    const problem = el("p", { class: "error", role: "alert" });
    const confirm = async () => {
      try {
        await this.on.delete();
        this.confirm.close();
        this.focus();
      } catch (error) {
        problem.textContent = error.message || this.strings.failed;
      }
    };
    return el("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": "sure",
      "aria-describedby": "gone", close: () => { problem.textContent = ""; } },
    el("h2", { id: "sure" }, `${this.strings.delete}?`),
    el("p", { id: "gone" }, this.strings.deleteText), problem,
    el("div", { class: "extras" },
      button("small", this.strings.deleteNo, () => this.confirm.close()),
      button("primary danger", this.strings.deleteYes, confirm)));
  }
}
