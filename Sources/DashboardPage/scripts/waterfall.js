// Spans as rows with bars on one time axis. Only the rows in sight are elements, so that ten thousand stay quick.
import { el, put, refill, said } from "./dom.js";
import { count, duration } from "./format.js";
import { rowKey, visibleRows } from "./tree.js";
import { visible } from "./visible.js";

const ROW = 24;
const MARGIN = 10;
/** Levels that are told apart by their indentation; of deeper trees those in sight are. */
const LEVELS = 12;

/**
 * The waterfall of a tree; `choose(span)` is called with the span whose row is chosen. `before` is what `state()` gave of
 * the same trace with fewer spans.
 */
export function waterfall({ tree, colours, choose }, before) {
  const space = el("div", { class: "space", role: "presentation" });
  const node = el("div", { class: "rows", role: "tree", tabindex: 0, "aria-label": "Spans by who called whom" }, space);
  const closed = new Set();
  const opened = new Set();
  const hasBeside = tree.nodes.some((each) => !each.span.critical);
  let rows = [];
  let chosen = 0;
  if (before) restore(tree, before, closed, opened);
  const drawn = new Map();

  const rebuild = (keep) => {
    rows = visibleRows(tree.roots, closed, opened);
    chosen = Math.max(0, rows.indexOf(keep ?? rows[chosen]));
    space.style.height = `${rows.length * ROW}px`;
    node.style.setProperty("--content", `${rows.length * ROW + 2}px`);
    for (const line of drawn.values()) line.remove();
    drawn.clear();
    draw();
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(node.scrollTop / ROW) - MARGIN);
    const last = Math.min(rows.length, Math.ceil((node.scrollTop + (node.clientHeight || 600)) / ROW) + MARGIN);
    for (const [index, line] of drawn) {
      if (index >= first && index < last) continue;
      line.remove();
      drawn.delete(index);
    }
    for (let index = first; index < last; index += 1) {
      if (drawn.has(index)) continue;
      const line = rowElement(rows[index], index);
      drawn.set(index, line);
      space.append(line);
    }
    mark();
  };
  const rowElement = (row, index) => {
    const line = el("div", { class: "span", role: "treeitem", id: `span-${index}`, "aria-level": row.depth + 1,
      "aria-label": spoken(row) });
    line.dataset.index = index;
    line.style.top = `${index * ROW}px`;
    return put(line, label(row, closed, opened, colours), axis(row, tree.durationNs, colours, hasBeside),
      el("span", { class: "time" }, duration(row.run ? row.total : row.span.duration_ns)));
  };
  const deepest = tree.nodes.reduce((most, each) => Math.max(most, each.depth), 0);
  const mark = () => {
    const shift = deepest <= LEVELS ? 0 : Math.min(...[...drawn.keys()].map((index) => rows[index].depth));
    for (const [index, line] of drawn) {
      const row = rows[index];
      line.firstElementChild.style.paddingLeft = `${Math.min(row.depth - shift, LEVELS) * 14 + 4}px`;
      line.setAttribute("aria-selected", String(index === chosen));
      if (canOpen(row)) line.setAttribute("aria-expanded", String(row.run ? opened.has(row) : !closed.has(row)));
    }
    if (drawn.has(chosen)) node.setAttribute("aria-activedescendant", `span-${chosen}`);
  };
  const select = (index, scrolls = true) => {
    chosen = Math.min(rows.length - 1, Math.max(0, index));
    if (scrolls) {
      const top = chosen * ROW;
      if (top < node.scrollTop) node.scrollTop = top;
      else if (top + ROW > node.scrollTop + node.clientHeight) node.scrollTop = top + ROW - node.clientHeight;
    }
    draw();
    choose(rows[chosen].span, rows[chosen]);
  };
  const setOpen = (row, isOpen) => {
    if (row.run) opened[isOpen ? "add" : "delete"](row);
    else closed[isOpen ? "delete" : "add"](row);
    rebuild(row);
    select(chosen);
  };
  const isOpen = (row) => (row.run ? opened.has(row) : !closed.has(row));

  node.addEventListener("scroll", draw);
  node.addEventListener("click", (event) => {
    const line = event.target.closest(".span");
    if (!line) return;
    const row = rows[line.dataset.index];
    if (event.target.closest(".fold") && canOpen(row)) setOpen(row, !isOpen(row));
    else select(Number(line.dataset.index));
  });
  node.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !rows.length) return;
    const row = rows[chosen];
    const page = Math.max(1, Math.floor(node.clientHeight / ROW) - 1);
    const goal = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: rows.length - 1, PageDown: chosen + page,
      PageUp: chosen - page }[event.key];
    if (goal !== undefined) select(goal);
    else if (event.key === "ArrowRight" && canOpen(row)) isOpen(row) ? select(chosen + 1) : setOpen(row, true);
    else if (event.key === "ArrowLeft" && canOpen(row) && isOpen(row)) setOpen(row, false);
    else if (event.key === "ArrowLeft" && row.parent) select(parentPlace(rows, chosen));
    else if (event.key === "e") select(nextFailed(rows, chosen));
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(node);
  rebuild();
  return {
    node,
    /** What is open and where one has scrolled to. */
    state: () => ({ closed: new Set([...closed].map(rowKey)), opened: new Set([...opened].map(rowKey)), top: node.scrollTop }),
    scrollTo(top) { node.scrollTop = top; },
    /** Shows the row of a span, with the rows above it opened. */
    showSpan(span) {
      const place = tree.nodes.find((each) => each.span === span);
      if (!place) return;
      for (let above = place; above; above = above.parent) {
        if (above !== place) closed.delete(above);
        // The slowest one is shown by the fold itself.
        if (above.fold && above.fold.slowest !== above) opened.add(above.fold);
      }
      rebuild(place.fold && !opened.has(place.fold) ? place.fold : place);
      select(chosen);
    },
  };
}

/** Closes and opens what was so before. */
function restore(tree, before, closed, opened) {
  if (!before.closed.size && !before.opened.size) return;
  for (const each of tree.nodes) {
    if (before.closed.has(rowKey(each))) closed.add(each);
    if (each.fold?.run[0] === each && before.opened.has(rowKey(each.fold))) opened.add(each.fold);
  }
}

const canOpen = (row) => Boolean(row.run || row.children.length);

const nameOf = (row) => (row.run ? row.resource : row.span.resource) || row.span.operation;

function spoken(row) {
  const { span } = row;
  const name = visible(nameOf(row));
  if (row.run) {
    return `${row.run.length} times ${visible(span.service)}, ${name}, ${duration(row.total)} in all${row.isNPlusOne ? ", N+1?" : ""}`;
  }
  return `${visible(span.service)}, ${name}, ${duration(span.duration_ns)}${span.error ? ", failed" : ""}`;
}

function label(row, closed, opened, colours) {
  const { span } = row;
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colours(span.service);
  const fold = !canOpen(row) ? "" : (row.run ? opened.has(row) : !closed.has(row)) ? "▾" : "▸";
  return el("span", { class: "label" }, el("span", { class: "fold", "aria-hidden": "true" }, fold), swatch,
    span.error && el("span", { class: "sign" }, "✕"),
    row.run && el("span", { class: row.isNPlusOne ? "badge warn" : "badge" }, `× ${count(row.run.length)}${row.isNPlusOne ? " N+1?" : ""}`),
    el("span", { class: "service" }, said(span.service, 60)), said(nameOf(row), 160),
    span.oddity === "orphan" && el("span", { class: "quiet" }, " (parent missing)"));
}

function axis(row, durationNs, colours, hasBeside) {
  const whole = Math.max(1, durationNs);
  const node = el("span", { class: "axis" });
  // Of a run each span shows where it was, up to what an eye can tell apart.
  for (const { span, from } of (row.run ?? [row]).slice(0, 200)) {
    const place = !hasBeside ? "" : span.critical ? " critical" : " beside";
    const block = el("span", { class: `block${span.error ? " failed" : ""}${place}` });
    block.style.left = `${Math.min(99.8, Math.max(0, (100 * from) / whole))}%`;
    block.style.width = `${Math.max(0.1, Math.min(100, (100 * span.duration_ns) / whole))}%`;
    block.style.background = colours(span.service);
    node.append(block);
  }
  return node;
}

/** The row that a row hangs under: the nearest above it that is less deep. */
function parentPlace(rows, index) {
  for (let place = index - 1; place >= 0; place -= 1) if (rows[place].depth < rows[index].depth) return place;
  return index;
}

function nextFailed(rows, index) {
  for (let step = 1; step <= rows.length; step += 1) {
    const place = (index + step) % rows.length;
    if (rows[place].span.error) return place;
  }
  return index;
}

/** Which services a trace passed, with their colours and their time of their own. */
export function serviceLegend(spans, colours) {
  const own = new Map();
  for (const span of spans) own.set(span.service, (own.get(span.service) ?? 0) + span.self_ns);
  return [...own].sort((a, b) => b[1] - a[1]).slice(0, 20).map(([service, ns]) => {
    const swatch = el("span", { class: "swatch" });
    swatch.style.background = colours(service);
    return refill(el("span", { class: "chip" }), swatch, said(service, 60), el("span", null, duration(ns)));
  });
}
