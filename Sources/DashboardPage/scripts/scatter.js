// Traces as points: when they began and how long they took. A drag, or the keyboard, chooses an area.
import { el } from "./dom.js";
import { clock, colour, duration } from "./format.js";

const LEFT = 62;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 10;
const HELP = "Traces by time and duration. Arrow keys move a frame, with Shift they change its size, Enter shows only "
  + "what is in it, Escape removes it.";

/** When a trace began, in ns: the agent looks for one whose clock is ahead where it came. */
const began = (trace) => trace.start_ns - (trace.ahead_ns ?? 0);

/**
 * A scatter of traces. `choose({fromMs, toMs, minNs, maxNs})` is called with the area that was chosen, `open(id)` with
 * the trace of a point that was clicked.
 */
export function scatter({ choose, open }) {
  const canvas = el("canvas");
  const frame = el("div", { class: "choice", hidden: true });
  const said = el("span", { class: "hidden-text", "aria-live": "polite" });
  const node = el("div", { class: "scatter", tabindex: 0, role: "application", "aria-label": HELP }, canvas, frame, said);
  let traces = [];
  let scale = null;
  /** In pixels: {left, top, width, height}. */
  let area = null;

  const draw = () => {
    const width = canvas.clientWidth || 600;
    const height = canvas.clientHeight || 190;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    scale = scaleOf(traces, width, height);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    drawAxes(context, scale);
    drawPoints(context, scale, traces);
  };

  const showArea = (value) => {
    area = value;
    frame.hidden = !area;
    if (!area) return;
    for (const side of ["left", "top", "width", "height"]) frame.style[side] = `${area[side]}px`;
    const range = rangeOf(area, scale);
    said.textContent = `${duration(range.minNs)} to ${duration(range.maxNs)}, ${clock(range.fromMs)} to ${clock(range.toMs)}`;
  };
  const apply = () => {
    if (!area || area.width < 4 || area.height < 4) return;
    const range = rangeOf(area, scale);
    showArea(null);
    choose(range);
  };

  drag(canvas, (from, to, isOver) => {
    if (!traces.length) return;
    const moved = Math.hypot(to.x - from.x, to.y - from.y) > 5;
    if (moved) showArea(between(from, to, scale));
    if (!isOver) return;
    if (moved) return apply();
    showArea(null);
    const nearest = nearestTo(to, traces, scale);
    if (nearest) open(nearest.trace_id);
  });
  node.addEventListener("keydown", (event) => {
    if (!traces.length || !scale) return;
    if (event.key === "Enter") apply();
    else if (event.key === "Escape") showArea(null);
    else if (event.key.startsWith("Arrow")) showArea(moved(area, event, scale));
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas);
  node.addEventListener("repaint", draw);

  return { node, show(list) { traces = list; draw(); } };
}

function scaleOf(traces, width, height) {
  const times = traces.map((trace) => began(trace) / 1e6);
  const lengths = traces.map((trace) => Math.max(1e3, trace.duration_ns));
  const [early, late] = [Math.min(...times), Math.max(...times)];
  const [short, longest] = [Math.log(Math.min(...lengths)), Math.log(Math.max(...lengths))];
  // A point alone stands in the middle.
  const time = { low: early - 500, high: late + 500 };
  const length = { low: short - 0.2, high: longest + 0.2 };
  const plot = { left: LEFT, right: width - RIGHT, top: TOP, bottom: height - BOTTOM };
  return {
    plot, time, length,
    x: (ms) => plot.left + ((plot.right - plot.left) * (ms - time.low)) / (time.high - time.low),
    y: (ns) => plot.bottom - ((plot.bottom - plot.top) * (Math.log(Math.max(1e3, ns)) - length.low)) / (length.high - length.low),
    ms: (x) => time.low + ((x - plot.left) / (plot.right - plot.left)) * (time.high - time.low),
    ns: (y) => Math.exp(length.low + ((plot.bottom - y) / (plot.bottom - plot.top)) * (length.high - length.low)),
  };
}

function drawAxes(context, scale) {
  const style = getComputedStyle(document.documentElement);
  const { plot } = scale;
  context.strokeStyle = style.getPropertyValue("--line");
  context.fillStyle = style.getPropertyValue("--quiet");
  context.font = "11px system-ui, sans-serif";
  if (!Number.isFinite(scale.time.low)) return;
  for (const part of [0, 0.5, 1]) {
    const y = plot.bottom - (plot.bottom - plot.top) * part;
    context.beginPath();
    context.moveTo(plot.left, y);
    context.lineTo(plot.right, y);
    context.stroke();
    context.textAlign = "right";
    context.fillText(duration(scale.ns(y)), plot.left - 6, y + 4);
    const x = plot.left + (plot.right - plot.left) * part;
    context.textAlign = ["left", "center", "right"][part * 2];
    context.fillText(clock(scale.ms(x)), x, plot.bottom + 15);
  }
}

function drawPoints(context, scale, traces) {
  const bad = getComputedStyle(document.documentElement).getPropertyValue("--bad");
  // Failed ones last, so that no other hides them.
  for (const failed of [false, true]) {
    for (const trace of traces) {
      if (trace.error_count > 0 !== failed) continue;
      const [x, y] = [scale.x(began(trace) / 1e6), scale.y(trace.duration_ns)];
      if (failed) {
        context.strokeStyle = bad;
        context.lineWidth = 1.8;
        context.beginPath();
        context.moveTo(x - 3.5, y - 3.5);
        context.lineTo(x + 3.5, y + 3.5);
        context.moveTo(x + 3.5, y - 3.5);
        context.lineTo(x - 3.5, y + 3.5);
        context.stroke();
      } else {
        context.fillStyle = colour(trace.root_service);
        context.beginPath();
        context.arc(x, y, 3, 0, 7);
        context.fill();
      }
    }
  }
}

function between(from, to, { plot }) {
  const clampX = (x) => Math.min(plot.right, Math.max(plot.left, x));
  const clampY = (y) => Math.min(plot.bottom, Math.max(plot.top, y));
  const [left, right] = [clampX(Math.min(from.x, to.x)), clampX(Math.max(from.x, to.x))];
  const [top, bottom] = [clampY(Math.min(from.y, to.y)), clampY(Math.max(from.y, to.y))];
  return { left, top, width: right - left, height: bottom - top };
}

/** The frame after an arrow key; the first one makes a frame over all. */
function moved(area, event, { plot }) {
  const whole = { left: plot.left, top: plot.top, width: plot.right - plot.left, height: plot.bottom - plot.top };
  if (!area) return { ...whole, height: whole.height / 2 };
  const step = 12;
  const [x, y] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  const from = { x: area.left, y: area.top };
  const to = { x: area.left + area.width, y: area.top + area.height };
  if (event.shiftKey) return between(from, { x: Math.max(from.x + 8, to.x + x), y: Math.max(from.y + 8, to.y + y) }, { plot });
  return between({ x: from.x + x, y: from.y + y }, { x: to.x + x, y: to.y + y }, { plot });
}

function rangeOf(area, scale) {
  return {
    fromMs: scale.ms(area.left), toMs: scale.ms(area.left + area.width),
    minNs: scale.ns(area.top + area.height), maxNs: scale.ns(area.top),
  };
}

function nearestTo(place, traces, scale) {
  let best = null;
  for (const trace of traces) {
    const far = Math.hypot(scale.x(began(trace) / 1e6) - place.x, scale.y(trace.duration_ns) - place.y);
    if (far < 9 && (!best || far < best.far)) best = { trace, far };
  }
  return best?.trace;
}

/** Reports a drag while it goes on and when it is over, in pixels of the node. */
function drag(node, report) {
  node.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    const place = (event) => {
      const box = node.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const from = place(down);
    node.setPointerCapture(down.pointerId);
    const onMove = (event) => report(from, place(event), false);
    const onUp = (event) => {
      node.removeEventListener("pointermove", onMove);
      report(from, place(event), true);
    };
    node.addEventListener("pointermove", onMove);
    node.addEventListener("pointerup", onUp, { once: true });
  });
}
