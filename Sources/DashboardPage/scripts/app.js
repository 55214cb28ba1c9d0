// The frame of the page: which view an address means, going from one to another, and drawing anew when news come.
import { listen, setPaused } from "./api.js";
import { el, notice, refill, visible } from "./dom.js";
import { serviceView } from "./service.js";
import { servicesView } from "./services.js";
import { setupView } from "./setup.js";
import { traceView } from "./trace.js";
import { tracesView } from "./traces.js";

/** Each view: the first segment of its address, its place in the navigation, and what makes it. */
const VIEWS = [
  { segment: "", count: 0, current: "services", make: servicesView },
  { segment: "services", count: 2, current: "services", make: serviceView },
  { segment: "traces", count: 1, current: "traces", make: tracesView },
  { segment: "t", count: 2, current: "traces", make: traceView },
  { segment: "setup", count: 1, current: "setup", make: setupView },
];

const main = document.getElementById("main");
/** The view that is shown: {refresh(signal), stop()}. */
let shown = null;
let asking = null;

/** Shows the view of the address bar. */
function show() {
  const segments = location.pathname.split("/").filter(Boolean).map((segment) => decodeURIComponent(segment));
  const view = VIEWS.find((each) => each.segment === (segments[0] ?? "") && each.count === segments.length);
  shown?.stop?.();
  asking?.abort();
  main.replaceChildren();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view?.current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!view) return void refill(main, el("h1", null, "There is nothing here"));
  shown = view.make({ main, segments, values: new URLSearchParams(location.search), go, title });
  refresh();
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

/** Asks for what the view shows, once a second at most; news that come meanwhile are asked for afterwards. */
let isRefreshing = false;
let mustRefresh = false;
let lastRefresh = 0;

async function refresh() {
  if (isRefreshing) {
    mustRefresh = true;
    return;
  }
  isRefreshing = true;
  lastRefresh = Date.now();
  asking = new AbortController();
  try {
    await shown?.refresh?.(asking.signal);
  } catch (error) {
    if (error.name !== "AbortError") notice(error.message);
  }
  isRefreshing = false;
  main.dataset.drawn = String(Number(main.dataset.drawn ?? 0) + 1);
  if (mustRefresh) {
    mustRefresh = false;
    later();
  }
}

let waiting = 0;

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, Math.max(0, lastRefresh + 1000 - Date.now()));
}

const STATES = { live: "live", paused: "paused", lost: "not connected" };

function state(name) {
  const live = document.getElementById("live");
  const isPaused = name === "paused";
  refill(live, el("span", { class: name === "live" ? "dot on" : "dot" }), STATES[name],
    el("button", { type: "button", "aria-pressed": String(isPaused), on: { click: () => setPaused(!isPaused) } },
      isPaused ? "Go on" : "Pause"));
}

show();
state("lost");
listen(() => shown?.isLive !== false && later(), state);
