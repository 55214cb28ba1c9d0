// Traces: found by a query, as points over time and as a list.
import { ask, path, Refused } from "./api.js";
import { arrowKeys, el, put, refill, said, shortTable, syncRows } from "./dom.js";
import { age, aheadBy, clock, colour, count, duration, durationBounds, moment, share, unreadThreads } from "./format.js";
import { EVERYTHING, rangeChoice, rangeOf, rangeValues } from "./range.js";
import { scatter } from "./scatter.js";
import { visible } from "./visible.js";

const SORTS = [["start", "newest"], ["duration", "longest"], ["spans", "most spans"]];
const LIMIT = 500;

// A star without a backslash would stand for any characters.
const quoted = (text) => `"${text.replaceAll(/["\\*]/g, "\\$&")}"`;

/** The address of the list with the traces of a service, a resource, or those that failed. */
export function tracesAddress({ service, resource, env, errors, ...range }) {
  const query = [
    service && `service:${quoted(service)}`, resource && `resource:${quoted(resource)}`, env && `env:${quoted(env)}`,
    errors && "status:error"].filter(Boolean).join(" ");
  return path("/traces", { query, ...rangeValues(range) });
}

/** The cell of a row of statistics that says how much failed, and leads to those traces. */
export function failures(row, wanted) {
  if (!row.errors) return { as: "number", content: "–" };
  const text = `${count(row.errors)} (${share(row.errors, row.hits)})`;
  const link = el("a", { href: tracesAddress({ ...wanted, errors: true }), "aria-label": `${text} failed, show traces` }, text);
  return { as: "number bad", mark: text, content: [link] };
}

export function tracesView({ main, values, go, title }) {
  title("Traces");
  const query = el("input", { type: "text", name: "query", value: values.get("query") ?? "", spellcheck: "false",
    autocomplete: "off", placeholder: "words, service:shop, duration:>100ms, status:error, tag:value" });
  const range = rangeOf(values);
  const sort = el("select", { name: "sort" }, SORTS.map(([value, text]) =>
    el("option", { value, selected: value === values.get("sort") }, text)));
  const mistake = el("pre", { class: "mistake", role: "alert", hidden: true });
  const filters = el("div", { class: "filters" });
  const wanted = { query: values.get("query") ?? "", min: values.get("min") ?? "", max: values.get("max") ?? "", sort: values.get("sort") ?? "" };
  const address = (change) => path("/traces", { ...wanted, ...rangeValues(range), ...change });
  const submit = (change = {}) =>
    go(address({ query: query.value.trim(), sort: sort.value === "start" ? "" : sort.value, ...change }));
  const form = el("form", { class: "search", role: "search", on: { submit: (event) => {
    event.preventDefault();
    submit();
  } } }, el("label", { class: "query" }, "Search", query),
  el("label", null, "First", sort), el("button", { type: "submit" }, "Search"), rangeChoice(range, submit));
  sort.addEventListener("change", () => submit());

  const points = scatter({
    choose: ({ fromMs, toMs, minNs, maxNs }) => submit({
      since: "", from: String(Math.floor(fromMs)), to: String(Math.ceil(toMs) + 1), ...durationBounds(minNs, maxNs) }),
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
  let draw = () => {};
  const short = shortTable(() => draw());
  const losses = el("div");
  const empty = el("div");
  put(main, el("div", { class: "head" }, el("h1", null, "Traces")), form, mistake, filters, losses, summary, plot, holder, short.more, empty);
  if (wanted.min || wanted.max) {
    const words = wanted.min && wanted.max ? `takes ${wanted.min} to ${wanted.max}` : wanted.min ? `takes ${wanted.min} and more` : `takes at most ${wanted.max}`;
    put(filters, el("span", { class: "badge" }, said(words, 100)),
      el("button", { type: "button", on: { click: () => submit({ min: "", max: "" }) } }, "any duration"));
  }
  if (range.from || range.to) {
    put(filters, el("span", { class: "badge" }, range.words),
      el("button", { type: "button", on: { click: () => submit({ since: "", from: "", to: "" }) } }, "up to now"));
  }

  const view = {
    isLive: range.isLive,
    async refresh(signal) {
      let found;
      let info;
      try {
        [found, info] = await Promise.all([
          ask("traces", { ...wanted, limit: LIMIT, ...range.traces }, signal), ask("info", {}, signal)]);
      } catch (error) {
        // Without an answer what is there stays.
        if (!(error instanceof Refused) || !error.status) throw error;
        // A query that is wrong stays wrong, whatever arrives.
        const isMistake = error.status < 500;
        if (isMistake) view.isLive = false;
        if (isMistake) showMistake(mistake, wanted.query, error);
        refill(empty, !isMistake && panel("There are no traces to list", el("p", null, said(error.message, 1000), ".")));
        for (const node of [summary, losses]) refill(node);
        plot.hidden = holder.hidden = short.more.hidden = true;
        return;
      }
      mistake.hidden = true;
      const rows = found.traces;
      plot.hidden = holder.hidden = rows.length === 0;
      refill(summary, rows.length ? `${found.has_more ? `the first ${count(rows.length)}` : count(rows.length)} trace`
        + `${rows.length === 1 ? "" : "s"}, ${count(rows.filter((row) => row.error_count).length)} failed`
        + (found.searched_back_to_ns ? `; older than ${clock(found.searched_back_to_ns / 1e6)} was not searched` : "") : "");
      const none = rows.length ? null : await nothing(wanted, range, address, { info, found }, signal);
      refill(empty, none);
      refill(losses, leftOut(found, info, range));
      if (rows.length && !plot.contains(document.activeElement) && !plot.matches(":hover:active")) points.show(rows);
      draw = () => syncRows(body, short.shorten(rows), (row) => row.trace_id, cells);
      draw();
    },
  };
  return view;
}

/** What the list lacks that the time had: the store keeps only so much at once. */
function leftOut(found, { store, started }, range) {
  const thinned = found.thinned_traces ?? 0;
  const unread = unreadThreads(found);
  const traces = (number) => `${count(number)} trace${number === 1 ? "" : "s"}`;
  const lost = store?.lost_traces.traces ?? 0;
  const isBefore = range.to && Number(range.to) < moment(started);
  return [
    store?.failure && el("p", { class: "bad" }, "The file of traces cannot be written: ", said(store.failure, 300)),
    unread && el("p", { class: "warn" }, unread, "."),
    thinned > 0 && el("p", { class: "warn" }, `${traces(thinned)} of this time were thinned out: more came at once than are kept: over local.db_spans_per_second, or faster than the disk writes. `
      + "Errors, the slowest and some of each resource were kept; services and resources count all."),
    lost > 0 && !isBefore && el("p", { class: "warn" }, `${traces(lost)} could not be written since the agent started, ${age(started)}.`),
  ];
}

/** Shows where in the query the mistake is. */
function showMistake(mistake, query, error) {
  const line = query.replace(/\s/g, " ");
  // What stands before the place stands, unseen, before the caret, too: so it takes the same width whatever it is.
  const before = visible([...line].slice(0, error.position).join(""));
  refill(mistake, error.position !== undefined && [
    el("span", null, visible(line)), "\n", el("span", { class: "blank" }, before), el("span", { class: "caret" }, "^"), " "],
  visible(error.message));
  mistake.hidden = false;
}

function cells(row) {
  const swatch = el("span", { class: "swatch" });
  swatch.style.background = colour(row.root_service);
  const failed = row.error_count > 0;
  return [
    { as: "line", content: [clock(row.start_ns / 1e6, true),
      row.ahead_ns > 0 && el("span", { class: "badge warn" }, aheadBy(row.ahead_ns))] },
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

const panel = (title, ...text) => el("div", { class: "panel empty" }, el("h2", null, title), text);

/** What to do when the list is empty: it depends on whether anything is kept at all. */
async function nothing(wanted, range, address, { info, found }, signal) {
  const hasAny = (await ask("traces", { limit: 1 }, signal)).traces.length > 0;
  if (!hasAny && !info.received?.spans) {
    return panel("No trace has arrived yet",
      el("p", null, "Send a request to an app that is traced; ", el("a", { href: "/setup" }, "Set-up"),
        " says why nothing comes. ", el("code", null, "roost send-test"), " sends a trace of its own."));
  }
  if (!hasAny) return panel("No trace is kept", el("p", null, "Traces have arrived; ", el("a", { href: "/setup" }, "Set-up"), " says what became of them."));
  const hasFilter = wanted.query || wanted.min || wanted.max;
  const isAll = range.since === "all";
  const backTo = found.searched_back_to_ns;
  return panel(hasFilter ? "No trace fits" : `No trace in ${range.words}`,
    backTo && el("p", { class: "warn" }, `What is older than ${clock(backTo / 1e6)} was not searched, to answer in time.`),
    el("p", null, "Look ", !isAll && el("a", { href: address(EVERYTHING) }, `at all that is kept${hasFilter ? " with this search" : ""}`),
      !isAll && hasFilter && ", or ",
      hasFilter && el("a", { href: path("/traces", rangeValues(range)) }, `at all traces of ${range.words}`), "."));
}
