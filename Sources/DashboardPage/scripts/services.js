// All services: how much they are asked, how often they fail, how long they take.
import { ask, path } from "./api.js";
import { sparkline } from "./charts.js";
import { arrowKeys, el, put, refill, said, shortTable, syncRows } from "./dom.js";
import { age, colour, count, fewHits, percentile, rate, rowNotes } from "./format.js";
import { EVERYTHING, rangeChoice, rangeOf, rangeValues } from "./range.js";
import { failures } from "./traces.js";

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
  const range = rangeOf(values);
  const chosenSort = values.get("sort") in ORDERS ? values.get("sort") : "";
  const sort = { by: chosenSort || "hits", change: (name) => go(path("/", { ...rangeValues(range), sort: name })) };
  const body = el("tbody");
  arrowKeys(body);
  const table = el("table", null,
    el("thead", null, el("tr", null, heading("Service", "service", sort, ""), el("th", { scope: "col" }, "Hits over time"),
      heading("Hits", "hits", sort), el("th", { class: "number", scope: "col" }, "Rate"), heading("Errors", "errors", sort),
      heading("p50", "p50", sort), heading("p95", "p95", sort),
      el("th", { class: "number wide", scope: "col" }, "p99"), el("th", { class: "number wide", scope: "col" }, "Last"))),
    body);
  const holder = el("div", { class: "panel scroll", hidden: true }, table);
  let draw = () => {};
  const short = shortTable(() => draw());
  const notes = el("div", { class: "warn" });
  const legend = el("p", { class: "quiet" });
  const empty = el("div");
  put(main, el("div", { class: "head" }, el("h1", null, "Services"), el("div", { class: "end" },
    rangeChoice(range, (change) => go(path("/", { ...change, sort: chosenSort }))))), holder, short.more, notes, legend, empty);

  return {
    isLive: range.isLive,
    async refresh(signal) {
      const [services, series] = await Promise.all(
        [ask("services", range.tables, signal), ask("series", { ...range.tables, by: "services" }, signal)]);
      const lines = new Map(series.series.map((line) => [`${line.service}\n${line.env}`, line]));
      const rows = services.services.toSorted(ORDERS[sort.by]);
      const nothing = rows.length ? null : await nothingYet(range, signal);
      holder.hidden = rows.length === 0;
      refill(empty, nothing);
      refill(legend, fewHits(rows.map((row) => row.hits)));
      refill(notes, rowNotes(services).map((text) => el("p", null, text)));
      draw = () => syncRows(body, short.shorten(rows), (row) => `${row.service}\n${row.env}`, (row) => cells(row, lines, range));
      draw();
    },
  };
}

function cells(row, lines, range) {
  const line = lines.get(`${row.service}\n${row.env}`);
  const { env } = row;
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colour(row.service);
  const label = `${count(row.hits)} hits, ${count(row.errors)} errors in ${range.words}`;
  return [
    { as: "name", mark: row.service, content: [swatch,
      el("a", { href: serviceAddress(row.service, { ...rangeValues(range), env }) }, said(row.service)),
      env !== "none" && el("span", { class: "quiet" }, " ", said(env))] },
    { content: line ? sparkline(line.hits, line.errors, label) : "" },
    { as: "number", content: count(row.hits) },
    { as: "number", content: rate(row.rate_per_s) },
    failures(row, { service: row.service, env, ...rangeValues(range) }),
    { as: "number", content: percentile(row.p50_ns, row.hits) },
    { as: "number", content: percentile(row.p95_ns, row.hits) },
    { as: "number wide", content: percentile(row.p99_ns, row.hits) },
    { as: "number wide", content: age(row.last_seen) },
  ];
}

/** What to do when there is nothing to see. */
async function nothingYet(range, signal) {
  const [info, ever] = await Promise.all([ask("info", {}, signal), ask("services", rangeOf(new URLSearchParams(EVERYTHING)).tables, signal)]);
  const listener = info.listeners?.find((place) => place.includes(":")) ?? "127.0.0.1:8126";
  if (ever.services.length) {
    return el("div", { class: "panel empty" }, el("h2", null, `Nothing in ${range.words}`),
      el("p", null, "There is something at other times: ", el("a", { href: path("/", EVERYTHING) }, "all that is kept"), "."));
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
