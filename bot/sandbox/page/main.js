// Starts the panes and keeps them up to date.

import { el, get } from "./dom.js";
import { setChoices } from "./fields.js";
import { setNames } from "./mrkdwn.js";
import { Pane } from "./pane.js";

const QUESTIONS = [
  "When is payday?",
  "Help paying for my RN",
  "Can I bring my dog to work?",
  "I'd like to talk to a person",
];

const team = await get("people");
setNames(team.people, team.channels);
setChoices(team.people, team.channels);

const hrChannel = team.channels.find((channel) => channel.name === "hr-questions");
const isHr = (person) => hrChannel.members.includes(person.id) && !person.is_bot;
const humans = team.people.filter((person) => !person.is_bot);
const staff = team.channels.filter((channel) =>
  ["general", "with-agencies"].includes(channel.name));
const directMessage = { id: "", label: "HR Assistant" };
const homeTabs = team.has_home_tab ? [{ id: "home", label: "Home" }] : [];
const asPlace = ({ id, name, members }) => ({ id, label: `#${name}`, members });
const hrChannels = team.channels.filter((channel) => channel.name.startsWith("hr-"));

const features = { shortcuts: team.shortcuts, hasAssistant: team.has_assistant };

const panes = [
  new Pane(document.getElementById("employee"), {
    people: humans.filter((person) => !isHr(person)),
    places: [directMessage, ...staff.map(asPlace), ...homeTabs],
    questions: QUESTIONS,
    ...features,
  }),
  new Pane(document.getElementById("hr"), {
    people: humans.filter(isHr),
    places: [...hrChannels.map(asPlace), directMessage, ...homeTabs],
    questions: [],
    ...features,
  }),
];

// The careers page is the gateway's own, which may start after us.
const CAREERS_AGAIN_MS = 3000;

async function showCareers() {
  const { url } = await get("careers").catch(() => ({}));
  if (!url) {
    setTimeout(showCareers, CAREERS_AGAIN_MS);
    return;
  }
  const pane = document.getElementById("candidate");
  pane.append(el("div", { class: "pane-inner" },
    el("header", { class: "pane-header" },
      el("a", { class: "link new-chat", href: url, target: "_blank" }, "In a tab of its own"),
      el("span", { class: "quiet" }, "You are"), el("strong", {}, "a candidate")),
    el("iframe", { src: url, title: "The careers page" })));
  pane.hidden = false;
}

showCareers();

const health = document.getElementById("health");
let isBusy = false;
let isStale = false;

async function refresh() {
  isStale = true;
  if (isBusy) return;
  isBusy = true;
  try {
    while (isStale) {
      isStale = false;
      const [state] = await Promise.all([get("health"), ...panes.map((pane) => pane.refresh())]);
      health.textContent = state.trouble ?? "";
    }
  } catch {
    health.textContent = "The sandbox is not answering. Is it still running?";
  } finally {
    isBusy = false;
  }
}

const stream = new EventSource("stream");
stream.addEventListener("message", refresh);
stream.addEventListener("error", () => {
  health.textContent = "The sandbox is not answering. Is it still running?";
});
