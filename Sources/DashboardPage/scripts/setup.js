// What listens, who sends, what clients do wrong, what was lost, and what the doctor says to it.
import { ask, Refused } from "./api.js";
import { copyButton, el, put, refill, said, syncRows } from "./dom.js";
import { age, bytes, count, duration } from "./format.js";

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
  const panel = (name, table, empty) => el("section", { class: "panel scroll" }, el("h2", null, name), table, empty);
  const none = { senders: el("p", { class: "quiet" }), issues: el("p", { class: "quiet" }), losses: el("p", { class: "quiet" }) };
  const findings = el("div", { "aria-live": "polite" });
  const again = el("button", { type: "button", on: { click: () => examine() } }, "Look again");
  put(main, el("div", { class: "head" }, el("h1", null, "Set-up")),
    el("section", { class: "panel" }, el("div", { class: "head" }, el("h2", null, "What the doctor finds"),
      el("div", { class: "end" }, again)), findings),
    el("div", { class: "grid" }, agent, traffic),
    panel("Who sends", el("table", null, head("Client", "Endpoint", "#Payloads", "#Traces", "#Spans", "#Last"), senders), none.senders),
    panel("What clients do wrong", el("table", null, head("What", "Detail", "Client", "#Times", "#Last"), issues), none.issues),
    panel("Refused, dropped and lost", el("table", null, head("What", "Reason", "#Payloads", "#Traces", "#Spans"), losses), none.losses));

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
      refill(traffic, el("h2", null, "What became of it"), flow(info));
      syncRows(senders, info.clients, (row) => [row.language, row.language_version, row.tracer_version, row.endpoint].join("\n"), senderCells);
      refill(none.senders, info.clients.length ? null : "Nobody has sent traces yet.");
      syncRows(issues, info.misuse, (row) => [row.kind, row.detail, row.client].join("\n"), issueCells);
      refill(none.issues, info.misuse.length ? null : "Nothing that the agent has seen.");
      const lost = lossRows(info);
      syncRows(losses, lost, (row) => `${row.what}\n${row.reason}`, lossCells);
      refill(none.losses, lost.length ? null : "Nothing.");
    },
  };
}

const fact = (name, ...value) => [el("dt", null, name), el("dd", null, value)];

function facts(info) {
  const { forwarding_to: intake, forwarding_off_reason: reason } = info.config;
  return el("dl", { class: "pairs" },
    fact("version", `roost ${info.version}`, info.commit ? ` (${info.commit.slice(0, 12)})` : ""),
    fact("process", `${info.pid}, up ${duration(info.uptime_ns)}, ${bytes(info.memory?.rss_bytes ?? 0)}`),
    fact("listens on", info.listeners?.length ? info.listeners.map((place) => el("div", null, el("code", null, said(place)))) : "nothing"),
    fact("page", el("code", null, said(info.page ?? location.origin))),
    fact("forwards", intake ? ["to ", said(intake)] : ["nothing", reason && [": ", said(reason)]]),
    info.store && fact("file", el("code", null, said(info.store.path)), info.store.failure && el("span", { class: "bad" }, " ", said(info.store.failure))));
}

function flow(info) {
  const line = (name, counts) => [name, counts?.traces ?? 0, counts?.spans ?? 0];
  const rows = [line("received", info.received), line("kept", info.kept), line("sent", info.sent?.traces), line("waiting", info.queued)];
  return el("table", null, head("", "#Traces", "#Spans"), el("tbody", null, rows.map(([name, traces, spans]) =>
    el("tr", null, el("th", { scope: "row" }, name), el("td", { class: "number" }, count(traces)), el("td", { class: "number" }, count(spans))))));
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
