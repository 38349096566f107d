// Building elements and talking to the control routes; text only ever becomes text nodes.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export async function get(path, query = {}) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`);
  return answer(response);
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer(response);
}

async function answer(response) {
  const body = await response.json();
  if (!body.ok) throw new Error(SENTENCES[body.error] ?? `Slack would refuse this: ${body.error}`);
  return body;
}

const SENTENCES = {
  invalid_command: "The app has no such command.",
  no_such_button: "That button is no longer there.",
  no_open_view: "That window is already closed.",
  cant_update_message: "Only the author can change a message.",
  invalid_response_action: "The app answered with something Slack does not accept.",
};

let hideToast;
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => { box.hidden = true; }, 6000);
}

// Runs something that may be refused; says so instead of failing silently.
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error instanceof TypeError ? "The sandbox is not running any more." : error.message);
    return null;
  }
}

// A button asks before it acts where its confirm object says so.
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  const box = document.getElementById("confirm");
  return new Promise((resolve) => {
    const style = confirm.style === "danger" ? "danger" : "primary";
    box.replaceChildren(
      el("form", { method: "dialog" },
        el("h2", { id: "confirm-title" }, confirm.title.text),
        el("p", {}, confirm.text.text),
        el("div", { class: "buttons" },
          el("button", { value: "no", class: "button" }, confirm.deny.text),
          el("button", { value: "yes", class: `button ${style}` }, confirm.confirm.text))));
    box.returnValue = "no";
    box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true });
    box.showModal();
  });
}
