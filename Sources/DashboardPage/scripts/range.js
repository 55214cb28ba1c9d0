// Which part of the past a view shows: so far back from now, or from one moment to another. It stands in the address.
import { el, put } from "./dom.js";
import { clock } from "./format.js";
import { visible } from "./visible.js";

const WINDOWS = [
  ["1m", "last minute"], ["5m", "last 5 minutes"], ["15m", "last 15 minutes"], ["1h", "last hour"],
  ["6h", "last 6 hours"], ["1d", "last day"], ["7d", "last 7 days"], ["30d", "last 30 days"], ["all", "all that is kept"],
];
const USUAL = "15m";
/** More than statistics are ever kept. */
const FOREVER = "36500d";

/**
 * What an address says: {since, from, to} as they stand in it (`from` and `to` in ms since 1970), `words` for people,
 * `isLive` when it goes on with the time, `tables` and `traces` as the API takes them.
 */
export function rangeOf(values) {
  const moment = (name) => (/^\d{1,15}$/.test(values.get(name) ?? "") ? values.get(name) : "");
  const [from, to] = [moment("from"), moment("to")];
  if (from || to) {
    const bounds = { from: from && `${from}000000`, to: to && `${to}000000` };
    const words = `${from ? clock(Number(from)) : "the beginning"} – ${to ? clock(Number(to)) : "now"}`;
    // What is open on its left goes back as far as it can.
    const tables = from ? bounds : { ...bounds, from: "0" };
    return { since: "", from, to, words, isLive: !to, tables, traces: bounds };
  }
  const since = values.get("since") || USUAL;
  const words = WINDOWS.find(([value]) => value === since)?.[1] ?? `last ${visible(since)}`;
  return { since, from: "", to: "", words: since === "all" ? "the time that is kept" : `the ${words}`, isLive: true,
    tables: { since: since === "all" ? FOREVER : since }, traces: since === "all" ? {} : { since } };
}

/** The same part of the past, as other views have it in their addresses. */
export const rangeValues = ({ since, from, to }) => ({ since: since === USUAL ? "" : since, from, to });

/** All that is kept, as addresses have it. */
export const EVERYTHING = { since: "all", from: "", to: "" };

/** A choice of it; `change({since, from, to})` is called with a new one. */
export function rangeChoice(range, change) {
  const isCustom = Boolean(range.from || range.to);
  const known = WINDOWS.some(([value]) => value === range.since) || isCustom
    ? WINDOWS : [...WINDOWS, [range.since, range.words]];
  const select = el("select", { name: "since", "aria-label": "Time", on: { change: () => {
    custom.hidden = select.value !== "custom";
    if (custom.hidden) change({ since: select.value === USUAL ? "" : select.value, from: "", to: "" });
    else from.focus();
  } } }, known.map(([value, text]) => el("option", { value, selected: !isCustom && value === range.since }, text)),
  el("option", { value: "custom", selected: isCustom }, "from … until …"));
  const input = (name, ms) => el("input", { type: "datetime-local", step: 1, "aria-label": name, value: ms ? localText(Number(ms)) : null });
  const [from, until] = [input("From", range.from), input("Until", range.to)];
  const apply = () => {
    const [first, last] = [from, until].map((each) => (each.value ? String(new Date(each.value).getTime()) : ""));
    until.setCustomValidity(first && last && Number(first) >= Number(last) ? "This is not after the beginning." : "");
    if ((first || last) && until.reportValidity()) change({ since: "", from: first, to: last });
  };
  const custom = el("span", { class: "custom", hidden: !isCustom, on: { keydown: (event) => {
    if (event.key !== "Enter" || event.target === button) return;
    event.preventDefault();
    apply();
  } } }, from, " – ", until);
  const button = el("button", { type: "button", on: { click: apply } }, "Show");
  put(custom, " ", button);
  return el("span", { class: "range" }, select, custom);
}

/** As fields of dates have it: the clock on the wall, to a second. */
function localText(ms) {
  const time = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return time.toISOString().slice(0, 19);
}
