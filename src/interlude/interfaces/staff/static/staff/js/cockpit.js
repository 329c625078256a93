// The page at the chair: the record's chart, what has been given by now, and the preview of another rate.
import { serverNow } from "../../design/js/ages.js";
import { numberText, put } from "./vitals.js";

const CHART_EVERY_MS = 5000;
const CHART_SOON_MS = 300;
const CHART_LEAST_MS = 2000;
const PREVIEW_AFTER_MS = 250;
const root = document.querySelector("[data-cockpit]");
const decimal = document.documentElement.dataset.decimal || ".";

// -- the chart: one request at a time, never more often than every two seconds ------------------------

let fetchedAt = -Infinity;
let timer = 0;
let due = Infinity;

function chartWithin(ms) {
  const at = Math.max(performance.now() + ms, fetchedAt + CHART_LEAST_MS);
  if (at >= due) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(fetchChart, Math.max(0, at - performance.now()));
}

async function fetchChart() {
  due = Infinity;
  fetchedAt = performance.now();
  const figure = document.getElementById("record-chart");
  try {
    const answer = await fetch(root.dataset.chartUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const data = await answer.json();
    data.height = chartHeight(figure);
    figure?.record?.update(data);
    if (data.levels) showLevels(data);
  } catch {
    // No link: the page's link state says so; the picture stays with its now line.
  }
}

// On a tablet the whole record stands on one screen, concentrations included.
function chartHeight(figure) {
  const top = figure ? figure.getBoundingClientRect().top + window.scrollY : 400;
  return Math.round(Math.min(640, Math.max(430, window.innerHeight - top - 24)));
}

function showLevels(data) {
  const stat = document.querySelector("[data-stat='ce']");
  if (!stat) return;
  put(stat, { text: numberText(Math.round(data.levels.ce)), state: "unknown", at: data.at });
  stat.querySelector("[data-cp]").textContent = numberText(Math.round(data.levels.cp));
}

document.body.addEventListener("interlude:vitals", () => chartWithin(CHART_EVERY_MS));
for (const name of ["rate", "phase", "event", "resync"]) document.body.addEventListener(`interlude:${name}`, () => chartWithin(CHART_SOON_MS));

// -- given until now ----------------------------------------------------------------------------------

function renewGiven() {
  const box = document.querySelector("[data-given]");
  if (!box) return;
  const hours = Math.max(0, (serverNow() - Date.parse(box.dataset.givenAt)) / 3600000);
  const grown = Number(box.dataset.givenUg) / 1000 + Number(box.dataset.rateMgPerH) * hours;
  box.querySelector("[data-given-mg]").textContent = grown.toFixed(1).replace(".", decimal);
  const perKg = box.querySelector("[data-given-mg-per-kg]");
  if (perKg && box.dataset.weightKg) perKg.textContent = (grown / Number(box.dataset.weightKg)).toFixed(2).replace(".", decimal);
  const ordered = Number(box.dataset.doseUg) / 1000;
  if (ordered && grown >= ordered && Number(box.dataset.rateMgPerH) > 0 && !document.querySelector("[data-dose-given]")) {
    document.getElementById("refetch")?.dispatchEvent(new CustomEvent("refetch"));
  }
  const clock = box.parentElement.querySelector("[data-given-clock]");
  if (clock) clock.hidden = true;
}

// -- the preview of another rate ------------------------------------------------------------------------

let previewTimer = 0;
let previewNumber = 0;

const formOf = (element) => element.closest?.("[data-rate-form]");

function prepare() {
  for (const form of document.querySelectorAll("[data-rate-form]:not([data-ready])")) {
    form.dataset.ready = "1";
    for (const steps of form.querySelectorAll("[data-steps]")) steps.hidden = false;
    if (form.querySelector(".preview")) continue;
    confirmable(form, "");
    // The form came back with a mistake in it: what the rate does is shown again beside it.
    if (rateInput(form).value.trim()) preview(form);
  }
}

function rateInput(form) {
  return form.elements.rate_mg_per_h;
}

function confirmable(form, sha256) {
  form.elements.preview_sha256.value = sha256;
  const button = form.querySelector("[data-confirm-rate]");
  const words = sha256 ? button.dataset.textSet : button.dataset.textShow;
  if (!words) return;
  const label = words.replace("{rate}", rateInput(form).value.trim());
  const icon = button.querySelector("svg");
  button.replaceChildren(...(icon ? [icon] : []), ` ${label}`);
}

async function preview(form) {
  const mine = ++previewNumber;
  const box = form.querySelector("[data-preview]");
  const value = rateInput(form).value.trim();
  if (!value) {
    box.replaceChildren();
    return;
  }
  const address = new URL(root.dataset.previewUrl, location.href);
  address.searchParams.set("rate_mg_per_h", value);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const data = await answer.json();
    if (mine !== previewNumber || rateInput(form).value.trim() !== value) return;
    if (!answer.ok) {
      const problem = document.createElement("p");
      problem.className = "field-error";
      problem.textContent = data.text;
      box.replaceChildren(problem);
      return;
    }
    const seen = form.elements.seen_version.value;
    box.innerHTML = data.html;
    // A preview of a newer state than the form shows cannot be confirmed on this page: the server says so.
    confirmable(form, String(data.version) === seen ? data.sha256 : "");
  } catch {
    box.replaceChildren();
  }
}

document.addEventListener("input", (event) => {
  const form = formOf(event.target);
  if (!form || event.target.name !== "rate_mg_per_h") return;
  confirmable(form, "");
  clearTimeout(previewTimer);
  previewTimer = setTimeout(() => preview(form), PREVIEW_AFTER_MS);
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  const form = step && formOf(step);
  if (!form) return;
  const input = rateInput(form);
  const typed = Number(input.value.trim().replace(",", "."));
  const from = input.value.trim() && Number.isFinite(typed) ? typed : Number(form.dataset.runningRate);
  const places = Math.max(...[step.dataset.step, form.dataset.runningRate].map((text) => (text.split(".")[1] || "").length));
  const next = Math.max(0, from + Number(step.dataset.step));
  input.value = String(Number(next.toFixed(places))).replace(".", decimal);
  form.closest("[data-guard]").dataset.dirty = "1";
  confirmable(form, "");
  clearTimeout(previewTimer);
  preview(form);
});

// An opened form comes into sight as a whole, above PAUSE and STOP.
document.addEventListener("click", (event) => {
  const details = event.target.closest("#rate-change > summary")?.parentElement;
  if (details && !details.open) requestAnimationFrame(() => details.scrollIntoView({ block: "start" }));
});

document.addEventListener("htmx:afterSettle", () => {
  prepare();
  renewGiven();
});
prepare();
renewGiven();
setInterval(renewGiven, 1000);
chartWithin(0);
