// Axes, labels, event marks: crisp, themed by the stylesheet, and drawn again only as text.
import { at as valueAt, clock, latest, show } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LETTER_PX = 6.3;

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

export function drawAxes(svg, plan, data, words) {
  const group = document.createElementNS(SVG, "g");
  for (const panel of plan.panels) panelWords(group, plan, panel, data, words);
  timeWords(group, plan, data, words);
  eventWords(group, plan, data);
  const at = plan.x(data.now_s);
  if (at >= plan.box.left && at <= plan.box.right) text(group, at, plan.lane - 10, words.textNow, "now-label", "middle");
  svg.replaceChildren(group);
}

function panelWords(group, plan, panel, data, words) {
  const { box } = plan;
  const names = panel.rate ? [panel.rate] : panel.forecast ? [panel.forecast] : panel.series;
  const title = names.map((one) => `${one.label || one.lines?.map((line) => line.label).join(", ")} ${one.unit}`).join("   ");
  text(group, box.left, panel.top - 6, title, "panel-label");
  for (const limit of panel.limits) {
    const width = title.length * (LETTER_PX + 1) + 14;
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
    text(group, x, (panel.top + panel.bottom) / 2 + 4, running === null ? "--" : show(running), "now-label");
    return;
  }
  if (panel.forecast) {
    panel.forecast.lines.forEach((line, index) => {
      const value = valueAt(line.past, data.now_s);
      text(group, x, panel.top + 14 + index * 34, `${line.label} ${value === null ? "--" : show(value, 0)}`, "now-label");
      if (line.if_stopped?.length && !plan.narrow) text(group, x, panel.top + 30 + index * 34, words.textStopped, "tick-label");
    });
    return;
  }
  panel.series.forEach((series, index) => {
    const point = series.points.at(-1);
    const value = !point || point[1] == null ? "--" : point.slice(1, series.kind === "bars" ? 3 : 2).map((one) => show(one, series.places ?? 0)).join("/");
    text(group, x, (panel.top + panel.bottom) / 2 + 4 + index * 18, value, "now-label");
  });
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
  text(group, plan.box.right + 8, y, words.textMin, "tick-label");
}

function eventWords(group, plan, data) {
  const rows = [-Infinity, -Infinity];
  for (const event of data.events || []) {
    const at = plan.x(event.t);
    if (at < plan.box.left || at > plan.box.right) continue;
    const mark = document.createElementNS(SVG, "path");
    mark.setAttribute("d", event.kind === "symptom" ? "M-4-4h8v8h-8z" : event.kind === "note" ? "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0" : "M-5-4h10L0 4z");
    mark.setAttribute("transform", `translate(${at.toFixed(1)} ${plan.lane + 2})`);
    mark.setAttribute("fill", "currentColor");
    const title = document.createElementNS(SVG, "title");
    title.textContent = `${event.label} ${Math.round(event.t / 60)}`;
    mark.append(title);
    group.append(mark);
    const row = rows.findIndex((end) => end < at);
    if (row < 0) continue;
    const width = event.label.length * LETTER_PX + 10;
    const end = Math.min(at + width, plan.box.right + 80);
    text(group, at - 4, plan.lane - 8 - row * 14, event.label, "event-label");
    rows[row] = end;
  }
}
