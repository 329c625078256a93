// Live data: one stream for all tabs of a browser.
//
// Pages say what they show with data-live-topics="session:ID today" on any element (body included); the address of
// the stream stands in data-live-url on <body>. One tab leads and opens ONE EventSource with the topics of all tabs
// (`?topics=a,b`); the others hear it over a BroadcastChannel.
// The server sends {"topic", "event", "data", "at"} and each second {"event": "tick", "at"}.
// What a page hears, as DOM events whose detail is that message:
//   interlude:<event>          on <body>            hx-trigger="interlude:vitals from:body"
//   interlude:<kind of topic>  on <body>            interlude:session for the topic session:ID
//   interlude:changed          on each element that declares the topic (does not bubble): hx-trigger="interlude:changed"
//   interlude:resync           on <body> and on each declaring element as interlude:changed: load again, something may
//                              have been missed (first connection, after a lost link, after a change of leader)
//   interlude:tick             on <body>, each second
// [data-live-link] shows the state as data-state = connecting | live | lost; <html data-link> repeats it.
import { Election } from "./live/election.js";
import { Stream } from "./live/stream.js";

const SILENT_MS = 3000;
const CHECK_MS = 500;
const SAY_TOPICS_MS = 20000;
const FORGET_TAB_MS = 150000;

const tab = crypto.randomUUID?.() || String(Math.random()).slice(2);
const channel = "BroadcastChannel" in window ? new BroadcastChannel("interlude-live") : null;
const others = new Map();
let heardAt = 0;
let link = "connecting";
let covered = new Set();
let resyncDue = false;
let started = false;
let saidAt = 0;

function topicsOf(element) {
  return element.dataset.liveTopics.split(/[\s,]+/).filter(Boolean);
}

function myTopics() {
  return new Set([...document.querySelectorAll("[data-live-topics]")].flatMap(topicsOf));
}

function say(message) {
  channel?.postMessage({ ...message, tab });
}

function fire(target, name, detail, bubbles) {
  target.dispatchEvent(new CustomEvent(`interlude:${name}`, { detail, bubbles }));
}

// -- what this tab hears ---------------------------------------------------------------------------

function hear(message) {
  heardAt = performance.now();
  setLink("live");
  if (message.event === "tick") {
    fire(document.body, "tick", message, false);
    if (resyncDue) resync();
    return;
  }
  const mine = [...document.querySelectorAll("[data-live-topics]")].filter((element) => topicsOf(element).includes(message.topic));
  if (!mine.length) return;
  fire(document.body, message.event, message, false);
  const kind = (message.topic || "").split(":")[0];
  if (kind && kind !== message.event) fire(document.body, kind, message, false);
  for (const element of mine) fire(element, "changed", message, false);
}

function resync() {
  resyncDue = false;
  fire(document.body, "resync", {}, false);
  for (const element of document.querySelectorAll("[data-live-topics]")) {
    if (element !== document.body) fire(element, "changed", { event: "resync" }, false);
  }
}

// The topics that the stream now carries. What was committed between the page and this moment is loaded again.
function hearCovered(topics) {
  const now = new Set(topics);
  if ([...myTopics()].some((topic) => now.has(topic) && !covered.has(topic))) resyncDue = true;
  covered = now;
}

function setLink(state) {
  if (state === "lost") resyncDue = true;
  link = state;
  document.documentElement.dataset.link = state;
  for (const element of document.querySelectorAll("[data-live-link]")) {
    if (element.dataset.state === state) continue;
    element.dataset.state = state;
    const words = element.querySelector("[data-live-link-text]");
    const text = element.dataset[`text${state[0].toUpperCase()}${state.slice(1)}`];
    if (words && text) words.textContent = text;
  }
}

// -- leading -----------------------------------------------------------------------------------------

const stream = new Stream({
  url: document.body.dataset.liveUrl || "/live/stream",
  onMessage(message) {
    say({ kind: "event", message });
    hear(message);
  },
  onCovered(topics) {
    say({ kind: "covered", topics });
    hearCovered(topics);
  },
});

const election = new Election({
  tab,
  say,
  onLead() {
    others.clear();
    say({ kind: "who" });
    covered = new Set();
    resyncDue = true;
    carry();
  },
  onYield() {
    stream.close();
  },
});

function carry() {
  const topics = myTopics();
  const now = performance.now();
  for (const [name, other] of others) {
    if (now - other.at > FORGET_TAB_MS) others.delete(name);
    else other.topics.forEach((topic) => topics.add(topic));
  }
  stream.carry([...topics].sort());
}

function sayTopics() {
  saidAt = performance.now();
  say({ kind: "topics", topics: [...myTopics()] });
}

if (channel) {
  channel.onmessage = ({ data }) => {
    if (!started) return;
    election.heard(data);
    if (data.kind === "event") hear(data.message);
    else if (data.kind === "covered") hearCovered(data.topics);
    else if (data.kind === "who") {
      covered = new Set();
      sayTopics();
    } else if (election.leading && data.kind === "topics") {
      others.set(data.tab, { topics: data.topics, at: performance.now() });
      carry();
      // A tab that came later learns at once what is carried already.
      if (stream.isOpen) say({ kind: "covered", topics: stream.topics });
    } else if (election.leading && data.kind === "bye") {
      others.delete(data.tab);
      carry();
    }
  };
}

// -- life of the page --------------------------------------------------------------------------------

function check() {
  if (!started) return;
  const now = performance.now();
  if (now - heardAt > SILENT_MS && link !== "lost") setLink("lost");
  election.check();
  if (election.leading) stream.check();
  else if (now - saidAt > SAY_TOPICS_MS) sayTopics();
}

function start() {
  const wanted = document.querySelector("[data-live-topics], [data-live-link]");
  if (!wanted) return;
  if (started) {
    if (election.leading) carry();
    else sayTopics();
    const state = link;
    document.querySelectorAll("[data-live-link]").forEach((element) => delete element.dataset.state);
    link = "";
    setLink(state);
    return;
  }
  started = true;
  heardAt = performance.now();
  setLink("connecting");
  election.start();
  sayTopics();
}

function stop() {
  if (!started) return;
  started = false;
  say({ kind: "bye" });
  stream.close();
  election.stop();
}

setInterval(check, CHECK_MS);
window.addEventListener("pagehide", stop);
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  resyncDue = true;
  covered = new Set();
  start();
});
document.addEventListener("visibilitychange", check);
document.addEventListener("htmx:afterSettle", start);
start();
