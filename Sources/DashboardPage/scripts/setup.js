// What listens, who sends, what clients do wrong, what was lost, and what the doctor says to it.
import { ask, Refused } from "./api.js";
import { copyButton, el, put, refill, said, syncRows } from "./dom.js";
import { age, bytes, count, duration, rowNotes } from "./format.js";

const head = (...names) => el("thead", null, el("tr", null, names.map((name) =>
  el("th", { scope: "col", class: name.startsWith("#") ? "number" : "" }, name.replace("#", "")))));

const number = (value) => ({ as: "number", content: count(value ?? 0) });

export function setupView({ main, title }) {
  title("Set-up");
  const agent = el("section", { class: "panel" });
  const traffic = el("section", { class: "panel" });
  const senders = el("tbody");
  const issues = el("tbody");
  const losses = el("tbody");
  const errors = el("tbody");
  const settings = el("tbody");
  const panel = (name, table, empty) => el("section", { class: "panel scroll" }, el("h2", null, name), table, empty);
  const none = { senders: el("p", { class: "quiet" }), issues: el("p", { class: "quiet" }), losses: el("p", { class: "quiet" }) };
  const more = el("div");
  const findings = el("div", { "aria-live": "polite" });
  const again = el("button", { type: "button", on: { click: () => examine() } }, "Look again");
  put(main, el("div", { class: "head" }, el("h1", null, "Set-up")),
    el("section", { class: "panel" }, el("div", { class: "head" }, el("h2", null, "What the doctor finds"),
      el("div", { class: "end" }, again)), findings),
    el("div", { class: "grid" }, agent, traffic),
    panel("Who sends", el("table", null, head("Client", "Endpoint", "#Payloads", "#Traces", "#Spans", "#Last"), senders), none.senders),
    panel("What clients do wrong", el("table", null, head("What", "Detail", "Client", "#Times", "#Last"), issues), none.issues),
    panel("Refused, dropped, lost and repaired",
      el("table", null, head("What", "Reason", "#Payloads", "#Traces", "#Spans"), losses), none.losses), more);
  const errorPanel = panel("Errors of the agent", el("table", null, head("Error", "#Age"), errors));
  const settingPanel = panel("Settings without effect", el("table", null, head("Setting", "Where", "About", "Why"), settings));

  async function examine() {
    again.disabled = true;
    refill(findings, el("p", { class: "quiet" }, "Looking at this machine, which takes a few seconds …"));
    try {
      const document = await ask("doctor");
      refill(findings, verdict(document));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refill(findings, el("p", null, said(error.message, 1000), ". ", el("code", null, "roost doctor"), " says more."));
    }
    again.disabled = false;
  }
  examine();

  return {
    async refresh(signal) {
      const info = await ask("info", {}, signal);
      refill(agent, el("h2", null, "The agent"), facts(info));
      refill(traffic, el("h2", null, "What became of it"), flow(info), rowNotes(info).map((text) => el("p", { class: "warn" }, text)));
      syncRows(senders, info.clients, (row) => [row.language, row.language_version, row.tracer_version, row.endpoint].join("\n"), senderCells);
      refill(none.senders, info.clients.length ? null : "Nobody has sent traces yet.");
      syncRows(issues, info.misuse, (row) => [row.kind, row.detail, row.client].join("\n"), issueCells);
      refill(none.issues, info.misuse.length ? null : "Nothing that the agent has seen.");
      const lost = lossRows(info);
      syncRows(losses, lost, (row) => `${row.what}\n${row.reason}`, lossCells);
      refill(none.losses, lost.length ? null : "Nothing.");
      syncRows(errors, info.last_errors, (row) => `${row.at}\n${row.message}`, errorCells);
      const unused = info.config.settings_without_effect;
      syncRows(settings, unused, (row) => `${row.name}\n${row.origin}`, settingCells);
      const panels = [info.last_errors.length && errorPanel, unused.length && settingPanel].filter(Boolean);
      if (panels.length !== more.children.length) refill(more, panels);
    },
  };
}

const fact = (name, ...value) => [el("dt", null, name), el("dd", null, value)];

function facts(info) {
  const { config } = info;
  return el("dl", { class: "pairs" },
    fact("version", `roost ${info.version}`, info.commit ? ` (${info.commit.slice(0, 12)})` : ""),
    fact("process", `${info.pid}${info.hostname ? " on " : ""}`, info.hostname && said(info.hostname, 100),
      `, up ${duration(info.uptime_ns)}, memory ${bytes(info.memory?.rss_bytes ?? 0)}`),
    fact("listens on", info.listeners?.length ? info.listeners.map((place) => el("div", null, el("code", null, said(place)))) : "nothing"),
    fact("page", el("code", null, said(info.page ?? location.origin))),
    fact("connections", `${count(info.connections.open)} open, ${count(info.connections.accepted)} since the start`),
    fact("sampling", `towards ${config.target_tps} traces/s; spans without env become `, said(config.env, 100)),
    fact("forwards", config.forwarding_to ? ["to ", said(config.forwarding_to)]
      : ["nothing", config.forwarding_off_reason && [": ", said(config.forwarding_off_reason)]]),
    config.forwarding_to && intake(info.intake), store(info.store));
}

/** How the intake is. */
function intake(state) {
  return fact("intake",
    state.troubles.map((trouble) => el("div", { class: "bad" },
      `${trouble.state} ${trouble.payloads} since ${age(trouble.since)}, ${count(trouble.attempts)} attempts: `, said(trouble.text, 400))),
    el("div", null, state.last_success ? `took something ${age(state.last_success)}` : "has not taken anything yet"),
    state.last_loss && el("div", { class: "warn" }, `the last loss was ${age(state.last_loss)}`));
}

/** What outlives the agent, and what was left out. */
function store(state) {
  if (!state) return fact("history", "in memory, for an hour; no traces are kept (local.db is off)");
  const [stored, thinned, lost] = [state.stored_traces, state.thinned_traces, state.lost_traces];
  return [
    fact("history", "in ", el("code", null, said(state.path)), state.used_bytes ? `, ${bytes(state.used_bytes)}` : "",
      state.failure && el("div", { class: "bad" }, "cannot be written: ", said(state.failure, 400)),
      state.lost_buckets > 0 && el("div", { class: "bad" }, `${count(state.lost_buckets)} buckets of statistics lost`)),
    fact("traces", `${count(stored.traces)} stored with ${count(stored.spans)} spans`,
      state.oldest_trace_age_ns ? `, the oldest of ${duration(state.oldest_trace_age_ns)} ago` : "",
      thinned.traces > 0 && el("div", { class: "warn" },
        `${count(thinned.traces)} with ${count(thinned.spans)} spans left out: too many at once`),
      lost.traces > 0 && el("div", { class: "bad" }, `${count(lost.traces)} with ${count(lost.spans)} spans lost`)),
  ];
}

function flow(info) {
  const line = (name, counts) => [name, counts?.payloads, counts?.bytes, counts?.traces, counts?.spans];
  const rows = [line("received", info.received), line("kept", info.kept), line("sent", info.sent),
    line("statistics sent", info.sent?.stats), line("waiting", info.queued)];
  const cell = (value, write) => el("td", { class: "number" }, value === undefined ? "" : write(value));
  const retries = (info.sent?.retries ?? 0) + (info.sent?.stats?.retries ?? 0);
  return [
    el("div", { class: "scroll" }, el("table", null, head("", "#Payloads", "#Bytes", "#Traces", "#Spans"), el("tbody", null,
      rows.map(([name, payloads, size, traces, spans]) => el("tr", null, el("th", { scope: "row" }, name),
        cell(payloads, count), cell(size, bytes), cell(traces, count), cell(spans, count)))))),
    retries > 0 && el("p", { class: "quiet" }, `${count(retries)} attempts had to be repeated`)];
}

function errorCells(row) {
  return [{ as: "name bad", mark: row.message, content: [said(row.message, 1000)] }, { as: "number", content: age(row.at) }];
}

const REASONS = { not_yet: "not supported yet", not_hidden: "data is not rewritten or hidden", unknown: "unknown",
  no_meaning: "has no meaning here", other_program: "of another program" };

function settingCells(row) {
  return [el("code", null, said(row.name, 200)), said(row.origin, 300), said(row.about, 300),
    { as: "quiet", content: REASONS[row.reason] ?? row.reason }];
}

function senderCells(row) {
  return [
    said([row.language, row.language_version].filter(Boolean).join(" ") + (row.tracer_version ? ` / tracer ${row.tracer_version}` : "") || "unknown"),
    said(row.endpoint), number(row.payloads), number(row.traces), number(row.spans), { as: "number", content: age(row.last_seen) }];
}

function issueCells(row) {
  return [said(row.kind), said(row.detail), said(row.client), number(row.count), { as: "number", content: age(row.last_seen) }];
}

function lossRows(info) {
  const rows = Object.entries(info.refused ?? {}).map(([reason, payloads]) => ({ what: "refused", reason, payloads }));
  for (const what of ["dropped", "lost"]) {
    for (const [reason, counts] of Object.entries(info[what] ?? {})) rows.push({ what, reason, ...counts });
  }
  for (const [reason, spans] of Object.entries(info.malformed ?? {})) rows.push({ what: "repaired", reason, spans });
  return rows;
}

function lossCells(row) {
  return [row.what, said(row.reason), number(row.payloads), number(row.traces), number(row.spans)];
}

/** The doctor's document: what it concludes, then each finding with what to do. */
function verdict(document) {
  const list = document.findings ?? [];
  if (!list.length) return el("p", { class: "good" }, "Nothing is wrong that can be seen from here.");
  return list.map((finding) => el("article", { class: `finding ${finding.severity}` },
    el("h3", null, el("span", { class: "quiet" }, said(finding.id, 20)), " ", said(finding.title, 600)),
    finding.because.map((line) => el("p", { class: "quiet" }, said(line, 1000))),
    finding.fix.map((line) => el("div", { class: "command" },
      el("pre", null, said(line, 4000)), copyButton(line, "copy", "what to do")))));
}
