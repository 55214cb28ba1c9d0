// The frame of the page: which view an address means, going from one to another, and drawing anew when news come.
import { listen, setPaused } from "./api.js";
import { el, notice, refill } from "./dom.js";
import { clock } from "./format.js";
import { serviceView } from "./service.js";
import { servicesView } from "./services.js";
import { setupView } from "./setup.js";
import { traceView } from "./trace.js";
import { tracesView } from "./traces.js";
import { visible } from "./visible.js";

/** Each view: the first segment of its address, its place in the navigation, and what makes it. */
const VIEWS = [
  { segment: "", count: 0, current: "services", make: servicesView },
  { segment: "services", count: 2, current: "services", make: serviceView },
  { segment: "traces", count: 1, current: "traces", make: tracesView },
  { segment: "t", count: 2, current: "traces", make: traceView },
  { segment: "setup", count: 1, current: "setup", make: setupView },
];

const main = document.getElementById("main");
/** What is shown, until another view is: {view: {refresh(signal), isLive}, asking, …}. */
let shown = null;

/** Shows the view of the address bar. */
function show() {
  const segments = location.pathname.split("/").filter(Boolean).map(decoded);
  const view = VIEWS.find((each) => each.segment === (segments[0] ?? "") && each.count === segments.length);
  shown?.asking?.abort();
  clearTimeout(shown?.waiting);
  shown = null;
  main.replaceChildren();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view?.current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!view) return void refill(main, el("h1", null, "There is nothing here"));
  const made = view.make({ main, segments, values: new URLSearchParams(location.search), go, title });
  shown = { view: made, asking: null, isRefreshing: false, mustRefresh: false, last: 0, waiting: 0 };
  refresh(shown);
}

/** A segment of an address; one that is no text stays as it is. */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** What stands in the tab, and what a reader hears first. */
function title(text) {
  document.title = `${visible(text).slice(0, 100)} – roost`;
}

/** Goes to an address of the page; `replace` leaves no step to go back to. */
function go(address, { replace = false, quiet = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  if (quiet) return;
  show();
  window.scrollTo(0, 0);
  const heading = main.querySelector("h1") ?? main;
  heading.tabIndex = -1;
  heading.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.target || link.origin !== location.origin || link.hash || link.pathname.startsWith("/api/")) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
addEventListener("popstate", show);

// What is drawn on a canvas does not take other colours by itself.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const node of main.querySelectorAll(".flame, .scatter")) node.dispatchEvent(new Event("repaint"));
});

/**
 * Asks for what a view shows, once a second at most; news that come meanwhile are asked for afterwards. A view that does not
 * want to ask yet says in how many ms it does.
 */
async function refresh(place) {
  if (place.isRefreshing) {
    place.mustRefresh = true;
    return;
  }
  place.isRefreshing = true;
  place.last = Date.now();
  place.asking = new AbortController();
  let wait = 0;
  try {
    wait = await place.view.refresh(place.asking.signal);
  } catch (error) {
    if (error.name !== "AbortError") notice(error.message);
  }
  place.isRefreshing = false;
  if (place !== shown) return;
  main.dataset.drawn = String(Number(main.dataset.drawn ?? 0) + 1);
  if (place.mustRefresh) {
    place.mustRefresh = false;
    later();
  } else if (wait > 0) place.waiting = setTimeout(() => refresh(place), wait);
}

function later() {
  const place = shown;
  if (!place || place.view.isLive === false) return;
  clearTimeout(place.waiting);
  place.waiting = setTimeout(() => refresh(place), Math.max(0, place.last + 1000 - Date.now()));
}

const STATES = { connecting: "connecting", live: "live", paused: "paused", lost: "not connected" };
const banner = document.getElementById("banner");

function state(name) {
  const live = document.getElementById("live");
  const isPaused = name === "paused";
  const had = live.contains(document.activeElement);
  const button = el("button", { type: "button", "aria-pressed": String(isPaused), on: { click: () => setPaused(!isPaused) } },
    isPaused ? "Go on" : "Pause");
  refill(live, el("span", { class: name === "live" ? "dot on" : "dot" }), STATES[name], button);
  if (had) button.focus();
  if (name === "lost") say("The agent does not answer. What is shown here may be old; this page goes on by itself when it is back.");
  else if (banner.dataset.about === "lost") say("");
}

function say(text, about = "lost", ...more) {
  banner.hidden = !text;
  banner.dataset.about = about;
  refill(banner, text, more);
}

function restarted(isOtherPage) {
  const close = el("button", { type: "button", on: { click: () => say("") } }, "Close");
  if (!isOtherPage) {
    say(`The agent was restarted at ${clock(Date.now())}. Its counters began anew. `, "restart", close);
  } else {
    say("The agent was restarted with another version of this page. ", "restart",
      el("button", { type: "button", on: { click: () => location.reload() } }, "Load it"), " ", close);
  }
}

show();
state("connecting");
listen({ news: later, state, restarted });
