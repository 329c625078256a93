// Ages that count up by themselves. Two clocks that never help one another: how long a device was not heard
// (data-age-link) and how old a value is. Both are measured on the server's clock, corrected by its ticks.
//
// [data-age-at="ISO"]           the text of the element becomes its age
// data-fresh-s, data-stale-s    overdue from fresh, blanked from stale; the state stands as data-aged
//                               (fresh | overdue | stale) on the nearest [data-age-box]
// [data-age-value="112"]        in the box: shows "--" while stale, the value again when it is renewed
// [data-age-last]               in the box: the small last value while stale
// [data-phase-started="ISO"]    a phase clock counts up; [data-count-to="ISO"] counts down to an instant
const OFFSETS = 10;
const root = document.documentElement;
const offsets = [];
let offset = root.dataset.serverNow ? Date.parse(root.dataset.serverNow) - (Date.now() - performance.now()) - firstByte() : 0;

function firstByte() {
  return performance.getEntriesByType("navigation")[0]?.responseStart || 0;
}

const words = { s: "{count} s", min: "{count} min", h: "{count} h", d: ["{count} day", "{count} days"], last: "last {value}", overdue: "Overdue", ...readWords() };
const say = (template, count) => template.replace("{count}", Math.floor(count));

function readWords() {
  try {
    return JSON.parse(document.getElementById("age-words")?.textContent || "{}");
  } catch {
    return {};
  }
}

export function serverNow() {
  return Date.now() + offset;
}

// The reply that travelled fastest tells the clocks' difference best: the largest of the last ten.
document.body.addEventListener("interlude:tick", (event) => {
  const at = Date.parse(event.detail.at);
  if (Number.isNaN(at)) return;
  offsets.push(at - Date.now());
  if (offsets.length > OFFSETS) offsets.shift();
  offset = Math.max(...offsets);
});

export function ageText(seconds) {
  if (seconds < 60) return say(words.s, seconds);
  if (seconds < 3600) return say(words.min, seconds / 60);
  if (seconds < 48 * 3600) return say(words.h, seconds / 3600);
  const days = Math.floor(seconds / 86400);
  return say(words.d[days === 1 ? 0 : 1], days);
}

function clockText(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.floor(Math.abs(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60].map(String);
  return sign + (h === "0" ? `${m.padStart(2, "0")}:${s.padStart(2, "0")}` : `${h}:${m.padStart(2, "0")}:${s.padStart(2, "0")}`);
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function renewAge(element, now) {
  const at = Date.parse(element.dataset.ageAt);
  if (Number.isNaN(at)) return;
  const seconds = Math.max(0, (now - at) / 1000);
  put(element, ageText(seconds));
  if (!element.dataset.freshS) return;
  const fresh = Number(element.dataset.freshS);
  const stale = Number(element.dataset.staleS) || 2 * fresh;
  const state = seconds >= stale ? "stale" : seconds >= fresh ? "overdue" : "fresh";
  const box = element.closest("[data-age-box]") || element;
  if (box.dataset.aged !== state) {
    box.dataset.aged = state;
    box.dispatchEvent(new CustomEvent("interlude:aged", { bubbles: true, detail: { state } }));
  }
  const value = box.querySelector("[data-age-value]");
  if (!value) return;
  put(value, state === "stale" ? "--" : value.dataset.ageValue);
  const last = box.querySelector("[data-age-last]");
  if (!last) return;
  last.hidden = state === "fresh";
  if (state === "overdue") put(last, words.overdue);
  if (state === "stale") put(last, words.last.replace("{value}", value.dataset.ageValue));
}

function renew() {
  const now = serverNow();
  for (const element of document.querySelectorAll("[data-age-at]")) renewAge(element, now);
  for (const phase of document.querySelectorAll("[data-phase-started]")) {
    const seconds = (now - Date.parse(phase.dataset.phaseStarted)) / 1000;
    put(phase.querySelector("[data-phase-clock]"), clockText(seconds));
    const bar = phase.querySelector("progress");
    if (bar) bar.value = Math.min(bar.max, seconds);
  }
  for (const element of document.querySelectorAll("[data-count-to]")) {
    const seconds = Math.round((Date.parse(element.dataset.countTo) - now) / 1000);
    put(element, clockText(seconds));
    element.dataset.due = seconds < 0 ? "over" : "";
  }
}

renew();
setInterval(renew, 1000);
document.addEventListener("htmx:afterSettle", renew);
document.addEventListener("visibilitychange", renew);
