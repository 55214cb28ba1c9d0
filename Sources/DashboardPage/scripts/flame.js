// A trace as a flame graph: time from left to right, callers above what they called. On a canvas, for many spans.
import { el, visible } from "./dom.js";
import { colour, duration } from "./format.js";

const ROW = 20;
const HELP = "Flame graph. Arrow keys go to the span above, below or beside, Enter makes it as wide as the page, Escape "
  + "shows all.";

/** The flame graph of a tree; `choose(span)` is called with the chosen one. */
export function flame({ tree, startNs, durationNs, choose }) {
  const canvas = el("canvas");
  const node = el("div", { class: "flame", tabindex: 0, role: "application", "aria-label": HELP }, canvas);
  const depth = tree.nodes.reduce((most, each) => Math.max(most, each.depth), 0) + 1;
  const levels = Array.from({ length: depth }, () => []);
  for (const each of tree.nodes) levels[each.depth].push(each);
  for (const level of levels) level.sort((a, b) => a.span.start_ns - b.span.start_ns);
  let window = { from: startNs, length: Math.max(1, durationNs) };
  let chosen = tree.roots[0];

  const draw = () => {
    const width = Math.max(300, node.clientWidth - 2);
    const height = Math.min(30000, levels.length * ROW + 4);
    const ratio = Math.min(2, devicePixelRatio || 1);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    paint(context, levels, window, width, chosen);
  };
  const select = (each, scrolls = true) => {
    if (!each) return;
    chosen = each;
    if (scrolls) {
      const top = each.depth * ROW;
      if (top < node.scrollTop || top + ROW > node.scrollTop + node.clientHeight) node.scrollTop = top - ROW;
    }
    node.setAttribute("aria-label", `${each.span.service}, ${visible(each.span.resource).slice(0, 200)}, `
      + `${duration(each.span.duration_ns)}${each.span.error ? ", failed" : ""}. ${HELP}`);
    draw();
    choose(each.span, each);
  };
  const zoom = (span) => {
    window = span ? { from: span.start_ns, length: Math.max(1, span.duration_ns) } : { from: startNs, length: Math.max(1, durationNs) };
    draw();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const level = levels[Math.floor((event.clientY - box.top) / ROW)] ?? [];
    const ns = window.from + ((event.clientX - box.left) / box.width) * window.length;
    const slack = (2 * window.length) / box.width;
    return level.find((each) => ns >= each.span.start_ns && ns <= each.span.start_ns + each.span.duration_ns)
      ?? level.find((each) => Math.abs(each.span.start_ns - ns) < slack);
  };
  canvas.addEventListener("click", (event) => select(at(event), false));
  canvas.addEventListener("dblclick", (event) => zoom(at(event)?.span));
  canvas.addEventListener("pointermove", (event) => {
    const each = at(event);
    canvas.title = each ? `${visible(each.span.service)}: ${visible(each.span.resource).slice(0, 300)} ${duration(each.span.duration_ns)}` : "";
  });
  node.addEventListener("keydown", (event) => {
    const level = chosen ? levels[chosen.depth] : [];
    const place = level.indexOf(chosen);
    const goal = { ArrowUp: chosen?.parent, ArrowDown: chosen?.children[0], ArrowLeft: level[place - 1], ArrowRight: level[place + 1] };
    if (event.key in goal) select(goal[event.key]);
    else if (event.key === "Enter") zoom(chosen?.span);
    else if (event.key === "Escape") zoom(null);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(node);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
  return { node, showSpan(span) { select(tree.nodes.find((each) => each.span === span)); } };
}

function paint(context, levels, window, width, chosen) {
  const style = getComputedStyle(document.documentElement);
  const [bad, text] = ["--bad", "--text"].map((name) => style.getPropertyValue(name));
  const tones = new Map();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  levels.forEach((level, depth) => {
    let drawnTo = -1;
    for (const each of level) {
      const { span } = each;
      const left = ((span.start_ns - window.from) / window.length) * width;
      const wide = (span.duration_ns / window.length) * width;
      if (left + wide < 0 || left > width) continue;
      // Where many fall on one pixel, one is drawn for all.
      if (left + wide < drawnTo && each !== chosen && !span.error) continue;
      const from = Math.max(0, left);
      const size = Math.max(1, Math.min(width, left + wide) - from - 0.5);
      drawnTo = Math.max(drawnTo, from + Math.max(1, size));
      if (!tones.has(span.service)) tones.set(span.service, colour(span.service));
      context.fillStyle = tones.get(span.service);
      context.fillRect(from, depth * ROW + 1, size, ROW - 2);
      if (span.error) {
        context.fillStyle = bad;
        context.fillRect(from, depth * ROW + 1, size, 3);
      }
      if (each === chosen) {
        context.strokeStyle = text;
        context.lineWidth = 2;
        context.strokeRect(from + 1, depth * ROW + 2, Math.max(1, size - 2), ROW - 4);
      }
      if (size > 44) write(context, visible(span.resource || span.operation), from, depth, size);
    }
  });
}

function write(context, text, left, depth, size) {
  context.save();
  context.beginPath();
  context.rect(left + 4, depth * ROW, size - 8, ROW);
  context.clip();
  context.fillStyle = "#101316";
  context.fillText(text.slice(0, 200), left + 5, depth * ROW + ROW / 2 + 1);
  context.restore();
}
