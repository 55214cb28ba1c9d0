// Elements are made here and nowhere else. Text goes in as text nodes only: what spans say is never read as markup.
import { visible } from "./visible.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else node.setAttribute(name, value === true ? "" : value);
  }
  put(node, ...children);
  return node;
}

/** An element with attributes (`on` holds listeners) and children; strings become text. */
export function el(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** The same for a part of a drawing. */
export function svg(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

/** Appends elements and texts; empty ones are left out. */
export function put(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
  return node;
}

/** Replaces all that is in a node. */
export function refill(node, ...children) {
  node.replaceChildren();
  return put(node, ...children);
}

/** Text from outside: isolated, so that its direction of writing does not reach what stands beside it. */
export function said(text, most = 400) {
  const whole = String(text);
  return el("bdi", null, whole.length > most ? `${visible(whole.slice(0, most))}…` : visible(whole));
}

/** Long text from outside: cut, with a button for the rest. */
export function long(text, most = 4000, name = "bdi") {
  const whole = String(text);
  const node = el(name);
  if (whole.length <= most) return put(node, visible(whole));
  const more = el("button", { type: "button", class: "copy" }, `show all ${whole.length.toLocaleString("en")} characters`);
  more.addEventListener("click", () => refill(node, visible(whole)));
  return put(node, visible(whole.slice(0, most)), "… ", more);
}

/** A button that puts a text on the clipboard. `text` may be a function, also one that has to ask for it first. */
export function copyButton(text, label = "copy", about = "") {
  return el("button", { type: "button", class: "copy", "aria-label": about ? `copy ${about}` : null,
    on: { click: () => copy(typeof text === "function" ? text() : text) } }, label);
}

async function copy(text) {
  try {
    await write(text);
    notice("copied");
  } catch (error) {
    notice(error.name === "Error" ? error.message : "the browser does not let this page copy; select the text instead");
  }
}

/** Browsers let a page copy right after a click only: what is still to come is promised to them. */
async function write(text) {
  if (typeof text === "string") return navigator.clipboard.writeText(text);
  let failure;
  const blob = text.then((whole) => new Blob([whole], { type: "text/plain" }), (error) => {
    failure = error;
    throw error;
  });
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch (error) {
    throw failure ?? error;
  }
}

let hiding = 0;

/** Says something for a moment, to screen readers too. */
export function notice(text) {
  const node = document.getElementById("notice");
  node.textContent = text;
  node.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => node.classList.remove("shown"), 2500);
}

/**
 * Makes a body of a table show `rows`: rows that were there stay the same elements, so that focus and selection stay.
 * `cells(row)` gives the children of each cell, as {class, content} or content.
 */
export function syncRows(body, rows, key, cells, decorate = () => {}) {
  const known = new Map([...body.children].map((line) => [line.dataset.key, line]));
  let place = body.firstElementChild;
  for (const row of rows) {
    const name = key(row);
    let line = known.get(name);
    if (line) known.delete(name);
    else {
      line = el("tr");
      line.dataset.key = name;
    }
    if (line !== place) body.insertBefore(line, place);
    else place = place.nextElementSibling;
    fillRow(line, cells(row));
    decorate(line, row);
  }
  for (const line of known.values()) line.remove();
}

function fillRow(line, cells) {
  cells.forEach((cell, index) => {
    const td = line.children[index] ?? line.appendChild(el("td"));
    const { content, as = "", mark = "" } = cell?.content === undefined ? { content: cell } : cell;
    if (td.className !== as) td.className = as;
    // Unchanged cells are left alone: what has the focus keeps it.
    if (mark && td.dataset.mark === mark) return;
    if (mark) td.dataset.mark = mark;
    else delete td.dataset.mark;
    if (typeof content === "string") {
      if (td.textContent !== content) td.textContent = content;
    } else refill(td, content);
  });
}

/** Rows of a table that are drawn unless somebody wants all: more than anybody looks through. */
const ROWS_AT_FIRST = 200;

/** The rows of a long table that are drawn, and a button for the others: `shorten(rows)` gives the first ones. */
export function shortTable(redraw) {
  let isWhole = false;
  const more = el("button", { type: "button", hidden: true, on: { click: () => {
    isWhole = true;
    redraw();
  } } });
  return { more, shorten(rows) {
    more.hidden = isWhole || rows.length <= ROWS_AT_FIRST;
    more.textContent = `Show all ${rows.length.toLocaleString("en")} rows`;
    return more.hidden ? rows : rows.slice(0, ROWS_AT_FIRST);
  } };
}

/** Lets the arrow keys go from row to row of a table: to the first link or button of each. */
export function arrowKeys(body) {
  body.addEventListener("keydown", (event) => {
    const line = event.target.closest("tr");
    if (!line || event.altKey || event.ctrlKey || event.metaKey) return;
    const goal = {
      ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling,
      Home: body.firstElementChild, End: body.lastElementChild,
    }[event.key];
    const link = goal?.querySelector("a, button");
    if (!link) return;
    event.preventDefault();
    link.focus();
  });
}
