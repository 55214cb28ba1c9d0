// One trace: as a waterfall or as a flame graph, with the details of the span that is chosen.
import { ask, Refused } from "./api.js";
import { showDetails } from "./details.js";
import { copyButton, el, put, refill, said, visible } from "./dom.js";
import { flame } from "./flame.js";
import { clock, count, duration } from "./format.js";
import { buildTree, visibleRows } from "./tree.js";
import { serviceLegend, waterfall } from "./waterfall.js";

export function traceView({ main, segments, title }) {
  const id = segments[1];
  title(`Trace ${id}`);
  const view = {
    // Once it is there it stays as it is: nobody wants the tree to move while they read it.
    isLive: true,
    async refresh(signal) {
      if (!view.isLive) return;
      let trace;
      try {
        trace = await ask(`trace/${encodeURIComponent(id)}`, {}, signal);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return void refill(main, missing(id, error));
      }
      view.isLive = false;
      refill(main, page(trace, title));
    },
  };
  return view;
}

function missing(id, error) {
  return el("div", { class: "panel empty" }, el("h1", null, "There is no such trace"),
    el("p", null, said(error.message, 2000)),
    el("p", null, "It may not have arrived yet, be too old, or have been thinned out. ",
      el("a", { href: "/traces" }, "All traces"), " lists what is kept."));
}

function page(trace, title) {
  const tree = buildTree(trace);
  const root = tree.roots[0]?.span;
  const name = root ? root.resource || root.operation : trace.trace_id;
  title(name);
  const failed = trace.spans.filter((span) => span.error).length;
  const panel = el("div", { class: "panel details", "aria-live": "off", role: "region", "aria-label": "The chosen span" });
  const choose = (span, row) => showDetails(panel, span, row, trace.trace_id);
  const options = { tree, startNs: trace.start_ns, durationNs: trace.duration_ns, choose };
  const picture = el("div");
  const first = tree.nodes.find((node) => node.span.error && !node.children.some((child) => child.span.error));
  let current = first?.span ?? root;
  const tabs = tabList([["Waterfall", () => waterfall(options)], ["Flame graph", () => flame(options)]], picture,
    (drawing) => current && drawing.showSpan(current));
  const remember = options.choose;
  options.choose = (span, row) => {
    current = span;
    remember(span, row);
  };
  tabs.show(0);
  return [
    el("div", { class: "head" }, el("h1", null, said(name, 300)),
      el("div", { class: "end" },
        copyButton(() => `${location.origin}/t/${trace.trace_id}`, "copy link"),
        copyButton(() => markdown(trace, tree), "copy as Markdown"),
        copyButton(() => JSON.stringify(trace, null, 2), "copy as JSON"))),
    el("div", { class: "facts" },
      el("span", null, "began ", el("b", null, clock(trace.start_ns / 1e6, true))),
      el("span", null, "took ", el("b", null, duration(trace.duration_ns))),
      el("span", null, el("b", null, count(trace.spans.length)), trace.spans.length === 1 ? " span" : " spans"),
      failed > 0 && el("span", { class: "bad" }, el("b", { class: "bad" }, count(failed)), " failed"),
      el("span", null, trace.kept ? "kept" : "dropped", trace.kept_by ? ` by ${trace.kept_by}` : ""),
      trace.left_out_spans && el("span", { class: "warn" }, `${count(trace.left_out_spans)} more spans are left out`),
      el("span", null, "id ", el("code", null, trace.trace_id), copyButton(trace.trace_id, "copy", "trace id"))),
    el("div", { class: "facts", "aria-label": "Services and their own time" }, serviceLegend(trace.spans),
      trace.spans.some((span) => span.critical) && el("span", null, "underlined: the critical path")),
    el("div", { class: "trace" }, el("div", null, tabs.node, picture), panel),
  ];
}

/** Tabs of which one is shown; the arrow keys go from one to the next. */
function tabList(entries, holder, shown) {
  const drawings = [];
  const buttons = entries.map(([text], index) =>
    el("button", { type: "button", role: "tab", id: `tab-${index}`, "aria-controls": "picture", on: { click: () => show(index) } }, text));
  const node = el("div", { class: "tabs", role: "tablist", "aria-label": "How the trace is drawn" }, buttons);
  holder.id = "picture";
  holder.setAttribute("role", "tabpanel");
  function show(index) {
    buttons.forEach((button, place) => {
      button.setAttribute("aria-selected", String(place === index));
      button.tabIndex = place === index ? 0 : -1;
    });
    holder.setAttribute("aria-labelledby", `tab-${index}`);
    drawings[index] ??= entries[index][1]();
    refill(holder, drawings[index].node);
    // Sizes are known only once it is in the page.
    requestAnimationFrame(() => shown(drawings[index]));
  }
  node.addEventListener("keydown", (event) => {
    const place = buttons.indexOf(document.activeElement);
    const goal = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
    if (goal === undefined || !buttons[goal]) return;
    event.preventDefault();
    show(goal);
    buttons[goal].focus();
  });
  return { node, show };
}

const ROWS_IN_MARKDOWN = 60;

/** A trace for a ticket or a chat. */
function markdown(trace, tree) {
  const plain = (text) => visible(text).replaceAll("`", "'").slice(0, 160);
  const rows = visibleRows(tree.roots, new Set(), new Set());
  const lines = rows.slice(0, ROWS_IN_MARKDOWN).map((row) => {
    const times = row.run ? `× ${row.run.length} ` : "";
    return `${"  ".repeat(row.depth)}${row.span.error || row.failed ? "✕ " : ""}${times}${plain(row.span.service)} `
      + `${plain(row.span.resource || row.span.operation)}  ${duration(row.run ? row.total : row.span.duration_ns)}`;
  });
  if (rows.length > lines.length) lines.push(`… ${rows.length - lines.length} more`);
  const errors = trace.spans.filter((span) => span.error && (span.meta["error.message"] || span.meta["error.type"]));
  const failures = [...new Set(errors.map((span) =>
    `- ${plain(span.meta["error.type"] ?? "error")}: ${plain(span.meta["error.message"] ?? "")}`))].slice(0, 10);
  const root = tree.roots[0]?.span;
  return [
    `**${plain(root ? root.resource || root.operation : trace.trace_id)}** took ${duration(trace.duration_ns)}, `
      + `${trace.spans.length} spans, ${clock(trace.start_ns / 1e6, true)}`,
    `Trace \`${trace.trace_id}\``, "", ...failures, failures.length ? "" : null, "```", ...lines, "```", "",
  ].filter((line) => line !== null).join("\n");
}
