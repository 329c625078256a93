// Parts of a page that the server renews while people type: nothing typed is ever lost, nothing is sent twice unseen.
//
// [data-guard]          a part in which somebody has typed is not replaced by a live update, only by its own answer;
//                       [data-stale-note] in it appears when an update was held back
// form[data-touch-time] its input event_at gets the moment of the touch-down (server's clock), not of the arrival
// [data-save-state]     Saved, Saving, or that nothing was saved
import { serverNow } from "../../design/js/ages.js";

const TOUCH_KEPT_MS = 10000;
const touched = new WeakMap();

document.addEventListener("input", (event) => {
  const guard = event.target.closest("[data-guard]");
  if (guard && event.isTrusted) guard.dataset.dirty = "1";
});

// What somebody has opened to type into stays open.
document.addEventListener("click", (event) => {
  const details = event.target.closest("[data-guard] summary")?.parentElement;
  const guard = details?.closest("[data-guard]");
  if (guard && details.matches("details")) details.open ? delete guard.dataset.dirty : (guard.dataset.dirty = "1");
});

// A message beside a field stays until its form is sent again.
function keepMessages() {
  for (const guard of document.querySelectorAll("[data-guard]:has(.error-summary, [aria-invalid='true'])")) guard.dataset.dirty = "1";
}
document.addEventListener("htmx:afterSettle", keepMessages);
keepMessages();

document.addEventListener("pointerdown", (event) => {
  const form = event.target.closest("form[data-touch-time]");
  if (form) touched.set(form, Date.now());
});

// Before htmx or the browser reads the form: capture.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-touch-time]")) return;
    const touch = touched.get(form);
    const since = touch && Date.now() - touch < TOUCH_KEPT_MS ? Date.now() - touch : 0;
    form.elements.event_at.value = new Date(serverNow() - since).toISOString();
    touched.delete(form);
  },
  true,
);

// -- what the server answers ------------------------------------------------------------------------

// A part whose form is on its way waits for its own answer: were it replaced meanwhile, the answer would find nothing.
const partOf = (element) => element?.closest?.("[data-guard], [id^='part-']");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") partOf(event.detail.elt)?.setAttribute("data-sending", "");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") partOf(event.detail.elt)?.removeAttribute("data-sending");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig?.verb !== "post") return;
  partOf(requestConfig.elt)?.removeAttribute("data-sending");
  if (xhr.status < 300 || xhr.status === 422) {
    const guard = requestConfig.elt.closest("[data-guard]");
    if (guard) delete guard.dataset.dirty;
  }
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const target = event.detail.target;
  if (target?.matches?.("[data-sending]")) event.detail.shouldSwap = false;
  if (!target?.matches?.("[data-guard][data-dirty]")) return;
  // What cannot be done any more takes its form away with it.
  if (!event.detail.fragment?.querySelector?.("form")) return;
  event.detail.shouldSwap = false;
  const shown = target.querySelector("[name=seen_version]")?.value;
  const fresh = event.detail.fragment?.querySelector?.("[name=seen_version]")?.value;
  if (shown && fresh && shown !== fresh) {
    const note = target.querySelector("[data-stale-note]");
    if (note) note.hidden = false;
  }
});

// -- saved or not -----------------------------------------------------------------------------------

let waiting = 0;

function state(name) {
  for (const element of document.querySelectorAll("[data-save-state]")) {
    element.dataset.state = { saved: "live", saving: "connecting", lost: "lost" }[name];
    element.querySelector("[data-save-text]").textContent = element.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`];
  }
}

let current = "saved";
function become(name) {
  current = name;
  state(name);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb !== "post") return;
  waiting += 1;
  become("saving");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb !== "post") return;
  waiting = Math.max(0, waiting - 1);
  const status = event.detail.xhr?.status || 0;
  const saved = status >= 200 && status < 300;
  if (saved) become(waiting ? "saving" : "saved");
  else become(status === 422 ? "saved" : "lost");
});
document.addEventListener("htmx:afterSettle", () => {
  if (current !== "saved") state(current);
});

// A link of the list of what is due opens the form that it leads to.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.getAttribute("href").slice(1));
  if (target?.matches("details")) target.open = true;
});
