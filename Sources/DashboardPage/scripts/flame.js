// A trace as a flame graph: time from left to right, callers above what they called. On a canvas, for many spans.
import { el } from "./dom.js";
import { duration } from "./format.js";
import { giveRows } from "./lanes.js";
import { visible } from "./visible.js";

const ROW = 20;
const HELP = "Flame graph. Arrow keys go to the caller, to what is called, or to what came before or after; Enter makes a span "
  + "as wide as the page, Escape shows all.";

/** The flame graph of a tree; `choose(span)` is called with the chosen one. */
export function flame({ tree, colours, choose }) {
  const canvas = el("canvas");
  const space = el("div", { class: "space" }, canvas);
  const node = el("div", { class: "flame", tabindex: 0, role: "application", "aria-label": HELP }, space);
  const count = giveRows(tree.roots);
  const rows = Array.from({ length: count }, () => []);
  for (const each of tree.nodes) rows[each.row].push(each);
  for (const row of rows) row.sort((a, b) => a.from - b.from);
  // The keys go through all spans of one depth, wherever they lie.
  const levels = [];
  for (const each of tree.nodes) (levels[each.depth] ??= []).push(each);
  for (const level of levels) level.sort((a, b) => a.from - b.from);
  const hasBeside = tree.nodes.some((each) => !each.span.critical);
  const whole = { from: 0, length: Math.max(1, tree.durationNs) };
  let window = whole;
  let chosen = tree.roots[0];
  space.style.height = `${count * ROW + 4}px`;
  node.style.setProperty("--content", `${count * ROW + 6}px`);

  const draw = () => {
    const width = Math.max(300, node.clientWidth);
    const height = Math.max(1, node.clientHeight);
    const ratio = Math.min(2, devicePixelRatio || 1);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const first = Math.floor(node.scrollTop / ROW);
    context.translate(0, -node.scrollTop);
    const inSight = rows.slice(first, first + Math.ceil(height / ROW) + 1);
    paint(context, inSight, { window, width, chosen, colours, hasBeside });
  };
  const select = (each, scrolls = true) => {
    if (!each) return;
    chosen = each;
    if (scrolls) {
      const top = each.row * ROW;
      if (top < node.scrollTop || top + ROW > node.scrollTop + node.clientHeight) node.scrollTop = top - ROW;
    }
    node.setAttribute("aria-label", `${visible(each.span.service)}, ${visible(each.span.resource).slice(0, 200)}, `
      + `${duration(each.span.duration_ns)}${each.span.error ? ", failed" : ""}. ${HELP}`);
    draw();
    choose(each.span, each);
  };
  const zoom = (each) => {
    window = each ? { from: each.from, length: Math.max(1, each.span.duration_ns) } : whole;
    draw();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const row = rows[Math.floor((event.clientY - box.top + node.scrollTop) / ROW)] ?? [];
    const ns = window.from + ((event.clientX - box.left) / box.width) * window.length;
    const slack = (2 * window.length) / box.width;
    return row.find((each) => ns >= each.from && ns <= each.from + each.span.duration_ns)
      ?? row.find((each) => Math.abs(each.from - ns) < slack);
  };
  canvas.addEventListener("click", (event) => select(at(event), false));
  canvas.addEventListener("dblclick", (event) => zoom(at(event)));
  canvas.addEventListener("pointermove", (event) => {
    const each = at(event);
    canvas.title = each ? `${visible(each.span.service)}: ${visible(each.span.resource).slice(0, 300)} ${duration(each.span.duration_ns)}` : "";
  });
  node.addEventListener("keydown", (event) => {
    const level = chosen ? levels[chosen.depth] : [];
    const place = level.indexOf(chosen);
    const goal = { ArrowUp: chosen?.parent, ArrowDown: chosen?.children[0], ArrowLeft: level[place - 1], ArrowRight: level[place + 1] };
    if (event.key in goal) select(goal[event.key]);
    else if (event.key === "Enter") zoom(chosen);
    else if (event.key === "Escape") zoom(null);
    else return;
    event.preventDefault();
  });
  node.addEventListener("scroll", draw);
  new ResizeObserver(draw).observe(node);
  node.addEventListener("repaint", draw);
  return {
    node,
    state: () => ({ top: node.scrollTop }),
    scrollTo(top) { node.scrollTop = top; },
    showSpan(span) { select(tree.nodes.find((each) => each.span === span)); },
  };
}

function paint(context, rows, { window, width, chosen, colours, hasBeside }) {
  const style = getComputedStyle(document.documentElement);
  const [bad, text] = ["--bad", "--text"].map((name) => style.getPropertyValue(name));
  const tones = new Map();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const row of rows) {
    let drawnTo = -1;
    for (const each of row) {
      const { span } = each;
      const top = each.row * ROW;
      const left = ((each.from - window.from) / window.length) * width;
      const wide = (span.duration_ns / window.length) * width;
      if (left + wide < 0 || left > width) continue;
      // Where many fall on one pixel, one is drawn for all.
      if (left + wide < drawnTo && each !== chosen && !span.error) continue;
      const from = Math.max(0, left);
      const size = Math.max(1, Math.min(width, left + wide) - from - 0.5);
      drawnTo = Math.max(drawnTo, from + Math.max(1, size));
      if (!tones.has(span.service)) tones.set(span.service, colours(span.service));
      context.fillStyle = tones.get(span.service);
      context.fillRect(from, top + 1, size, ROW - 2);
      if (span.error) {
        context.fillStyle = bad;
        context.fillRect(from, top + 1, size, 3);
      }
      if (hasBeside && span.critical) {
        context.fillStyle = text;
        context.fillRect(from, top + ROW - 3, size, 2);
      }
      if (each === chosen) {
        context.strokeStyle = text;
        context.lineWidth = 2;
        context.strokeRect(from + 1, top + 2, Math.max(1, size - 2), ROW - 4);
      }
      if (size > 44) write(context, visible((span.resource || span.operation).slice(0, 200)), from, top, size);
    }
  }
}

function write(context, text, left, top, size) {
  context.save();
  context.beginPath();
  context.rect(left + 4, top, size - 8, ROW);
  context.clip();
  context.fillStyle = "#101316";
  context.fillText(text.slice(0, 200), left + 5, top + ROW / 2);
  context.restore();
}
