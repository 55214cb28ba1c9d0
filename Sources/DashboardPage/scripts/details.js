// All that is known of one span.
import { copyButton, el, long, put, refill, said } from "./dom.js";
import { clock, count, decimal, duration } from "./format.js";
import { serviceAddress } from "./services.js";
import { tracesAddress } from "./traces.js";

/** Tags of a failed span that stand elsewhere in the details. */
const SHOWN_ELSEWHERE = new Set(["error.message", "error.msg", "error.type", "error.stack"]);
/** Ids of nothing. */
const NONE = /^0*$/;

const pair = (name, ...value) => [el("dt", null, typeof name === "string" ? said(name, 120) : name), el("dd", null, value)];

/** Fills `node` with a span; `row` is its row, which may stand for all of one kind. */
export function showDetails(node, span, row, traceID, colours) {
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colours(span.service);
  refill(node,
    el("h2", null, swatch, long(span.resource || span.operation, 600)),
    row?.run && el("p", { class: row.isNPlusOne ? "warn" : "quiet" }, `${count(row.run.length)} of one kind, ${duration(row.total)} in all`
      + `${row.isNPlusOne ? ": perhaps one query for each row (N+1)?" : "."} This is the slowest.`),
    el("dl", { class: "pairs" },
      pair("service", el("a", { href: serviceAddress(span.service) }, said(span.service))),
      pair("others", el("a", { href: tracesAddress({ service: span.service, resource: span.resource }) }, "traces with such a span")),
      pair("operation", said(span.operation)), span.type && pair("type", said(span.type)),
      pair("began", clock(span.start_ns / 1e6, true)), pair("duration", duration(span.duration_ns)),
      pair("own time", duration(span.self_ns), " without what it called"), span.critical && pair("critical", "a shorter one would have made the trace shorter")),
    span.error && failure(span), statement(span), tags(span), links(span, traceID), events(span), ids(span, traceID));
}

/** Why a span failed, by the rules of `roost trace`: its tags say it, or the last event of an exception. */
function errorOf({ meta, events }) {
  const { attributes: inEvent = {} } = events.findLast(({ name }) => name.toLowerCase() === "exception") ?? {};
  const typeInEvent = firstText(inEvent, "exception.type", "error.type");
  const messageInEvent = withoutType(firstText(inEvent, "exception.message", "error.message", "error.msg"), typeInEvent);
  const type = firstText(meta, "error.type") || typeInEvent;
  return {
    type, message: withoutType(firstText(meta, "error.message", "error.msg") || messageInEvent, type),
    stack: firstText(meta, "error.stack") || firstText(inEvent, "exception.stacktrace", "error.stack"),
  };
}

/** The first of some attributes that is a text and not empty, or an empty text. */
const firstText = (values, ...names) => names.map((name) => values[name]).find((value) => value && typeof value === "string") ?? "";

/** Tracers of OpenTelemetry's API begin the message with the type's name. */
function withoutType(message, type) {
  for (const name of [type, type.split(".").at(-1)].filter(Boolean)) {
    if (message === name || message === `${name}:`) return "";
    if (message.startsWith(`${name}: `)) return message.slice(name.length + 2);
  }
  return message;
}

function failure(span) {
  const { type, message, stack } = errorOf(span);
  return el("section", null, el("h3", { class: "bad" }, "Error"),
    el("p", { class: "bad" }, type && said(type, 300), type && message && ": ", message && long(message, 2000),
      !type && !message && "failed without a message"),
    stack && el("pre", { tabindex: 0, "aria-label": "Stack" }, long(stack, 20000)),
    stack && copyButton(stack, "copy stack"));
}

/** A query as it was sent to a database. */
function statement(span) {
  const isSQL = span.type === "sql" || "db.statement" in span.meta || "sql.query" in span.meta;
  if (!isSQL) return null;
  const text = span.meta["db.statement"] ?? span.meta["sql.query"] ?? span.resource;
  return el("section", null, el("h3", null, "SQL"), el("pre", { tabindex: 0, "aria-label": "SQL" }, long(text, 8000)),
    copyButton(text, "copy SQL"));
}

function tags(span) {
  const entries = [...Object.entries(span.meta), ...Object.entries(span.metrics)]
    .filter(([name]) => !span.error || !SHOWN_ELSEWHERE.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!entries.length) return null;
  return el("section", null, el("h3", null, "Tags"),
    el("dl", { class: "pairs" }, entries.map(([name, value]) => pair(name, long(value, 1000)))));
}

function links(span, traceID) {
  if (!span.links.length) return null;
  return el("section", null, el("h3", null, "Links"), span.links.map((link) =>
    el("div", null, target(link, traceID),
      link.tracestate && [" tracestate ", el("code", null, said(link.tracestate))], attributes(link))));
}

/** Where a link leads: to a span, or to something that is none, such as a file. */
function target({ trace_id: trace, span_id: span }, traceID) {
  if (NONE.test(trace) && NONE.test(span)) return "span pointer";
  const place = trace === traceID ? "this trace"
    : el("a", { href: `/t/${encodeURIComponent(trace)}` }, "trace ", el("code", null, said(trace)));
  return ["span ", el("code", null, said(span)), " of ", place];
}

function events(span) {
  if (!span.events.length) return null;
  return el("section", null, el("h3", null, "Events"), span.events.map((event) => {
    const after = event.time_ns - span.start_ns;
    return el("div", null, el("b", null, said(event.name)), after >= 0 && ` +${duration(after)}`, attributes(event));
  }));
}

/** Those of a link or an event, and how many its client left out. */
function attributes({ attributes: values, dropped_attributes_count: dropped }) {
  const entries = Object.entries(values);
  return [
    entries.length > 0 && el("dl", { class: "pairs" }, entries.map(([name, value]) =>
      pair(name, long(typeof value === "string" ? value : JSON.stringify(value), 1000)))),
    dropped > 0 && el("p", { class: "quiet" }, `… ${count(dropped)} more, left out by the client`)];
}

/** What stands in logs of the same request: newer clients write hexadecimal numbers, older ones decimal. */
function ids(span, traceID) {
  const low = traceID.slice(-16);
  return el("section", null, el("h3", null, "In logs"), put(el("dl", { class: "pairs" }),
    idPair("trace id", traceID), idPair("trace id, decimal", decimal(low)),
    idPair("span id", span.span_id), idPair("span id, decimal", decimal(span.span_id))));
}

const idPair = (name, value) => pair(name, el("code", null, value), copyButton(value, "copy", name));
