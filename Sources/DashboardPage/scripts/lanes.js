// Rows for the spans of a flame graph: callers above what they called, and calls at the same time below each other.

/** Lanes that are looked through for one call; more at the same time than these share the last one. */
const LANES = 500;

/**
 * Gives each node of a tree a `row`, so that no two in a row overlap in time, and returns how many rows there are.
 * What a node called lies in a block of rows below it, and blocks of calls at the same time lie below each other.
 * Nothing recurses: a trace may be as deep as it has spans.
 */
export function giveRows(roots) {
  const order = [];
  const open = roots.toReversed();
  while (open.length) {
    const node = open.pop();
    order.push(node);
    open.push(...node.children.toReversed());
  }
  // From the leaves up: how many rows the block of each takes, and from when to when it lasts.
  for (const node of order.toReversed()) {
    const below = stack(node.children);
    node.block = {
      from: Math.min(node.from, below.from), to: Math.max(node.from + node.span.duration_ns, below.to),
      rows: 1 + below.rows, offset: 0,
    };
    for (const [place, child] of node.children.entries()) child.block.offset = below.offsets[place] + 1;
  }
  const all = stack(roots);
  for (const [place, root] of roots.entries()) root.block.offset = all.offsets[place];
  // From the roots down.
  for (const node of order) node.row = (node.parent?.row ?? 0) + node.block.offset;
  return all.rows;
}

/** Where the blocks of siblings lie, counted from the first row below their parent: each in the first place that is free. */
function stack(nodes) {
  // Most have one; a long chain of them would take the square of its length below.
  if (nodes.length === 1) return { offsets: [0], rows: nodes[0].block.rows, from: nodes[0].block.from, to: nodes[0].block.to };
  const lanes = [];
  const offsets = new Array(nodes.length).fill(0);
  let [from, to] = [Infinity, -Infinity];
  const byStart = nodes.map((_, place) => place).sort((a, b) => nodes[a].block.from - nodes[b].block.from);
  for (const place of byStart) {
    const { block } = nodes[place];
    const offset = freePlace(lanes, block);
    for (let lane = offset; lane < offset + block.rows; lane += 1) lanes[lane] = Math.max(lanes[lane] ?? -Infinity, block.to);
    offsets[place] = offset;
    [from, to] = [Math.min(from, block.from), Math.max(to, block.to)];
  }
  return { offsets, rows: lanes.length, from, to };
}

/** The first lane from which on as many as the block has rows are free; `lanes` says until when each is taken. */
function freePlace(lanes, block) {
  let run = 0;
  for (let lane = 0; lane < Math.min(lanes.length, LANES); lane += 1) {
    run = lanes[lane] <= block.from ? run + 1 : 0;
    if (run === block.rows) return lane - run + 1;
  }
  // The free ones at the end, and new ones below.
  return Math.min(lanes.length, LANES) - run;
}
