// The gateway's HTTP interface, and what this browser remembers of it between two pages.

// A connection says something every 15 s; one this silent is dead.
const SILENCE_MS = 45_000;

// So long what one tab stores may take to be seen by another.
const SPREADING_MS = 500;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class RequestError extends Error {
  // `status` 0: nobody answered, or not to pages of this origin. `wait`: seconds, or NaN.
  constructor(status, { code, message } = {}, wait = NaN) {
    super(message ?? "");
    Object.assign(this, { status, code, wait });
  }

  // Whether the same request may work later.
  get isPassing() {
    return !this.status || this.status === 429 || this.status >= 500;
  }
}

export class Gateway {
  // `base` ends in /widget/.
  constructor(base) {
    this.base = base;
    this.memory = {};
  }

  // Storage may be blocked or full; then there is memory.

  recall(name) {
    try {
      const text = localStorage.getItem(this.#key(name));
      if (text) return JSON.parse(text);
    } catch { /* blocked */ }
    return this.memory[name] ?? null;
  }

  keep(name, value) {
    this.memory[name] = value;
    try {
      if (value === null) localStorage.removeItem(this.#key(name));
      else localStorage.setItem(this.#key(name), JSON.stringify(value));
    } catch { /* blocked or full */ }
  }

  // Calls `then(name)` when another tab has kept something.
  watch(then, signal) {
    addEventListener("storage", ({ key }) => {
      const name = key?.startsWith(this.#key("")) && key.slice(this.#key("").length);
      if (!name) return;
      delete this.memory[name];
      then(name);
    }, { signal });
  }

  #key(name) {
    return `hr-assistant ${this.base} ${name}`;
  }

  // Sessions and requests

  get token() {
    const { token, expires_at: end } = this.recall("session") ?? {};
    return Date.parse(end) > Date.now() ? token : null;
  }

  // Asks for a session in the place of `old`, unless another tab is at it. What one tab stores
  // reaches the others a little later, so the lock is kept for a while and the others wait.
  async #mint(old) {
    const ask = async () => this.keep("session", await this.request("POST", "sessions", {}));
    if (!navigator.locks) {
      await ask();
      return;
    }
    const isOurs = await new Promise((resolve, reject) => {
      navigator.locks.request(this.#key("mint"), { ifAvailable: true }, async (lock) => {
        if (!lock) {
          resolve(false);
          return;
        }
        await ask().then(() => {
          resolve(true);
          return pause(SPREADING_MS);
        }, reject);
      });
    });
    for (let waits = isOurs ? 0 : 20; waits && this.token === old; waits -= 1) await pause(100);
    if (this.token === old) throw new RequestError(0);
  }

  // A request within the session; one that has ended is replaced, once.
  async call(path, body) {
    const { token } = this;
    if (!token) await this.#mint(token);
    try {
      return await this.request("POST", path, body);
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.#mint(this.token);
      return this.request("POST", path, body);
    }
  }

  async request(method, path, body) {
    const response = await this.#fetch(path, { method, body: body && JSON.stringify(body) });
    return response.json().catch(() => ({}));
  }

  async #fetch(path, { headers = {}, body, ...options }) {
    const { token } = this;
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(this.base + path, {
      headers, body, cache: "no-store", credentials: "omit", ...options,
    }).catch(() => { throw new RequestError(0); });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    throw new RequestError(response.status, error, parseInt(response.headers.get("Retry-After"), 10));
  }

  // Reads server-sent events by fetch, so that the token stays out of URLs, until they end.
  // `on(name, data, id)` also hears of "open" and "caught-up".
  async stream(after, abort, on) {
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    heard();
    try {
      const { body } = await this.#fetch("events", {
        headers: { "Last-Event-ID": String(after) }, signal: abort.signal,
      });
      on("open");
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const part of parts) this.#take(part, on);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #take(part, on) {
    const fields = Object.fromEntries(part.split("\n").map((line) => line.split(/: ?(.*)/, 2)));
    if (fields.data) on(fields.event, JSON.parse(fields.data), Number(fields.id));
    else on(fields[""]);
  }
}
