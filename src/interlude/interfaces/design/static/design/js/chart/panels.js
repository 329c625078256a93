// Where everything goes: panels stacked over one time axis, as plain numbers for both the canvas and the SVG.
const RANGES = { bp: [40, 200], hr: [40, 140], spo2: [85, 100], rr: [0, 30] };
const WEIGHTS = { bars: 1.7, dots: 1.15, line: 1.3, rate: 1, forecast: 1.55 };
const UNIT_PX = 84;
const GAP_PX = 25;
const LANE_PX = 54;
const AXIS_PX = 40;
const DEFAULT_WINDOW_S = 3900;

export function layout(data, width) {
  const narrow = width < 560;
  const box = { left: narrow ? 34 : 46, right: width - (narrow ? 58 : 92), top: LANE_PX };
  const panels = collect(data);
  const weights = panels.reduce((sum, panel) => sum + panel.weight, 0);
  const gaps = GAP_PX * panels.length;
  const height = data.height || Math.round(weights * UNIT_PX + gaps + LANE_PX + AXIS_PX);
  const unit = (height - gaps - LANE_PX - AXIS_PX) / (weights || 1);
  let y = LANE_PX;
  for (const panel of panels) {
    panel.top = y + GAP_PX;
    panel.bottom = panel.top + panel.weight * unit;
    y = panel.bottom;
    const [low, high] = panel.range;
    panel.y = (value) => panel.bottom - ((value - low) / (high - low || 1)) * (panel.bottom - panel.top);
    panel.ticks = steps(low, high, (panel.bottom - panel.top) / 26);
  }
  const [from, to] = windowOf(data);
  const x = (t) => box.left + ((t - from) / (to - from)) * (box.right - box.left);
  const minutes = minuteStep((to - from) / 60, box.right - box.left);
  const times = [];
  for (let t = Math.ceil(from / 60 / minutes) * minutes * 60; t <= to; t += minutes * 60) times.push(t);
  return { width, height, box, panels, x, from, to, times, narrow, bottom: y, lane: LANE_PX };
}

function collect(data) {
  const panels = new Map();
  for (const series of data.series || []) {
    const id = series.panel || series.id;
    if (!panels.has(id)) panels.set(id, { id, series: [], units: new Set(), weight: 0, range: null });
    const panel = panels.get(id);
    panel.series.push(series);
    panel.units.add(series.unit);
    panel.weight = Math.max(panel.weight, WEIGHTS[series.kind] || 1);
    panel.range ||= series.range || RANGES[series.id] || null;
  }
  for (const panel of panels.values()) panel.range ||= fit(panel.series.flatMap((series) => series.points.flatMap((point) => point.slice(1))));
  if (data.rate) {
    const { segments = [], planned = [] } = data.rate;
    const range = data.rate.range || fit([0, ...[...segments, ...planned].map((segment) => segment.value)]);
    panels.set("rate", { id: "rate", rate: data.rate, series: [], units: new Set([data.rate.unit]), weight: WEIGHTS.rate, range });
  }
  if (data.forecast) {
    const values = data.forecast.lines.flatMap((line) => [...(line.past || []), ...(line.future || [])].map((point) => point[1]));
    panels.set("forecast", { id: "forecast", forecast: data.forecast, series: [], units: new Set([data.forecast.unit]), weight: WEIGHTS.forecast, range: data.forecast.range || fit([0, ...values]) });
  }
  const list = [...panels.values()];
  for (const panel of list) panel.limits = (data.limits || []).filter((limit) => limit.panel === panel.id);
  return list;
}

// New data shifts the window by whole steps; it never changes the scale.
function windowOf(data) {
  if (data.from_s != null && data.to_s != null) {
    const over = data.now_s - (data.to_s - 120);
    const shift = over > 0 ? Math.ceil(over / 300) * 300 : 0;
    return [data.from_s + shift, data.to_s + shift];
  }
  const end = Math.max(DEFAULT_WINDOW_S - 300, Math.ceil((data.now_s + 900) / 300) * 300);
  return [end - DEFAULT_WINDOW_S, end];
}

function fit(values) {
  const numbers = values.filter((value) => value != null);
  if (!numbers.length) return [0, 1];
  const high = Math.max(...numbers);
  const low = Math.min(...numbers);
  const step = niceStep((high - low || Math.abs(high) || 1) / 4);
  return [Math.floor(low / step) * step, Math.ceil((high + step * 0.2) / step) * step];
}

function niceStep(raw) {
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
}

function steps(low, high, most) {
  const step = niceStep((high - low) / Math.max(1, Math.min(6, most)));
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) ticks.push(Number(value.toPrecision(12)));
  return ticks;
}

function minuteStep(minutes, pixels) {
  return [1, 2, 5, 10, 15, 30, 60, 120].find((step) => (pixels / minutes) * step >= 58) || 240;
}
