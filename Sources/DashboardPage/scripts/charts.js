// Drawings of few points, as SVG: a line over time, a sparkline, a histogram. Each says in words what it shows.
import { el, put, refill, svg } from "./dom.js";
import { clock } from "./format.js";

const WIDTH = 560;
const HEIGHT = 170;
const LEFT = 58;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;

/** A step below which lies everything, in round numbers: 1, 2 or 5 times a power of ten. */
function roundAbove(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value) ?? 10 * power;
}

/**
 * Lines over time. `lines` are {name, tone, values} with `null` for a gap; `times` are in ms; `format` writes a value of the
 * axis, `exact(value, index)` that of a step.
 * The arrow keys and the pointer move a cursor, whose values stand in the legend.
 */
export function lineChart({ title, times, lines, format, exact = format, filled = false }) {
  const highest = roundAbove(Math.max(0, ...lines.flatMap((line) => line.values.filter((value) => value !== null))));
  const x = (index) => LEFT + ((WIDTH - LEFT - RIGHT) * index) / Math.max(1, times.length - 1);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / highest);
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
  const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", tabindex: 0 },
    [0, 0.5, 1].map((part) => [
      svg("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(part * highest), y2: y(part * highest) }),
      svg("text", { x: LEFT - 6, y: y(part * highest) + 4, "text-anchor": "end" }, format(part * highest)),
    ]),
    timeLabels(times, x),
    lines.map((line) => [
      filled && svg("path", { class: "area", d: area(line.values, x, y) }),
      svg("path", { class: `line tone-${line.tone}`, d: path(line.values, x, y) }),
      lonely(line.values).map((index) =>
        svg("circle", { class: `line tone-${line.tone}`, cx: x(index), cy: y(line.values[index]), r: 2 })),
    ]), cursor);
  const legend = el("div", { class: "legend", "aria-live": "off" });
  let place = null;
  const show = (index) => {
    place = index;
    const at = index ?? times.length - 1;
    cursor.setAttribute("visibility", index === null ? "hidden" : "visible");
    if (index !== null) for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(index));
    const values = lines.map((line) => ({ line, text: line.values[at] === null ? "–" : exact(line.values[at], at) }));
    refill(legend, values.map(({ line, text }) =>
      el("span", null, el("span", { class: `key tone-${line.tone}` }), `${line.name} ${index === null ? "" : text}`)),
      index === null ? null : el("span", null, clock(times[at])));
    drawing.setAttribute("aria-label", `${title}, ${times.length} steps; at ${clock(times[at])}: `
      + values.map(({ line, text }) => `${line.name} ${text}`).join(", "));
  };
  show(null);
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    show(clamp(Math.round(((at - LEFT) / (WIDTH - LEFT - RIGHT)) * (times.length - 1)), 0, times.length - 1));
  });
  drawing.addEventListener("pointerleave", () => show(null));
  drawing.addEventListener("blur", () => show(null));
  drawing.addEventListener("keydown", (event) => {
    const goal = { ArrowLeft: (place ?? times.length) - 1, ArrowRight: (place ?? -1) + 1, Home: 0, End: times.length - 1 }[
      event.key];
    if (goal === undefined || !times.length) return;
    event.preventDefault();
    legend.setAttribute("aria-live", "polite");
    show(clamp(goal, 0, times.length - 1));
  });
  return el("section", { class: "panel" }, el("h2", null, title), drawing, legend);
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function timeLabels(times, x) {
  if (times.length < 2) return [];
  return [0, Math.floor((times.length - 1) / 2), times.length - 1].map((index, place) =>
    svg("text", { x: x(index), y: HEIGHT - 6, "text-anchor": ["start", "middle", "end"][place] }, clock(times[index])));
}

/** Runs of values without a gap. */
function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last.at(-1) === index - 1) last.push(index);
    else found.push([index]);
  });
  return found;
}

const lonely = (values) => runs(values).filter((run) => run.length === 1).map((run) => run[0]);

function path(values, x, y) {
  return runs(values).map((run) =>
    run.map((index, place) => `${place ? "L" : "M"}${x(index).toFixed(1)} ${y(values[index]).toFixed(1)}`).join("")).join("");
}

function area(values, x, y) {
  return runs(values).map((run) => `M${x(run[0]).toFixed(1)} ${y(0)}`
    + run.map((index) => `L${x(index).toFixed(1)} ${y(values[index]).toFixed(1)}`).join("")
    + `L${x(run.at(-1)).toFixed(1)} ${y(0)}Z`).join("");
}

/** Hits of a service over time, small, with a mark where something failed. */
export function sparkline(hits, errors, label) {
  const highest = Math.max(1, ...hits);
  const x = (index) => (120 * index) / Math.max(1, hits.length - 1);
  const y = (value) => 24 - (22 * value) / highest;
  const points = hits.map((value, index) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
  return svg("svg", { class: "spark", viewBox: "0 0 120 26", role: "img", "aria-label": label },
    svg("path", { class: "fill", d: `M0 25L${points.join("L")}L120 25Z` }),
    svg("path", { d: `M${points.join("L")}` }),
    errors.map((value, index) => value > 0 && svg("circle", { class: "errors", cx: x(index).toFixed(1), cy: 24, r: 1.8 })));
}

/** How durations are spread; the scale grows by factors, so that short and long ones both show. `exact` writes a mark. */
export function histogram({ title, bins, marks, format, exact = format }) {
  const highest = Math.max(1, ...bins.map((bin) => bin.hits));
  const low = Math.log(Math.max(1, bins[0]?.from_ns || bins[0]?.to_ns || 1));
  const high = Math.max(low + 0.01, Math.log(Math.max(1, bins.at(-1)?.to_ns ?? 1)));
  const x = (ns) => LEFT + ((WIDTH - LEFT - RIGHT) * (Math.log(Math.max(1, ns)) - low)) / (high - low);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / highest);
  const total = bins.reduce((sum, bin) => sum + bin.hits, 0);
  const label = `${title}: ${total} spans, ` + marks.map((mark) => `${mark.name} ${exact(mark.ns)}`).join(", ");
  const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(0), y2: y(0) }),
    bins.filter((bin) => bin.hits > 0).map((bin) => {
      const left = clamp(x(bin.from_ns), LEFT, WIDTH - RIGHT);
      const right = clamp(x(bin.to_ns), left + 1, WIDTH - RIGHT + 1);
      return svg("rect", { class: "column", x: left, y: y(bin.hits), width: Math.max(1, right - left - 0.6),
        height: Math.max(1, y(0) - y(bin.hits)) },
      svg("title", null, `${format(bin.from_ns)} to ${format(bin.to_ns)}: ${bin.hits}`));
    }),
    marks.map((mark) => svg("line", { class: `mark tone-${mark.tone}`, x1: x(mark.ns), x2: x(mark.ns), y1: TOP, y2: y(0) })),
    [0, 0.5, 1].map((part) => {
      const ns = Math.exp(low + (high - low) * part);
      return svg("text", { x: x(ns), y: HEIGHT - 6, "text-anchor": ["start", "middle", "end"][part * 2] }, format(ns));
    }),
    svg("text", { x: LEFT - 6, y: y(highest) + 8, "text-anchor": "end" }, String(highest)));
  return put(el("section", { class: "panel" }), el("h2", null, title), drawing,
    el("div", { class: "legend" }, marks.map((mark) =>
      el("span", null, el("span", { class: `key tone-${mark.tone}` }), `${mark.name} ${exact(mark.ns)}`))));
}
