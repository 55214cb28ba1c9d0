// One trace: as a waterfall or as a flame graph, with the details of the span that is chosen.
import { ask, askText, Refused } from "./api.js";
import { showDetails } from "./details.js";
import { copyButton, el, notice, refill, said } from "./dom.js";
import { flame } from "./flame.js";
import { ahead, clock, count, distinctColours, duration, unreadThreads } from "./format.js";
import { buildTree, rowKey } from "./tree.js";
import { serviceLegend, waterfall } from "./waterfall.js";

/** How long an open trace that does not change waits until it is asked for again when news come, in ms. */
const [PAUSE, PAUSE_OF_LARGE, PAUSE_MOST] = [1000, 5000, 30_000];
const LARGE = 2000;

export function traceView({ main, segments, title }) {
  const id = segments[1];
  title(`Trace ${id}`);
  let trace = null;
  let shown = null;
  let [pause, next] = [0, 0];
  return {
    async refresh(signal) {
      if (Date.now() < next) return next - Date.now();
      let found;
      try {
        // Whatever words led to it, from then on it is this one.
        found = await ask(`trace/${encodeURIComponent(trace?.trace_id ?? id)}`, {}, signal);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // What is there stays, also when the agent is gone or has thrown it away.
        if (!trace) refill(main, missing(id, error));
        return 0;
      }
      const usual = found.spans.length > LARGE ? PAUSE_OF_LARGE : PAUSE;
      const isSame = trace && fingerprint(trace) === fingerprint(found);
      pause = isSame ? Math.min(PAUSE_MOST, 2 * pause) : usual;
      next = Date.now() + pause - 100;
      if (isSame) return 0;
      const more = trace ? found.spans.length - trace.spans.length : 0;
      trace = found;
      const had = shown?.state();
      shown = page(trace, title, had);
      refill(main, shown.nodes);
      shown.begin();
      if (more > 0) notice(`${count(more)} more span${more === 1 ? " has" : "s have"} arrived`);
      return 0;
    },
  };
}

/** What changes when a chunk of a trace comes later. */
const fingerprint = (trace) => [trace.spans.length, trace.start_ns, trace.duration_ns, trace.kept, trace.kept_by,
  trace.left_out_spans, trace.missing_threads].join(" ");

function missing(id, error) {
  return el("div", { class: "panel empty" }, el("h1", null, "There is no such trace"),
    el("p", null, said(error.message, 2000)),
    el("p", null, "It may not have arrived yet, be too old, or have been thinned out. ",
      el("a", { href: "/traces" }, "All traces"), " lists what is kept."));
}

/** All of a view of a trace: its elements, `begin()` when they are in the page, and `state()` for the next one of it. */
function page(trace, title, before) {
  const tree = buildTree(trace);
  const rootNode = tree.roots.find((each) => !each.span.parent_id) ?? tree.roots[0];
  const root = rootNode?.span;
  const name = root ? root.resource || root.operation : trace.trace_id;
  const startNs = root?.start_ns ?? trace.start_ns;
  title(name);
  const colours = distinctColours(trace.services);
  const panel = el("div", { class: "panel details", "aria-live": "off", role: "region", "aria-label": "The chosen span" });
  const picture = el("div");
  const firstFailed = tree.nodes.find((node) => node.span.error && !node.children.some((child) => child.span.error));
  let current = (before && tree.nodes.find((node) => rowKey(node) === before.chosen)?.span)
    ?? firstFailed?.span ?? rootNode?.fold?.span ?? root;
  const choose = (span, row) => {
    current = span;
    showDetails(panel, span, row, trace.trace_id, colours);
  };
  const options = { tree, colours, choose };
  const tabs = tabList([["Waterfall", () => waterfall(options, before?.drawings[0])], ["Flame graph", () => flame(options)]],
    picture, (drawing) => current && drawing.showSpan(current));
  const failed = trace.spans.filter((span) => span.error).length;
  const fact = (...value) => el("span", null, value);
  const nodes = [
    el("div", { class: "head" }, el("h1", null, said(name, 300), root && el("span", { class: "quiet" }, " of ", said(root.service, 100))),
      el("div", { class: "end" },
        copyButton(() => `${location.origin}/t/${trace.trace_id}`, "copy link"),
        copyButton(() => askText(`trace/${trace.trace_id}`, { format: "md" }), "copy as Markdown"),
        // As it came: numbers of JavaScript end at 2^53.
        copyButton(() => askText(`trace/${trace.trace_id}`), "copy as JSON"))),
    el("div", { class: "facts" },
      fact("began ", el("b", null, clock(startNs / 1e6, true))),
      ahead(startNs) && el("span", { class: "warn" }, ahead(startNs)),
      fact("took ", el("b", null, duration(tree.durationNs))),
      fact(el("b", null, count(trace.spans.length)), trace.spans.length === 1 ? " span" : " spans"),
      failed > 0 && el("span", { class: "bad" }, el("b", { class: "bad" }, count(failed)), " failed"),
      trace.env && fact("env ", el("b", null, said(trace.env, 100))),
      trace.status_code && fact("status ", el("b", null, said(trace.status_code, 20))),
      fact(trace.kept ? "kept" : "dropped", trace.kept_by ? ` by ${trace.kept_by}` : ""),
      trace.left_out_spans && el("span", { class: "warn" }, `the last ${count(trace.left_out_spans)} spans are left out: too large`),
      trace.search_ended_early && el("span", { class: "warn" }, "not all traces were looked at, to answer in time: another one may fit better"),
      unreadThreads(trace) && el("span", { class: "warn" }, unreadThreads(trace)),
      fact("id ", el("code", null, trace.trace_id), copyButton(trace.trace_id, "copy", "trace id"))),
    trace.notes.length > 0 && el("ul", { class: "notes", "aria-label": "What is odd about this trace" },
      trace.notes.map((note) => el("li", { class: "warn" }, said(note, 600)))),
    el("div", { class: "facts", "aria-label": "Services and their own time" }, serviceLegend(trace.spans, colours),
      trace.spans.some((span) => !span.critical) && fact("underlined: the critical path; the trace takes as long as these spans")),
    el("div", { class: "trace" }, el("div", null, tabs.node, picture), panel),
  ];
  return {
    nodes,
    begin() {
      tabs.show(before?.tab ?? 0, before?.drawings[before.tab]?.top);
      if (before?.hasFocus) tabs.drawing().node.focus({ preventScroll: true });
    },
    state: () => ({
      tab: tabs.current(), drawings: tabs.drawings().map((each) => each?.state()),
      chosen: rowKey(tree.nodes.find((node) => node.span === current) ?? { span: root ?? {} }),
      hasFocus: tabs.drawing().node.contains(document.activeElement),
    }),
  };
}

/** Tabs of which one is shown; the arrow keys go from one to the next. */
function tabList(entries, holder, shown) {
  const drawings = [];
  const buttons = entries.map(([text], index) =>
    el("button", { type: "button", role: "tab", id: `tab-${index}`, "aria-controls": "picture", on: { click: () => show(index) } }, text));
  const node = el("div", { class: "tabs", role: "tablist", "aria-label": "How the trace is drawn" }, buttons);
  holder.id = "picture";
  holder.setAttribute("role", "tabpanel");
  let current = 0;
  function show(index, top) {
    current = index;
    buttons.forEach((button, place) => {
      button.setAttribute("aria-selected", String(place === index));
      button.tabIndex = place === index ? 0 : -1;
    });
    holder.setAttribute("aria-labelledby", `tab-${index}`);
    drawings[index] ??= entries[index][1]();
    refill(holder, drawings[index].node);
    // Sizes are known only once it is in the page.
    requestAnimationFrame(() => {
      shown(drawings[index]);
      if (top !== undefined) drawings[index].scrollTo(top);
    });
  }
  node.addEventListener("keydown", (event) => {
    const place = buttons.indexOf(document.activeElement);
    const goal = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
    if (goal === undefined || !buttons[goal]) return;
    event.preventDefault();
    show(goal);
    buttons[goal].focus();
  });
  return { node, show, current: () => current, drawing: () => drawings[current], drawings: () => drawings };
}
