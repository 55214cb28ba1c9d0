// Traces: found by a query, as points over time and as a list.
import { ask, path, Refused } from "./api.js";
import { arrowKeys, el, put, refill, said, syncRows } from "./dom.js";
import { clock, colour, count, duration, typedDuration } from "./format.js";
import { scatter } from "./scatter.js";
import { USUAL_WINDOW, WINDOWS } from "./services.js";

const SORTS = [["start", "newest"], ["duration", "longest"], ["spans", "most spans"]];
const LIMIT = 500;

const quoted = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** The address of the list with the traces of a service, a resource, or those that failed. */
export function tracesAddress({ service, resource, env, since, errors }) {
  const query = [
    service && `service:${quoted(service)}`, resource && `resource:${quoted(resource)}`, env && `env:${quoted(env)}`,
    errors && "status:error"].filter(Boolean).join(" ");
  return path("/traces", { query, since });
}

export function tracesView({ main, values, go, title }) {
  title("Traces");
  const query = el("input", { type: "text", name: "query", value: values.get("query") ?? "", spellcheck: "false",
    autocomplete: "off", placeholder: "words, service:shop, duration:>100ms, status:error, tag:value" });
  const since = el("select", { name: "since" }, WINDOWS.map(([value, text]) =>
    el("option", { value, selected: value === (values.get("since") ?? USUAL_WINDOW) }, text)));
  const sort = el("select", { name: "sort" }, SORTS.map(([value, text]) =>
    el("option", { value, selected: value === values.get("sort") }, text)));
  const mistake = el("pre", { class: "mistake", role: "alert", hidden: true });
  const filters = el("div", { class: "filters" });
  const submit = (change = {}) => {
    const next = { query: query.value.trim(), since: since.value, sort: sort.value === "start" ? "" : sort.value,
      from: values.get("from"), to: values.get("to"), ...change };
    go(path("/traces", next));
  };
  const form = el("form", { class: "search", role: "search", on: { submit: (event) => {
    event.preventDefault();
    submit();
  } } }, el("label", { class: "query" }, "Search", query),
  el("label", null, "How far back", since), el("label", null, "First", sort), el("button", { type: "submit" }, "Search"));
  for (const select of [since, sort]) select.addEventListener("change", () => submit({ from: null, to: null }));

  const points = scatter({
    choose: ({ fromMs, toMs, minNs, maxNs }) => submit({
      query: [query.value.trim().replace(/\s*duration:\S+\.\.\S+/g, ""),
        `duration:${typedDuration(minNs)}..${typedDuration(maxNs)}`].filter(Boolean).join(" "),
      from: Math.floor(fromMs), to: Math.ceil(toMs) }),
    open: (id) => go(`/t/${id}`),
  });
  const plot = el("div", { class: "panel", hidden: true }, el("h2", null, "Duration over time"), points.node,
    el("p", { class: "quiet" }, "✕ failed. Drag over an area to show only what is in it; click a point to open it."));
  const body = el("tbody");
  arrowKeys(body);
  const summary = el("p", { class: "quiet", role: "status" });
  const holder = el("div", { class: "panel scroll", hidden: true },
    el("table", null, el("thead", null, el("tr", null, el("th", { scope: "col" }, "Time"), el("th", { scope: "col" }, "Resource"),
      el("th", { scope: "col", class: "number" }, "Duration"), el("th", { scope: "col", class: "number wide" }, "Spans"),
      el("th", { scope: "col" }, "Status"), el("th", { scope: "col", class: "wide" }, "Services"),
      el("th", { scope: "col", class: "wide" }, "Sampling"))), body));
  const empty = el("div");
  put(main, el("div", { class: "head" }, el("h1", null, "Traces")), form, mistake, filters, summary, plot, holder, empty);
  if (values.get("from")) {
    put(filters, el("span", { class: "badge" },
      `${clock(Number(values.get("from")), true)} – ${clock(Number(values.get("to")), true)}`),
    el("button", { type: "button", on: { click: () => submit({ from: null, to: null }) } }, "all times"));
  }

  return {
    isLive: !values.get("from"),
    async refresh(signal) {
      let found;
      try {
        found = await ask("traces", { query: values.get("query"), since: values.get("since") ?? USUAL_WINDOW,
          sort: values.get("sort"), limit: LIMIT, from: nanoseconds(values.get("from")), to: nanoseconds(values.get("to")) },
        signal);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        showMistake(mistake, values.get("query") ?? "", error);
        refill(summary);
        plot.hidden = holder.hidden = true;
        return;
      }
      mistake.hidden = true;
      const rows = found.traces;
      plot.hidden = holder.hidden = rows.length === 0;
      refill(summary, rows.length ? `${found.has_more ? `the first ${count(rows.length)}` : count(rows.length)} trace`
        + `${rows.length === 1 ? "" : "s"}, ${count(rows.filter((row) => row.error_count).length)} failed`
        + (found.searched_back_to_ns ? `; older than ${clock(found.searched_back_to_ns / 1e6)} was not searched` : "") : "");
      refill(empty, rows.length ? null : nothing(values));
      if (rows.length && !plot.contains(document.activeElement) && !plot.matches(":hover:active")) points.show(rows);
      syncRows(body, rows, (row) => row.trace_id, cells);
    },
  };
}

const nanoseconds = (ms) => (ms ? `${ms}000000` : null);

/** Shows where in the query the mistake is. */
function showMistake(mistake, query, error) {
  const caret = error.position === undefined ? "" : `${query}\n${" ".repeat(error.position)}^ `;
  mistake.textContent = caret + error.message;
  mistake.hidden = false;
}

function cells(row) {
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colour(row.root_service);
  const failed = row.error_count > 0;
  return [
    { as: "line", content: clock(row.start_ns / 1e6, true) },
    { as: "name", mark: `${row.root_service}\n${row.root_resource}`, content: [
      swatch, el("a", { href: `/t/${row.trace_id}` }, said(row.root_resource || row.root_operation || row.trace_id, 200)),
      " ", el("span", { class: "quiet" }, said(row.root_service, 60))] },
    { as: "number", content: duration(row.duration_ns) },
    { as: "number wide", content: count(row.span_count) },
    { as: failed ? "line bad" : "line", content: [row.status_code && said(row.status_code, 20), row.status_code && " ",
      failed && `${count(row.error_count)} failed`] },
    { as: "wide", mark: row.services.join("\n"), content: row.services.slice(0, 6).map((name) => {
      const mark = el("span", { class: "swatch" });
      mark.style.background = colour(name);
      return el("span", { class: "chip" }, mark, said(name, 40));
    }).concat(row.services.length > 6 ? [`+${row.services.length - 6}`] : []) },
    { as: "line wide quiet", content: `${row.kept ? "kept" : "dropped"}${row.kept_by ? ` (${row.kept_by})` : ""}` },
  ];
}

function nothing(values) {
  const hasQuery = values.get("query") || values.get("from");
  return el("div", { class: "panel empty" },
    el("h2", null, hasQuery ? "No trace fits" : "No trace has arrived yet"),
    hasQuery
      ? el("p", null, "Look further back, or leave something out: ", el("a", { href: "/traces" }, "all traces"), ".")
      : el("p", null, "Send a request to an app that is traced; ", el("a", { href: "/setup" }, "Set-up"),
        " says why nothing comes. ", el("code", null, "roost send-test"), " sends a trace of its own."));
}
