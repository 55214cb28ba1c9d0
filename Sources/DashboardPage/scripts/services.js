// All services: how much they are asked, how often they fail, how long they take.
import { ask, path } from "./api.js";
import { sparkline } from "./charts.js";
import { arrowKeys, el, put, refill, said, syncRows } from "./dom.js";
import { age, colour, count, duration, rate, share } from "./format.js";

/** How far back a view looks: what stands in the address, and in words. */
export const WINDOWS = [
  ["1m", "last minute"], ["5m", "last 5 minutes"], ["15m", "last 15 minutes"], ["1h", "last hour"],
  ["6h", "last 6 hours"], ["1d", "last day"], ["7d", "last 7 days"],
];
export const USUAL_WINDOW = "15m";

/** A choice of how far back to look; `go` is called with the new address. */
export function windowChoice(values, go) {
  const select = el("select", { "aria-label": "How far back", on: { change: () => {
    const next = new URLSearchParams(values);
    next.set("since", select.value);
    for (const name of ["from", "to"]) next.delete(name);
    go(`${location.pathname}?${next}`);
  } } });
  const now = values.get("since") ?? USUAL_WINDOW;
  const known = WINDOWS.some(([value]) => value === now) ? WINDOWS : [...WINDOWS, [now, `last ${now}`]];
  for (const [value, text] of known) put(select, el("option", { value, selected: value === now }, text));
  return select;
}

/** A heading of a column that sorts by it. */
function heading(text, name, sort, as = "number") {
  return el("th", { class: as, scope: "col", "aria-sort": sort.by === name ? "descending" : null },
    el("button", { type: "button", on: { click: () => sort.change(name) } }, text));
}

/** What an address of a service is. */
export const serviceAddress = (service, values = {}) => path(`/services/${encodeURIComponent(service)}`, values);

const ORDERS = {
  service: (a, b) => a.service.localeCompare(b.service), hits: (a, b) => b.hits - a.hits,
  errors: (a, b) => b.errors - a.errors, p50: (a, b) => b.p50_ns - a.p50_ns, p95: (a, b) => b.p95_ns - a.p95_ns,
  p99: (a, b) => b.p99_ns - a.p99_ns,
};

export function servicesView({ main, values, go, title }) {
  title("Services");
  const since = values.get("since") ?? USUAL_WINDOW;
  const sort = { by: values.get("sort") in ORDERS ? values.get("sort") : "hits", change(name) {
    const next = new URLSearchParams(values);
    next.set("sort", name);
    go(`/?${next}`);
  } };
  const body = el("tbody");
  arrowKeys(body);
  const table = el("table", null,
    el("thead", null, el("tr", null, heading("Service", "service", sort, ""), el("th", { scope: "col" }, "Hits over time"),
      heading("Hits", "hits", sort), el("th", { class: "number", scope: "col" }, "Rate"), heading("Errors", "errors", sort),
      heading("p50", "p50", sort), heading("p95", "p95", sort),
      el("th", { class: "number wide", scope: "col" }, "p99"), el("th", { class: "number wide", scope: "col" }, "Last"))),
    body);
  const holder = el("div", { class: "panel scroll", hidden: true }, table);
  const empty = el("div");
  put(main, el("div", { class: "head" }, el("h1", null, "Services"), el("div", { class: "end" }, windowChoice(values, go))),
    holder, empty);

  return {
    async refresh(signal) {
      const [services, series] = await Promise.all(
        [ask("services", { since }, signal), ask("series", { since, by: "services" }, signal)]);
      const lines = new Map(series.series.map((line) => [`${line.service}\n${line.env}`, line]));
      const rows = services.services.toSorted(ORDERS[sort.by]);
      holder.hidden = rows.length === 0;
      refill(empty, rows.length ? null : await nothingYet(since, signal));
      syncRows(body, rows, (row) => `${row.service}\n${row.env}`, (row) => cells(row, lines, since));
    },
  };
}

function cells(row, lines, since) {
  const line = lines.get(`${row.service}\n${row.env}`);
  const env = row.env && row.env !== "none" ? row.env : "";
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colour(row.service);
  const label = `${count(row.hits)} hits, ${count(row.errors)} errors in the ${since}`;
  return [
    { as: "name", mark: row.service + since, content: [swatch,
      el("a", { href: serviceAddress(row.service, { since, env }) }, said(row.service)),
      env && el("span", { class: "quiet" }, " ", said(env))] },
    { content: line ? sparkline(line.hits, line.errors, label) : "" },
    { as: "number", content: count(row.hits) },
    { as: "number", content: rate(row.rate_per_s) },
    { as: row.errors ? "number bad" : "number", content: row.errors ? `${count(row.errors)} (${share(row.errors, row.hits)})` : "–" },
    { as: "number", content: duration(row.p50_ns) },
    { as: "number", content: duration(row.p95_ns) },
    { as: "number wide", content: duration(row.p99_ns) },
    { as: "number wide", content: age(row.last_seen) },
  ];
}

/** What to do when there is nothing to see. */
async function nothingYet(since, signal) {
  const info = await ask("info", {}, signal);
  const listener = info.listeners?.find((place) => place.includes(":")) ?? "127.0.0.1:8126";
  if (info.received?.spans > 0) {
    return el("div", { class: "panel empty" }, el("h2", null, `Nothing has arrived in the last ${since}`),
      el("p", null, "Something arrived before that. Look further back, or send a request to an app."));
  }
  return el("div", { class: "panel empty" }, el("h2", null, "Nothing has arrived yet"),
    el("p", null, "The agent listens on ", el("code", null, listener), ". To see your app here:"),
    el("ol", null,
      el("li", null, "Start it under its tracer, for Python: ",
        el("code", null, `DD_TRACE_AGENT_URL=http://${listener} ddtrace-run flask run`)),
      el("li", null, "Send it a request. It shows here within seconds, by itself."),
      el("li", null, "Without an app at hand, ", el("code", null, "roost send-test"), " sends a trace of its own.")),
    el("p", null, "If it runs and nothing comes, ", el("a", { href: "/setup" }, "Set-up"), " says why."));
}
