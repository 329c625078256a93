// The traces: bars, dots, steps and lines on the canvas. Straight segments only; a silence breaks the line.
const DEFAULT_GAP_S = 90;
const MARK_SPACING_PX = 11;
const LINE_PX = 1.5;
const MARK_PX = 3.4;

export function drawTraces(context, plan, data, colour) {
  const { box, x } = plan;
  context.strokeStyle = colour("--grid-strong");
  context.lineWidth = 1;
  for (const event of data.events || []) line(context, Math.round(x(event.t)) + 0.5, plan.lane + 4, plan.bottom, plan, [1, 4]);
  for (const panel of plan.panels) {
    for (const limit of panel.limits) {
      context.fillStyle = colour("--band");
      const top = Math.max(panel.y(limit.to), panel.top);
      context.fillRect(box.left, top, box.right - box.left, Math.min(panel.y(limit.from), panel.bottom) - top);
    }
    grid(context, plan, panel, colour);
    context.save();
    context.beginPath();
    context.rect(box.left, panel.top - 6, box.right - box.left, panel.bottom - panel.top + 12);
    context.clip();
    if (panel.rate) rate(context, plan, panel, data, colour);
    if (panel.forecast) forecast(context, plan, panel, colour);
    for (const series of panel.series) {
      const paint = colour(`--series-${series.id}`) || colour("--ink-2");
      context.strokeStyle = context.fillStyle = paint;
      if (series.kind === "bars") bars(context, plan, panel, series);
      else dots(context, plan, panel, series, colour);
    }
    context.restore();
  }
  context.strokeStyle = colour("--ink-2");
  context.lineWidth = 1.5;
  line(context, x(data.now_s), 16, plan.bottom, plan, []);
}

function line(context, at, top, bottom, { box }, dash) {
  if (at < box.left || at > box.right) return;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(at, top);
  context.lineTo(at, bottom);
  context.stroke();
  context.setLineDash([]);
}

function grid(context, plan, panel, colour) {
  context.lineWidth = 1;
  context.strokeStyle = colour("--grid");
  context.beginPath();
  for (const t of plan.times) {
    const at = Math.round(plan.x(t)) + 0.5;
    context.moveTo(at, panel.top);
    context.lineTo(at, panel.bottom);
  }
  // Two units in one panel have no horizontal lines in common.
  for (const value of panel.units.size > 1 ? [] : panel.ticks) {
    const at = Math.round(panel.y(value)) + 0.5;
    context.moveTo(plan.box.left, at);
    context.lineTo(plan.box.right, at);
  }
  context.stroke();
  context.strokeStyle = colour("--grid-strong");
  context.strokeRect(plan.box.left + 0.5, Math.round(panel.top) + 0.5, plan.box.right - plan.box.left - 1, Math.round(panel.bottom - panel.top) - 1);
}

// Systolic and diastolic are the ends of one bar; bars are not joined across time.
function bars(context, plan, panel, series) {
  const half = Math.max(3, Math.min(6, (plan.x(300) - plan.x(0)) / 5));
  context.lineWidth = 2;
  context.beginPath();
  for (const [t, high, low] of series.points) {
    if (high == null || low == null) continue;
    const at = plan.x(t);
    const [top, bottom] = [panel.y(high), panel.y(low)];
    context.moveTo(at - half, top);
    context.lineTo(at + half, top);
    context.moveTo(at, top);
    context.lineTo(at, bottom);
    context.moveTo(at - half, bottom);
    context.lineTo(at + half, bottom);
  }
  context.stroke();
}

function dots(context, plan, panel, series, colour) {
  const gap = series.gap_s || DEFAULT_GAP_S;
  const shown = series.points.filter(([t]) => t >= plan.from && t <= plan.to);
  context.lineWidth = LINE_PX;
  context.beginPath();
  let last = null;
  for (const [t, value] of shown) {
    if (value == null) {
      last = null;
      continue;
    }
    const y = clamp(panel, value);
    if (last === null || t - last > gap) context.moveTo(plan.x(t), y);
    else context.lineTo(plan.x(t), y);
    last = t;
  }
  context.stroke();
  if (series.kind === "line") return;
  let free = -Infinity;
  shown.forEach(([t, value], index) => {
    const at = plan.x(t);
    if (value == null || (at < free && index < shown.length - 1)) return;
    mark(context, series.id, at, clamp(panel, value), colour);
    free = at + MARK_SPACING_PX;
  });
}

// A value beyond the scale stays visible at its edge.
function clamp(panel, value) {
  return Math.min(panel.bottom, Math.max(panel.top, panel.y(value)));
}

function mark(context, id, x, y, colour) {
  const r = MARK_PX;
  context.beginPath();
  if (id === "spo2") {
    context.moveTo(x, y - r - 1);
    context.lineTo(x + r + 1, y);
    context.lineTo(x, y + r + 1);
    context.lineTo(x - r - 1, y);
    context.closePath();
    context.fill();
  } else if (id === "rr") {
    context.moveTo(x, y - r - 1);
    context.lineTo(x + r + 1, y + r);
    context.lineTo(x - r - 1, y + r);
    context.closePath();
    const paint = context.fillStyle;
    context.fillStyle = colour("--surface");
    context.fill();
    context.fillStyle = paint;
    context.stroke();
  } else {
    context.arc(x, y, r, 0, Math.PI * 2);
    context.fill();
  }
}

function rate(context, plan, panel, data, colour) {
  const { segments = [], planned = [] } = panel.rate;
  for (const segment of segments) step(context, plan, panel, segment, segment.to_s ?? data.now_s, colour("--rate-fill"), colour("--series-rate"), []);
  for (const segment of planned) step(context, plan, panel, segment, segment.to_s ?? plan.to, "", colour("--series-rate"), [3, 4]);
}

function step(context, plan, panel, segment, end, fill, stroke, dash) {
  const [left, right, top] = [plan.x(segment.from_s), plan.x(end), panel.y(segment.value)];
  if (fill) {
    context.fillStyle = fill;
    context.fillRect(left, top, right - left, panel.bottom - top);
  }
  context.strokeStyle = stroke;
  context.lineWidth = dash.length ? 1 : 2;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(left, panel.bottom);
  context.lineTo(left, top);
  context.lineTo(right, top);
  if (segment.to_s != null) context.lineTo(right, panel.bottom);
  context.stroke();
  context.setLineDash([]);
}

// Past thick, future thin and dashed, "if stopped now" dotted.
function forecast(context, plan, panel, colour) {
  for (const [index, one] of panel.forecast.lines.entries()) {
    context.strokeStyle = colour(`--series-${one.id}`) || (index ? colour("--ink-2") : colour("--series-ce"));
    path(context, plan, panel, one.past, 2.75, []);
    path(context, plan, panel, one.future, 1.5, [6, 4]);
    path(context, plan, panel, one.if_stopped, 1.5, [1.5, 4]);
  }
}

function path(context, plan, panel, points, width, dash) {
  if (!points?.length) return;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  let started = false;
  for (const [t, value] of points) {
    if (value == null) {
      started = false;
      continue;
    }
    if (started) context.lineTo(plan.x(t), panel.y(value));
    else context.moveTo(plan.x(t), panel.y(value));
    started = true;
  }
  context.stroke();
  context.setLineDash([]);
}
