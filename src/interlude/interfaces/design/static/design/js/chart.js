// The anaesthesia record: time on x shared by stacked panels. Canvas for traces, SVG for axes and words, a table for
// everybody who does not see it.
//
// <figure data-chart data-chart-data="ID of a JSON script" | data-chart-src="URL of the same JSON">, made by
// {% chart data id= src= title= %}. With a URL the data is fetched again when the figure hears `interlude:changed`
// (data-live-topics on the figure) and when the page hears `interlude:resync`. From script: figure.record.update(data).
//
// Format (times in seconds from the start of the session, may be negative; values in the unit of their series):
// {
//   "start_at": "2026-03-12T10:18:00+01:00",  wall clock of second 0 (with offset)
//   "now_s": 1450,                            the server's now
//   "running": true,                          optional: the now line moves with the server's clock
//   "from_s": -300, "to_s": 3600,             optional: shown window; without it 65 minutes that shift with now
//   "height": 560,                            optional: CSS pixels
//   "series": [{"id": "bp", "panel": "bp", "kind": "bars", "label": "BP", "unit": "mmHg", "range": [40, 200],
//               "places": 0, "points": [[t, systolic, diastolic], ...]},
//              {"id": "hr", "panel": "hr", "kind": "dots", "label": "HR", "unit": "/min", "points": [[t, v], ...]}],
//       id: bp, hr, spo2, rr choose colour and symbol (others get the neutral one); kind: bars | dots | line;
//       panel: series with the same panel share one; v null = not measured, breaks the line; "gap_s" (default 90):
//       a longer silence breaks the line; range: fixed scale (defaults exist for the four ids).
//   "rate": {"label": "Rate", "unit": "mg/h", "range": [0, 80],
//            "segments": [{"from_s": 0, "to_s": 720, "value": 52.5}, {"from_s": 780, "to_s": null, "value": 45}],
//            "planned": [{"from_s": 1450, "to_s": 2400, "value": 45}]},         to_s null = still running
//   "forecast": {"label": "Ce", "unit": "ng/mL", "range": [0, 200],
//                "lines": [{"id": "ce", "label": "Ce", "past": [[t, v]], "future": [[t, v]], "if_stopped": [[t, v]]}]},
//   "events": [{"t": 540, "label": "Nausea", "kind": "symptom" | "action" | "note"}],
//   "limits": [{"panel": "bp", "from": 90, "to": 160, "label": "Protocol limits, systolic"}]
// }
import { layout } from "./chart/panels.js";
import { drawAxes } from "./chart/axes.js";
import { drawTraces } from "./chart/traces.js";
import { describe, fillTable } from "./chart/words.js";

const SVG = "http://www.w3.org/2000/svg";

class RecordChart {
  constructor(figure) {
    this.figure = figure;
    this.data = null;
    this.stage = document.createElement("div");
    this.stage.className = "chart-stage";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.stage.append(this.canvas, this.svg);
    this.summary = document.createElement("p");
    this.summary.className = "chart-summary";
    this.table = document.createElement("details");
    this.table.className = "details chart-table";
    const title = document.createElement("summary");
    title.textContent = figure.dataset.textTable;
    this.table.append(title);
    this.table.addEventListener("toggle", () => this.fillTable());
    figure.append(this.stage, this.summary, this.table);
    new ResizeObserver(() => this.draw()).observe(this.stage);
    figure.addEventListener("interlude:changed", () => this.fetch());
    this.load();
  }

  load() {
    const inline = this.figure.dataset.chartData && document.getElementById(this.figure.dataset.chartData);
    if (inline) this.update(JSON.parse(inline.textContent));
    else this.fetch();
  }

  // One request at a time; a change during a request is fetched right after it.
  async fetch() {
    const url = this.figure.dataset.chartSrc;
    if (!url) return;
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok) this.update(await answer.json());
    } catch {
      // No link: the page's link state says so, the last picture stays with its now line.
    } finally {
      this.fetching = false;
      if (this.again) {
        this.again = false;
        this.fetch();
      }
    }
  }

  update(data) {
    this.data = data;
    this.draw();
    this.summary.textContent = describe(data, this.figure.dataset);
    this.fillTable();
  }

  fillTable() {
    if (this.data && this.table.open) fillTable(this.table, this.data, this.figure.dataset);
  }

  // The now line follows the server's clock between two updates.
  tick(serverMs) {
    if (!this.data?.running) return;
    const now = (serverMs - Date.parse(this.data.start_at)) / 1000;
    if (now <= this.data.now_s) return;
    this.data.now_s = now;
    this.draw();
  }

  draw() {
    const width = this.stage.clientWidth;
    if (!this.data || !width) return;
    const plan = layout(this.data, width);
    if (this.height !== plan.height) {
      this.height = plan.height;
      // Set through the object model: allowed by a policy without inline styles.
      this.stage.style.height = `${plan.height}px`;
    }
    const ratio = window.devicePixelRatio || 1;
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(plan.height * ratio)];
    if (this.canvas.width !== pixelsX || this.canvas.height !== pixelsY) {
      this.canvas.width = pixelsX;
      this.canvas.height = pixelsY;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, plan.height);
    const style = getComputedStyle(this.figure);
    const colour = (name) => style.getPropertyValue(name).trim();
    drawTraces(context, plan, this.data, colour);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${plan.height}`);
    drawAxes(this.svg, plan, this.data, this.figure.dataset);
  }
}

const charts = new Set();

function find() {
  for (const chart of charts) if (!chart.figure.isConnected) charts.delete(chart);
  for (const figure of document.querySelectorAll("[data-chart]")) {
    if (figure.record) continue;
    figure.record = new RecordChart(figure);
    charts.add(figure.record);
  }
}

const redraw = () => charts.forEach((chart) => chart.draw());
document.addEventListener("interlude:mode", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
document.addEventListener("htmx:afterSettle", find);
document.body.addEventListener("interlude:resync", () => charts.forEach((chart) => chart.fetch()));
document.body.addEventListener("interlude:tick", (event) => charts.forEach((chart) => chart.tick(Date.parse(event.detail.at))));
find();
