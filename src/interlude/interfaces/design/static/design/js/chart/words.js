// The chart in words and as a table: the same data for those who do not see the picture.
const SLOT_S = 300;

export function show(value, places) {
  const sign = document.documentElement.dataset.decimal || ".";
  const text = places === undefined ? String(Number(value.toPrecision(6))) : value.toFixed(places);
  return text.replace(".", sign).replace("-", "−");
}

// Wall clock of a second of the session, in the zone that the server wrote into start_at.
export function clock(start, t) {
  const at = new Date(start.getTime() + t * 1000);
  const zone = document.documentElement.dataset.zone;
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) }).format(at);
}

export function latest(segments, now) {
  const running = (segments || []).find((segment) => segment.from_s <= now && (segment.to_s == null || segment.to_s > now));
  return running ? running.value : null;
}

// The value of the last point not after `t`.
export function at(points, t) {
  let value = null;
  for (const point of points || []) {
    if (point[0] > t + 0.5) break;
    value = point[1];
  }
  return value;
}

function reading(series, point) {
  if (!point || point[1] == null) return "--";
  const values = series.kind === "bars" ? point.slice(1, 3) : point.slice(1, 2);
  return values.map((value) => show(value, series.places ?? 0)).join("/");
}

export function describe(data, words) {
  const parts = [];
  for (const series of data.series || []) {
    const point = series.points.at(-1);
    parts.push(point ? `${series.label} ${reading(series, point)} ${series.unit} ${words.textAt} ${minutes(point[0])} ${words.textMin}` : `${series.label} --`);
  }
  if (data.rate) {
    const value = latest(data.rate.segments, data.now_s);
    parts.push(`${data.rate.label} ${value === null ? "--" : show(value)} ${data.rate.unit}`);
  }
  for (const line of data.forecast?.lines || []) {
    const value = at(line.past, data.now_s);
    if (value !== null) parts.push(`${line.label} ${show(value, 0)} ${data.forecast.unit}`);
    const peak = (line.future || []).reduce((best, point) => (point[1] > (best?.[1] ?? -Infinity) ? point : best), null);
    if (peak) parts.push(`${words.textForecast}: ${show(peak[1], 0)} ${words.textAt} ${minutes(peak[0])} ${words.textMin}`);
  }
  return parts.length ? `${words.textLatest}: ${parts.join(" · ")}` : words.textNone;
}

function minutes(t) {
  return String(Math.round(t / 60)).replace("-", "−");
}

export function fillTable(details, data, words) {
  const columns = (data.series || []).map((series) => ({ title: `${series.label} ${series.unit}`, cell: (from, to) => reading(series, lastIn(series.points, from, to)) }));
  if (data.rate) columns.push({ title: `${data.rate.label} ${data.rate.unit}`, cell: (_from, to) => (to - SLOT_S > data.now_s ? "" : number(latest(data.rate.segments, Math.min(to - 1, data.now_s)))) });
  for (const line of data.forecast?.lines || []) columns.push({ title: `${line.label} ${data.forecast.unit}`, cell: (from, to) => number(lastIn([...(line.past || []), ...(line.future || [])], from, to)?.[1] ?? null, 0) });
  columns.push({ title: words.textEvents, cell: (from, to) => (data.events || []).filter((event) => event.t >= from && event.t < to).map((event) => event.label).join(", ") });

  const table = document.createElement("table");
  table.className = "table";
  const head = table.createTHead().insertRow();
  for (const title of [words.textMinute, words.textTime, ...columns.map((column) => column.title)]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  const start = new Date(data.start_at);
  for (const from of slots(data)) {
    const row = body.insertRow();
    const label = document.createElement("th");
    label.scope = "row";
    label.textContent = minutes(from);
    row.append(label);
    for (const value of [clock(start, from), ...columns.map((column) => column.cell(from, from + SLOT_S))]) row.insertCell().textContent = value;
  }
  const wrap = document.createElement("div");
  wrap.className = "table-wrap";
  wrap.tabIndex = 0;
  wrap.setAttribute("role", "region");
  wrap.setAttribute("aria-label", words.textTable);
  wrap.append(table);
  details.querySelector(".table-wrap")?.remove();
  details.append(wrap);
}

function number(value, places) {
  return value === null ? "--" : show(value, places);
}

function lastIn(points, from, to) {
  return points.filter((point) => point[0] >= from && point[0] < to).at(-1);
}

function slots(data) {
  const times = [0, data.now_s, ...(data.series || []).flatMap((series) => series.points.map((point) => point[0])), ...(data.events || []).map((event) => event.t)];
  for (const line of data.forecast?.lines || []) times.push(...(line.future || []).map((point) => point[0]));
  const list = [];
  for (let t = Math.floor(Math.min(...times) / SLOT_S) * SLOT_S; t <= Math.max(...times); t += SLOT_S) list.push(t);
  return list;
}
