// The form for an answer by e-mail: errors beside their fields, and nothing typed is lost.

import { button, el } from "./dom.js";

// `send(details)` returns a promise, rejected with a RequestError; `decline()` is for "no, thanks".
export function contactForm(form, strings, send, decline) {
  const email = field("email", strings.email, { type: "email", autocomplete: "email", maxlength: 320 });
  const name = field("name", strings.name, { autocomplete: "name", maxlength: 80 });
  const consent = field("consent", form.consent ?? strings.consent, { type: "checkbox" });
  const problem = el("p", { class: "error", role: "alert" });

  const refuse = (at, text) => {
    at.error.textContent = text;
    at.input.ariaInvalid = text ? "true" : null;
    return text && at.input;
  };

  async function submit(event) {
    event.preventDefault();
    problem.textContent = "";
    const address = email.input.value.trim();
    const first = [
      refuse(email, /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) ? "" : strings.emailInvalid),
      refuse(consent, consent.input.checked ? "" : strings.consentMissing),
    ].find(Boolean);
    first?.focus();
    if (first || root.inert) return;
    root.inert = true;
    try {
      await send({ form: form.form, email: address, name: name.input.value.trim(), consent: true });
    } catch ({ code, message }) {
      root.inert = false;
      const place = { email_invalid: email, consent_missing: consent }[code];
      if (place) refuse(place, message).focus();
      else problem.textContent = message || strings.failed;
    }
  }

  const root = el("form", { class: "contact", novalidate: true, "aria-labelledby": "contact", submit },
    el("h3", { id: "contact" }, form.title ?? strings.formTitle),
    form.question && !form.title && el("p", { class: "about" }, `“${form.question}”`),
    form.reply_by && el("p", { class: "hint" }, strings.replyBy.replace("{time}", form.reply_by)),
    email.root, form.title ? null : name.root, consent.root, problem,
    el("div", { class: "extras" }, button("primary", form.submit ?? strings.formSend, null, { type: "submit" }),
      button("small", strings.noThanks, decline)));
  return root;
}

function field(id, label, properties) {
  const error = el("p", { class: "error", id: `${id}-error` });
  const input = el("input", { id, "aria-describedby": error.id, ...properties });
  const isBox = properties.type === "checkbox";
  const root = el("div", { class: isBox ? "check" : "field" },
    isBox && input, el("label", { for: id }, label), !isBox && input, error);
  return { root, input, error };
}
