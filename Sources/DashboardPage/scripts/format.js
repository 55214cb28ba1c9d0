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

/** The same as it can be typed into a query: `25.4ms`. */
export function typedDuration(ns) {
  if (ns < 1e6) return `${Math.round(ns / 1e3)}us`;
  if (ns < 1e9) return `${+(ns / 1e6).toPrecision(4)}ms`;
  return `${+(ns / 1e9).toPrecision(4)}s`;
}

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

// Far apart on the wheel, and none of them the red of an error.
const HUES = [250, 150, 80, 310, 195, 110, 285, 55, 225, 170, 335, 130];

/** The colour of a service: the same in every view, by its name alone. */
export function colour(service) {
  let hash = 2166136261;
  for (const sign of service) hash = Math.imul(hash ^ sign.codePointAt(0), 16777619);
  const style = getComputedStyle(document.documentElement);
  const number = hash >>> 0;
  // Every other round of the wheel is a little lighter.
  const lightness = Number(style.getPropertyValue("--bar-l")) + ((number >>> 8) % 2 ? 0.1 : 0);
  return `oklch(${lightness} ${style.getPropertyValue("--bar-c")} ${HUES[number % HUES.length]})`;
}

/** The decimal form of up to 16 hexadecimal digits, as logs of older tracers have it. */
export const decimal = (hex) => BigInt(`0x${hex || 0}`).toString();
