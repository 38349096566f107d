// The modal that a person has open, inside their pane. What is below a pushed one stays typed.

import { attempt, el, post, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { readFields, showErrors } from "./fields.js";

export class Modal {
  constructor(pane, behind) {
    this.pane = pane;
    this.behind = behind;
    this.shown = null;
    this.drawn = new Map();
    this.cover = el("div", { class: "cover", hidden: true });
    pane.root.append(this.cover);
  }

  // Draws the view anew only when it is another one or was changed; errors are put in place.
  show(view) {
    const key = view ? `${view.id} ${view.hash}` : null;
    if (key !== this.shown) {
      this.shown = key;
      if (view) this.#open(view, key);
      else this.#close();
    }
    if (view) {
      this.notice.textContent = view.notice;
      const errors = JSON.stringify(view.errors);
      if (errors !== this.errors) showErrors(this.form, view.errors);
      this.errors = errors;
    }
  }

  #open(view, key) {
    if (this.cover.hidden) this.returnTo = document.activeElement;
    if (!this.drawn.has(key)) this.drawn.set(key, this.#draw(view));
    Object.assign(this, this.drawn.get(key));
    this.errors = "{}";
    this.cover.replaceChildren(this.dialog);
    this.cover.hidden = false;
    this.behind.inert = true;
    (this.form.querySelector("input, textarea, select") ?? this.submitButton
      ?? this.cover.querySelector("button")).focus();
  }

  #draw(view) {
    const title = `modal-title-${view.id}`;
    const notice = el("p", { class: "notice", role: "alert" });
    const form = el("form", { class: "modal-body", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.#submit();
    } }, renderBlocks(view.blocks, (element, choice) => this.#act(element, choice)));
    const submitButton = view.submit
      ? el("button", { class: "button primary", type: "button", onclick: () => this.#submit() },
        view.submit.text)
      : null;
    const close = () => attempt(() => post("close", { user: this.pane.user }));
    const dialog = el("div", {
      class: "modal",
      role: "dialog",
      "aria-labelledby": title,
      onkeydown: (event) => { if (event.key === "Escape") close(); },
    },
    el("header", {},
      el("h2", { id: title }, view.title?.text ?? ""),
      el("button", { class: "icon", type: "button", "aria-label": "Close", onclick: close }, "×")),
    form,
    el("footer", {}, notice,
      el("button", { class: "button", type: "button", onclick: close }, view.close?.text ?? "Cancel"),
      submitButton));
    return { dialog, form, notice, submitButton };
  }

  #close() {
    this.cover.hidden = true;
    this.cover.replaceChildren();
    this.drawn.clear();
    this.behind.inert = false;
    if (this.returnTo?.isConnected) this.returnTo.focus();
    else this.pane.focus();
  }

  async #submit() {
    const button = this.submitButton;
    button.disabled = true;
    await attempt(() => post("submit", { user: this.pane.user, values: readFields(this.form) }));
    button.disabled = false;
  }

  async #act(element, choice) {
    const done = await attempt(() => post("click", {
      user: this.pane.user,
      action_id: element.action_id,
      value: choice,
      state: readFields(this.form),
    }));
    if (done && !done.acknowledged) toast("The app did not respond.");
  }
}
