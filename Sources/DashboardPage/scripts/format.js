// Numbers, times and colours as people read them.

/** A length of time in ns: `25.4 ms`. */
export function duration(ns) {
  if (!Number.isFinite(ns)) return "–";
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${digits(ns / 1e3)} µs`;
  if (size < 1e9) return `${digits(ns / 1e6)} ms`;
  if (size < 60e9) return `${digits(ns / 1e9)} s`;
  if (size < 3600e9) return `${Math.floor(ns / 60e9)} min ${Math.round((ns % 60e9) / 1e9)} s`;
  return `${Math.floor(ns / 3600e9)} h ${Math.round((ns % 3600e9) / 60e9)} min`;
}

/** Of fewer hits a percentile says little. */
const HITS_FOR_PERCENTILES = 20;

/** A percentile of the durations of so many hits: `~` marks one of few. */
export const percentile = (ns, hits) => (hits < HITS_FOR_PERCENTILES ? `~${duration(ns)}` : duration(ns));

/** What `~` means, where one is shown. */
export const fewHits = (counts) => (counts.some((hits) => hits > 0 && hits < HITS_FOR_PERCENTILES)
  ? `~ a percentile of fewer than ${HITS_FOR_PERCENTILES} hits says little` : "");

/** Who is missing of the receiving threads, as the terminal says it; empty when none is. */
const missingThreads = (threads) => (threads > 0
  ? `${threads === 1 ? "1 receiving thread" : `${count(threads)} receiving threads`} did not end a request in time` : "");

/** What a list of traces, or one of them, lacks therefore. */
export const unreadThreads = ({ missing_threads: threads = 0 }) => threads > 0
  && `${missingThreads(threads)}: what came there last is not looked at`;

/** Which hits a table does not show as what they are; as the terminal says it. */
export function rowNotes(answer) {
  const collapsed = (answer.resources ?? []).filter((row) => row.collapsed).reduce((sum, row) => sum + row.hits, 0);
  const without = answer.hits_without_row ?? 0;
  const missing = answer.covered?.missing_threads ?? answer.missing_threads ?? 0;
  return [
    missing > 0 && `${missingThreads(missing)}: what ${missing === 1 ? "it has" : "they have"} counted is missing`,
    collapsed > 0 && `${count(collapsed)} hits are in resources without a row of their own: their names hold ids or literals; `
      + "see roost explain RST045",
    without > 0 && `${count(without)} hits have no row: there are more different resources than the agent keeps apart`,
  ].filter(Boolean);
}

/** Bounds of a duration as the API takes them, widened to whole microseconds. */
export const durationBounds = (minNs, maxNs) => ({ min: `${Math.floor(minNs / 1e3)}us`, max: `${Math.ceil(maxNs / 1e3)}us` });

function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** A whole number with its thousands parted. */
export const count = (number) => Number(number).toLocaleString("en");

/** Hits a second. */
export function rate(value) {
  if (!value) return "0/s";
  if (value < 0.01) return "<0.01/s";
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : count(Math.round(value))}/s`;
}

/** A share 0…1 as a percentage; a dash for none. */
export function share(part, whole) {
  if (!part || !whole) return "–";
  const value = (100 * part) / whole;
  return value < 0.1 ? "<0.1%" : `${value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

export function bytes(number) {
  if (number < 1e3) return `${number} B`;
  if (number < 1e6) return `${digits(number / 1e3)} kB`;
  if (number < 1e9) return `${digits(number / 1e6)} MB`;
  return `${digits(number / 1e9)} GB`;
}

/** By how much the clock of who sent something is ahead. */
export const aheadBy = (ns) => `clock ahead by ${duration(ns)}`;

/** The same for what begins after now; empty for anything else. */
export function ahead(ns, now = Date.now()) {
  const ms = ns / 1e6 - now;
  // Less is how answers under way differ.
  return ms > 2000 ? aheadBy(Math.round(ms / 1000) * 1e9) : "";
}

/** Milliseconds since 1970 of a time in a document. */
export const moment = (text) => Date.parse(text);

/** How long ago, in the largest unit. */
export function age(text, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - (typeof text === "number" ? text : moment(text))) / 1000));
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

/** A time of day here; with the date where it is not of today. */
export function clock(ms, withMilliseconds = false) {
  const time = new Date(ms);
  const pad = (value, width = 2) => String(value).padStart(width, "0");
  const hours = `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
  const day = time.toDateString() === new Date().toDateString()
    ? "" : `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} `;
  return day + hours + (withMilliseconds ? `.${pad(time.getMilliseconds(), 3)}` : "");
}

// Far apart on the wheel, and none of them the red of an error; neighbours on the wheel differ in lightness.
const HUES = [250, 150, 80, 310, 195, 110, 285, 55, 225, 170, 335, 130];
const TONES = [0, 1].flatMap((round) => HUES.map((hue, place) => ({ hue, isLight: (place + round) % 2 === 1 })));

function toneColour({ hue, isLight }) {
  const style = getComputedStyle(document.documentElement);
  const lightness = Number(style.getPropertyValue("--bar-l")) + (isLight ? 0.1 : 0);
  return `oklch(${lightness} ${style.getPropertyValue("--bar-c")} ${hue})`;
}

function toneNumber(service) {
  let hash = 2166136261;
  for (const sign of service) hash = Math.imul(hash ^ sign.codePointAt(0), 16777619);
  return (hash >>> 0) % TONES.length;
}

/** The colour of a service where there may be any number of them: by its name alone. */
export const colour = (service) => toneColour(TONES[toneNumber(service)]);

/**
 * Colours for the services of one trace, in the order in which they appear: each has that of its name unless another one
 * has it already, so that as many as there are tones are told apart.
 */
export function distinctColours(services) {
  const given = new Map();
  const taken = new Set();
  for (const service of services) {
    if (given.has(service)) continue;
    let number = toneNumber(service);
    if (taken.size < TONES.length) while (taken.has(number)) number = (number + 1) % TONES.length;
    taken.add(number);
    given.set(service, number);
  }
  return (service) => toneColour(TONES[given.get(service) ?? toneNumber(service)]);
}

/** The decimal form of up to 16 hexadecimal digits, as logs of older tracers have it. */
export const decimal = (hex) => BigInt(`0x${hex || 0}`).toString();
