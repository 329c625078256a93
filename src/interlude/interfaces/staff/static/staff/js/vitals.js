// Numbers from the stream to the screen, before the server is asked for anything.
//
// A page says whose numbers an element holds: data-vitals-of="SESSION" around elements with data-stat="heart_rate"
// (nibp for both pressures), each an age box of ages.js. Which bounds a number has stands in <script id="vital-rules">
// (or id="vital-rules-SESSION" on a page with several): {kind: {places, fresh_s, stale_s, urgent: [[op, n]], advisory}}.
// A kind without bounds, and a value that the device itself calls questionable, is of unknown state, never normal.
import { ageText, serverNow } from "../../design/js/ages.js";

const PRESSURES = { nibp_sys: 0, nibp_dia: 1 };
const RANK = ["normal", "unknown", "outside", "critical"];
const DOUBTFUL = ["questionable", "early"];
const decimal = document.documentElement.dataset.decimal || ".";
const pressures = new Map();

const crossed = {
  above: (value, bound) => value > bound,
  at_least: (value, bound) => value >= bound,
  below: (value, bound) => value < bound,
  at_most: (value, bound) => value <= bound,
};

export function stateOf(rule, value, flags = []) {
  if (!rule || (!rule.urgent?.length && !rule.advisory?.length) || flags.some((flag) => DOUBTFUL.includes(flag))) return "unknown";
  const over = (bounds) => (bounds || []).some(([operator, bound]) => crossed[operator](value, bound));
  if (over(rule.urgent)) return "critical";
  return over(rule.advisory) ? "outside" : "normal";
}

export function numberText(value, places = 0) {
  const number = Number(value);
  const text = number.toFixed(Number.isInteger(number) ? 0 : places);
  return text.replace(".", decimal);
}

function rulesOf(session) {
  const script = document.getElementById(`vital-rules-${session}`) || document.getElementById("vital-rules");
  try {
    return JSON.parse(script?.textContent || "{}");
  } catch {
    return {};
  }
}

function receive(message) {
  const session = (message.topic || "").split(":")[1];
  const boxes = [...document.querySelectorAll(`[data-vitals-of="${CSS.escape(session || "")}"]`)];
  if (!boxes.length) return;
  heard(boxes, message);
  const rules = rulesOf(session);
  const values = message.data?.values || [];
  for (const value of values) if (!(value.kind in PRESSURES)) place(boxes, value.kind, one(value, rules));
  const both = pressure(session, values, rules);
  if (both) place(boxes, "nibp", both);
}

// The link's own clock: something was heard from the chair's monitor now.
function heard(boxes, message) {
  if (!message.data?.values?.some((value) => value.source === "monitor")) return;
  for (const box of boxes) {
    const feeds = box.querySelectorAll("[data-feed] [data-age-link]");
    if (feeds.length === 1) feeds[0].dataset.ageAt = message.at;
    else box.querySelector("#refetch")?.dispatchEvent(new CustomEvent("refetch"));
  }
}

function one(value, rules) {
  const rule = rules[value.kind];
  return { text: numberText(value.value, rule?.places), state: stateOf(rule, Number(value.value), value.flags), at: value.seen_at, rule, source: value.source };
}

// Upper and lower pressure belong together only when they are of the same measurement.
function pressure(session, values, rules) {
  const found = values.filter((value) => value.kind in PRESSURES);
  if (!found.length) return null;
  const held = pressures.get(session) || {};
  for (const value of found) held[value.kind] = value;
  pressures.set(session, held);
  const { nibp_sys: upper, nibp_dia: lower } = held;
  if (!upper || !lower || Math.abs(Date.parse(upper.observed_at) - Date.parse(lower.observed_at)) > 60000) return null;
  const states = [one(upper, rules), one(lower, rules)];
  const worse = states.reduce((a, b) => (RANK.indexOf(b.state) > RANK.indexOf(a.state) ? b : a));
  return { ...worse, text: `${states[0].text}/${states[1].text}` };
}

function place(boxes, name, shown) {
  for (const box of boxes) for (const stat of box.querySelectorAll(`[data-stat="${name}"]`)) put(stat, shown);
}

export function put(stat, { text, state, at, rule, source }) {
  const held = stat.querySelector("[data-age-at]")?.dataset.ageAt;
  if (held && Date.parse(held) > Date.parse(at)) return; // a late value never replaces a newer one
  const value = stat.querySelector("[data-age-value]");
  value.dataset.ageValue = text;
  if (value.textContent !== text) value.textContent = text;
  stat.dataset.length = text.includes("/") ? 5 : Math.min(5, Math.max(3, text.length));
  stat.dataset.aged = "fresh";
  age(stat, at, rule, source);
  const last = stat.querySelector("[data-age-last]");
  if (last) last.hidden = true;
  say(stat, state);
}

function age(stat, at, rule, source) {
  let element = stat.querySelector(".age");
  if (!element.dataset.ageAt) {
    const output = document.createElement("output");
    output.className = "age";
    output.setAttribute("aria-live", "off");
    element.replaceWith(output);
    element = output;
  }
  element.dataset.ageAt = at;
  if (rule) {
    const feed = source === "monitor" && rule.continuous;
    element.dataset.freshS = feed ? rule.fresh_s : rule.interval_s;
    element.dataset.staleS = feed ? rule.stale_s : 2 * rule.interval_s;
  }
  const text = ageText(Math.max(0, (serverNow() - Date.parse(at)) / 1000));
  if (element.textContent !== text) element.textContent = text;
}

function say(stat, state) {
  if (stat.dataset.state === state && stat.dataset.live) return;
  stat.dataset.state = state;
  stat.dataset.live = "1";
  const words = document.querySelector(`template[data-state-words="${state}"]`);
  const line = stat.querySelector(".stat-state");
  if (!line || !words) return;
  const last = line.querySelector("[data-age-last]");
  line.replaceChildren(words.content.cloneNode(true), ...(last ? [last] : []));
}

document.body.addEventListener("interlude:vitals", (event) => receive(event.detail));
