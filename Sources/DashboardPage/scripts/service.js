// One service, or one resource of it: over time, how durations are spread, and what it is asked for.
import { ask } from "./api.js";
import { histogram, lineChart } from "./charts.js";
import { arrowKeys, el, put, refill, said, syncRows } from "./dom.js";
import { age, colour, count, duration, moment, rate, share } from "./format.js";
import { serviceAddress, USUAL_WINDOW, windowChoice } from "./services.js";
import { tracesAddress } from "./traces.js";

const PERCENTILES = ["p50", "p75", "p95", "p99"];

export function serviceView({ main, segments, values, go, title }) {
  const service = segments[1];
  const since = values.get("since") ?? USUAL_WINDOW;
  const env = values.get("env") ?? "";
  const resource = values.get("resource") ?? "";
  const operation = values.get("operation") ?? "";
  const shared = { service, env, since };
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
  const empty = el("div");
  put(main, el("div", { class: "head" },
    el("h1", null, swatch, said(service), resource && [el("span", { class: "quiet" }, " › "), said(resource)]),
    env && el("span", { class: "badge" }, said(env)),
    resource && el("a", { href: serviceAddress(service, { since, env }) }, "all resources"),
    el("div", { class: "end" },
      el("a", { href: tracesAddress({ service, resource, env, since }) }, "Traces"),
      el("a", { href: tracesAddress({ service, resource, env, since, errors: true }) }, "Failed traces"),
      windowChoice(values, go))), charts, holder, empty);

  return {
    async refresh(signal) {
      const selection = { ...shared, resource, operation };
      const [series, spread, resources] = await Promise.all([
        ask("series", { ...selection, percentiles: true }, signal), ask("histogram", selection, signal),
        ask("resources", shared, signal)]);
      const rows = resources.resources;
      holder.hidden = rows.length === 0;
      refill(empty, rows.length ? null : el("div", { class: "panel empty" },
        el("h2", null, `Nothing of this service in the last ${since}`),
        el("p", null, "Look further back, or see ", el("a", { href: "/" }, "all services"), ".")));
      // A chart that somebody is reading with the keyboard or the pointer stays until they are done.
      if (!charts.contains(document.activeElement) && !charts.matches(":hover")) drawCharts(charts, series, spread);
      syncRows(body, rows, (row) => [row.resource, row.operation, row.env, row.span_kind].join("\n"),
        (row) => cells(row, shared), (line, row) => {
          line.classList.toggle("chosen", row.resource === resource && (!operation || row.operation === operation));
        });
    },
  };
}

function cells(row, shared) {
  return [
    { as: "name", mark: row.resource + shared.since, content: [
      el("a", { href: serviceAddress(row.service, { ...shared, service: "", resource: row.resource, operation: row.operation }) },
        said(row.resource)), " ", el("span", { class: "quiet wide" }, said(row.operation))] },
    { as: "number", content: count(row.hits) },
    { as: "number", content: rate(row.rate_per_s) },
    { as: row.errors ? "number bad" : "number", content: row.errors ? `${count(row.errors)} (${share(row.errors, row.hits)})` : "–" },
    { as: "number", content: duration(row.p50_ns) },
    { as: "number", content: duration(row.p95_ns) },
    { as: "number wide", content: duration(row.p99_ns) },
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
    lineChart({ title: "Errors", times, format: (value) => `${value < 10 ? +value.toFixed(1) : Math.round(value)}%`,
      lines: [{ name: "failed", tone: "errors",
        values: line.hits.map((hits, index) => (hits ? (100 * line.errors[index]) / hits : null)) }] }),
    lineChart({ title: "Latency", times, format: duration,
      lines: PERCENTILES.map((name) => ({ name, tone: name,
        values: line.hits.map((hits, index) => (hits ? line[`${name}_ns`][index] : null)) })) }),
    spread.bins.length && histogram({ title: "Durations", bins: spread.bins, format: duration,
      marks: PERCENTILES.map((name) => ({ name, tone: name, ns: spread[`${name}_ns`] })) }));
}
