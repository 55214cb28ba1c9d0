// What the agent is asked, and how the page hears of news.

/** A question that the agent did not answer: `message` for people, `position` in a query's text. */
export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? `the agent answered ${status}`);
    this.status = status;
    this.position = error?.position;
  }
}

/** The path and query of a question; empty values are left out. */
export function path(name, values = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) query.set(key, value);
  }
  const text = query.toString();
  return text ? `${name}?${text}` : name;
}

/** A document of the API. */
export async function ask(name, values, signal) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path(name, values)}`, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { message: "the agent does not answer; is it still running?" });
  }
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, document.error);
  return document;
}

/** What the API says, as the text that it is. */
export async function askText(name, values = {}) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path(name, values)}`);
  } catch {
    throw new Refused(0, { message: "the agent does not answer; is it still running?" });
  }
  const text = await answer.text();
  if (answer.ok) return text;
  let error;
  try {
    error = JSON.parse(text).error;
  } catch { /* The status says enough. */ }
  throw new Refused(answer.status, error);
}

let source = null;
let paused = false;
let retrying = 0;
/** What the agent said of itself when the page first reached it, and the last time. */
let first = null;
let last = null;
let listener = { news() {}, state() {}, restarted() {} };

/**
 * Calls `news` when something has arrived, `state` with "live", "paused" or "lost", and `restarted(isOtherPage)` when
 * another run of an agent answers; with `true` when its page is not the one that is shown here.
 */
export function listen(wanted) {
  listener = wanted;
  // A browser has six connections for all its tabs: those that nobody looks at need none.
  document.addEventListener("visibilitychange", connect);
  connect();
}

export function setPaused(value) {
  paused = value;
  connect();
}

function connect() {
  clearTimeout(retrying);
  if (paused || document.visibilityState === "hidden") {
    source?.close();
    source = null;
    if (paused) listener.state("paused");
    return;
  }
  if (source) return;
  source = new EventSource("/api/v1/events");
  source.onopen = () => {
    listener.state("live");
    listener.news();
  };
  source.onerror = () => {
    listener.state("lost");
    // Where the agent answered something else, the browser gives up; this page does not.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    retrying = setTimeout(connect, 2000);
  };
  source.addEventListener("news", () => listener.news());
  source.addEventListener("hello", (event) => hello(JSON.parse(event.data)));
}

function hello(agent) {
  first ??= agent;
  const before = last;
  last = agent;
  if (before && before.agent !== agent.agent) listener.restarted(agent.page !== first.page);
}
