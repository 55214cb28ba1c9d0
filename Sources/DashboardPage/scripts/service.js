// One service, or one resource of it: over time, how durations are spread, and what it is asked for.
import { ask, path } from "./api.js";
import { histogram, lineChart } from "./charts.js";
import { arrowKeys, el, put, refill, said, shortTable, syncRows } from "./dom.js";
import { age, colour, count, duration, fewHits, moment, percentile, rate, rowNotes } from "./format.js";
import { EVERYTHING, rangeChoice, rangeOf, rangeValues } from "./range.js";
import { serviceAddress } from "./services.js";
import { failures, tracesAddress } from "./traces.js";

const PERCENTILES = ["p50", "p75", "p95", "p99"];

export function serviceView({ main, segments, values, go, title }) {
  const service = segments[1];
  const range = rangeOf(values);
  const env = values.get("env") ?? "";
  const resource = values.get("resource") ?? "";
  const operation = values.get("operation") ?? "";
  const shared = { service, env, ...rangeValues(range) };
  const selected = { env, resource, operation };
  title(resource ? `${service}: ${resource}` : service);
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colour(service);
  const charts = el("div", { class: "grid" });
  const body = el("tbody");
  arrowKeys(body);
  const holder = el("div", { class: "panel scroll" },
    el("h2", null, "Resources"),
    el("table", null, el("thead", null, el("tr", null, el("th", { scope: "col" }, "Resource"),
      ["Hits", "Rate", "Errors", "p50", "p95"].map((text) => el("th", { scope: "col", class: "number" }, text)),
      ["p99", "Share of time", "Last"].map((text) => el("th", { scope: "col", class: "number wide" }, text)))), body));
  let draw = () => {};
  const short = shortTable(() => draw());
  const notes = el("div", { class: "warn" });
  const legend = el("p", { class: "quiet" });
  const empty = el("div");
  put(main, el("div", { class: "head" },
    el("h1", null, swatch, said(service), resource && [el("span", { class: "quiet" }, " › "), said(resource)]),
    env && el("span", { class: "badge" }, env === "none" ? "no env" : said(env)),
    resource && el("a", { href: serviceAddress(service, { ...rangeValues(range), env }) }, "all resources"),
    el("div", { class: "end" },
      el("a", { href: tracesAddress({ ...shared, resource }) }, "Traces"),
      el("a", { href: tracesAddress({ ...shared, resource, errors: true }) }, "Failed traces"),
      rangeChoice(range, (change) => go(serviceAddress(service, { ...selected, ...change }))))), charts, holder, short.more, notes, legend, empty);

  return {
    isLive: range.isLive,
    async refresh(signal) {
      const selection = { service, ...selected, ...range.tables };
      const [series, spread, resources] = await Promise.all([
        ask("series", { ...selection, percentiles: true }, signal), ask("histogram", selection, signal),
        ask("resources", { service, env, ...range.tables }, signal)]);
      const rows = resources.resources;
      holder.hidden = rows.length === 0;
      refill(empty, rows.length ? null : el("div", { class: "panel empty" },
        el("h2", null, `Nothing of this service in ${range.words}`),
        el("p", null, "Look at ", el("a", { href: serviceAddress(service, { ...selected, ...EVERYTHING }) }, "all that is kept"),
          " of it, or at ", el("a", { href: path("/", rangeValues(range)) }, "all services"), ".")));
      refill(legend, fewHits(rows.map((row) => row.hits)));
      refill(notes, rowNotes(resources).map((text) => el("p", null, text)));
      // A chart that somebody is reading with the keyboard or the pointer stays until they are done.
      if (!charts.contains(document.activeElement) && !charts.matches(":hover")) drawCharts(charts, series, spread);
      draw = () => syncRows(body, short.shorten(rows), (row) => [row.resource, row.operation, row.env, row.span_kind].join("\n"),
        (row) => cells(row, shared), (line, row) => {
          line.classList.toggle("chosen", row.resource === resource && (!operation || row.operation === operation));
        });
      draw();
    },
  };
}

function cells(row, shared) {
  return [
    // One row for many resources is none of which there would be more to see.
    row.collapsed ? { as: "name", mark: row.resource, content: [el("span", { class: "warn" }, row.resource)] }
    : { as: "name", mark: row.resource, content: [
      el("a", { href: serviceAddress(row.service, { ...shared, service: "", resource: row.resource, operation: row.operation }) },
        said(row.resource)), " ", el("span", { class: "quiet wide" }, said(row.operation))] },
    { as: "number", content: count(row.hits) },
    { as: "number", content: rate(row.rate_per_s) },
    failures(row, { ...shared, resource: row.collapsed ? "" : row.resource }),
    { as: "number", content: percentile(row.p50_ns, row.hits) },
    { as: "number", content: percentile(row.p95_ns, row.hits) },
    { as: "number wide", content: percentile(row.p99_ns, row.hits) },
    { as: "number wide", content: `${Math.round(100 * row.time_share)}%` },
    { as: "number wide", content: age(row.last_seen) },
  ];
}

/** Seconds of each step in which hits were counted: the first and the last are there in part. */
function stepSeconds(series, index) {
  const start = moment(series.first_step) + (index * series.step_ns) / 1e6;
  const from = Math.max(start, moment(series.covered.start));
  const to = Math.min(start + series.step_ns / 1e6, moment(series.covered.end));
  return Math.max(1, (to - from) / 1000);
}

function drawCharts(charts, series, spread) {
  const line = series.series[0];
  if (!line) return void charts.replaceChildren();
  const times = line.hits.map((_, index) => moment(series.first_step) + (index * series.step_ns) / 1e6);
  const perSecond = (values) => values.map((value, index) => value / stepSeconds(series, index));
  refill(charts,
    lineChart({ title: "Throughput", times, format: rate, filled: true,
      lines: [{ name: "hits", tone: "hits", values: perSecond(line.hits) }] }),
    lineChart({ title: "Errors", times, format: (value) => `${value < 10 ? +value.toPrecision(2) : Math.round(value)}%`,
      lines: [{ name: "failed", tone: "errors",
        values: line.hits.map((hits, index) => (hits ? (100 * line.errors[index]) / hits : null)) }] }),
    lineChart({ title: "Latency", times, format: duration, exact: (value, index) => percentile(value, line.hits[index]),
      lines: PERCENTILES.map((name) => ({ name, tone: name,
        values: line.hits.map((hits, index) => (hits ? line[`${name}_ns`][index] : null)) })) }),
    spread.bins.length && histogram({ title: "Durations", bins: spread.bins, format: duration, exact: (ns) => percentile(ns, spread.hits),
      marks: PERCENTILES.map((name) => ({ name, tone: name, ns: spread[`${name}_ns`] })) }));
}
