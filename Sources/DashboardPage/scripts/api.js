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

let source = null;
let paused = false;
let whenNews = () => {};
let whenState = () => {};

/** Calls `news` when something has arrived, and `state` with "live", "paused" or "lost". */
export function listen(news, state) {
  whenNews = news;
  whenState = state;
  // A browser has six connections for all its tabs: those that nobody looks at need none.
  document.addEventListener("visibilitychange", connect);
  connect();
}

export function setPaused(value) {
  paused = value;
  connect();
  if (!paused) whenNews();
}

function connect() {
  const wanted = !paused && document.visibilityState !== "hidden";
  if (!wanted) {
    source?.close();
    source = null;
    whenState(paused ? "paused" : "lost");
    return;
  }
  if (source) return;
  source = new EventSource("/api/v1/events");
  source.onopen = () => {
    whenState("live");
    whenNews();
  };
  source.onerror = () => whenState("lost");
  source.addEventListener("news", () => whenNews());
}
