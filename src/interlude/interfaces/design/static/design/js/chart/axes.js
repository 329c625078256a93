// Axes, labels, event marks: crisp, themed by the stylesheet, and drawn again only as text.
import { at as valueAt, clock, latest, show } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LETTER_PX = 6.3;
const SYMBOLS = {
  bp: ["M-4-5h8M0-5v10M-4 5h8", true],
  hr: ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", false],
  spo2: ["M0-5L5 0L0 5L-5 0z", false],
  rr: ["M0-5L5 4H-5z", true],
  ce: ["M-6 0H6", true],
  cp: ["M-6 0H6", true],
  rate: ["M-5 5V0H0V-4H5V5z", false],
};

function text(parent, x, y, words, css, anchor) {
  const node = document.createElementNS(SVG, "text");
  node.setAttribute("x", x.toFixed(1));
  node.setAttribute("y", y.toFixed(1));
  if (css) node.setAttribute("class", css);
  if (anchor) node.setAttribute("text-anchor", anchor);
  node.textContent = words;
  parent.append(node);
  return node;
}

function symbol(parent, id, x, y) {
  const [path, hollow] = SYMBOLS[id] || SYMBOLS.hr;
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", path);
  node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  node.setAttribute("class", `tone tone-${id}${hollow ? " tone-hollow" : ""}`);
  parent.append(node);
}

// The values of now beside the panel: what they are by symbol, their size by the number.
function beside(group, x, y, id, words) {
  symbol(group, id, x + 5, y - 4);
  text(group, x + 15, y, words, "now-label");
}

export function drawAxes(svg, plan, data, words) {
  const group = document.createElementNS(SVG, "g");
  for (const panel of plan.panels) panelWords(group, plan, panel, data, words);
  timeWords(group, plan, data, words);
  eventWords(group, plan, data);
  const at = plan.x(data.now_s);
  if (at >= plan.box.left && at <= plan.box.right) text(group, at, 12, words.textNow, "now-label", "middle");
  svg.replaceChildren(group);
}

function panelWords(group, plan, panel, data, words) {
  const { box } = plan;
  let width = 0;
  for (const one of namesOf(panel)) {
    const title = `${one.label} ${one.unit}`;
    symbol(group, one.id, box.left + width + 5, panel.top - 10);
    text(group, box.left + width + 14, panel.top - 6, title, "panel-label");
    width += title.length * (LETTER_PX + 1.2) + 30;
  }
  for (const limit of panel.limits) {
    const label = `${limit.label} ${limit.from}–${limit.to}`;
    if (!plan.narrow && width + label.length * LETTER_PX < box.right - box.left) text(group, box.left + width, panel.top - 6, label, "tick-label");
  }
  for (const value of panel.ticks) {
    // No tick of a panel may touch the words of its neighbours.
    text(group, box.left - 6, panel.y(value) + 4, show(value), "tick-label", "end");
  }
  const x = box.right + 8;
  if (panel.rate) {
    const running = latest(panel.rate.segments, data.now_s);
    beside(group, x, (panel.top + panel.bottom) / 2 + 4, "rate", running === null ? "--" : show(running));
    return;
  }
  if (panel.forecast) {
    panel.forecast.lines.forEach((line, index) => {
      const value = valueAt(line.past, data.now_s);
      beside(group, x, panel.top + 14 + index * 20, line.id, value === null ? "--" : show(value, 0));
    });
    keys(group, panel, box.left + width, words, plan.narrow);
    return;
  }
  panel.series.forEach((series, index) => {
    const point = series.points.at(-1);
    const value = !point || point[1] == null ? "--" : point.slice(1, series.kind === "bars" ? 3 : 2).map((one) => show(one, series.places ?? 0)).join("/");
    beside(group, x, (panel.top + panel.bottom) / 2 + 4 + index * 18, series.id, value);
  });
}

// The key of the line styles, beside the panel's name.
function keys(group, panel, left, words, narrow) {
  const line = panel.forecast.lines[0];
  let x = left;
  for (const [points, dash, label] of [[line.future, "6 4", words.textForecast], [line.if_stopped, "1.5 4", words.textStopped]]) {
    if (!points?.length || narrow) continue;
    const sample = document.createElementNS(SVG, "path");
    sample.setAttribute("d", `M${x} ${panel.top - 10}h26`);
    sample.setAttribute("stroke-dasharray", dash);
    sample.setAttribute("class", `tone tone-hollow tone-${line.id}`);
    group.append(sample);
    text(group, x + 32, panel.top - 6, label, "tick-label");
    x += 44 + label.length * LETTER_PX;
  }
}

// What a panel shows: its label, unit and the symbol that stands for it.
function namesOf(panel) {
  if (panel.rate) return [{ id: "rate", label: panel.rate.label, unit: panel.rate.unit }];
  if (!panel.forecast) return panel.series;
  return panel.forecast.lines.map((line) => ({ id: line.id, label: line.label, unit: panel.forecast.unit }));
}

function timeWords(group, plan, data, words) {
  const start = new Date(data.start_at);
  const y = plan.bottom + 16;
  let free = -Infinity;
  for (const t of plan.times) {
    const at = plan.x(t);
    if (at < free) continue;
    text(group, at, y, String(Math.round(t / 60)).replace("-", "−"), "", "middle");
    text(group, at, y + 16, clock(start, t), "tick-label", "middle");
    free = at + 44;
  }
  text(group, plan.box.left - 6, y, words.textMin, "tick-label", "end");
}

function eventWords(group, plan, data) {
  const rows = [-Infinity, -Infinity];
  for (const event of data.events || []) {
    const at = plan.x(event.t);
    if (at < plan.box.left || at > plan.box.right) continue;
    const mark = document.createElementNS(SVG, "path");
    mark.setAttribute("d", event.kind === "symptom" ? "M-4-4h8v8h-8z" : event.kind === "note" ? "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0" : "M-5-4h10L0 4z");
    mark.setAttribute("transform", `translate(${at.toFixed(1)} ${plan.lane - 1})`);
    mark.setAttribute("fill", "currentColor");
    const title = document.createElementNS(SVG, "title");
    title.textContent = `${event.label} ${Math.round(event.t / 60)}`;
    mark.append(title);
    group.append(mark);
    const row = rows.findIndex((end) => end < at);
    if (row < 0) continue;
    const width = event.label.length * LETTER_PX + 10;
    const end = Math.min(at + width, plan.box.right + 80);
    text(group, at - 4, plan.lane - 10 - row * 14, event.label, "event-label");
    rows[row] = end;
  }
}
