// A trace as a tree: who called whom.

/** So many equal siblings in a row become one row that can be opened. */
const FOLD_FROM = 5;

/**
 * Makes nodes of the spans of a document: {span, depth, from, children, parent}, and the roots in order of time. Who
 * belongs below whom, and when each began by one clock, the agent has found out already. Spans that came twice are left out.
 * `top` stands above the roots.
 * Nothing recurses: a trace may be as deep as it has spans.
 */
export function buildTree(trace) {
  const all = trace.spans.map((span) => ({ span, children: [], parent: null, depth: 0, from: span.offset_ns }));
  const nodes = all.filter((node) => node.span.oddity !== "copy");
  const roots = [];
  for (const node of nodes) {
    const parent = all[node.span.parent_index ?? -1];
    if (parent) {
      node.parent = parent;
      parent.children.push(node);
    } else roots.push(node);
  }
  const byStart = (a, b) => a.from - b.from;
  roots.sort(byStart);
  const open = [...roots];
  while (open.length) {
    const node = open.pop();
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    node.children.sort(byStart);
    for (const child of node.children) open.push(child);
  }
  const durationNs = nodes.reduce((most, node) => Math.max(most, node.from + node.span.duration_ns), 0);
  return { nodes, roots, durationNs, top: { children: roots, depth: -1 } };
}

/** What a row is known by when the trace has been asked for again. */
export const rowKey = (row) => `${row.run ? "run " : ""}${row.span.span_id} ${row.span.service}`;

const signature = (span) => `${span.service}\n${span.operation}\n${span.resource}`;

/**
 * Children as rows: runs of equal ones without children of their own become one
 * {run: nodes, depth, parent}, unless it was opened.
 */
export function foldedChildren(node, opened) {
  if (!node.folded) {
    node.folded = [];
    let run = [];
    const close = () => {
      if (run.length >= FOLD_FROM) {
        node.folded.push({ run, parent: node, depth: node.depth + 1, span: run[0].span,
          failed: run.some((each) => each.span.error), total: run.reduce((sum, each) => sum + each.span.duration_ns, 0) });
      } else node.folded.push(...run);
      run = [];
    };
    for (const child of node.children) {
      if (run.length && (child.children.length || signature(child.span) !== signature(run[0].span))) close();
      if (child.children.length) node.folded.push(child);
      else run.push(child);
    }
    close();
  }
  return node.folded.flatMap((row) => (row.run && opened.has(row) ? [row, ...row.run] : [row]));
}

/** The rows that are seen when the nodes of `closed` are closed and the runs of `opened` are open, from top to bottom. */
export function visibleRows(top, closed, opened) {
  const rows = [];
  const open = foldedChildren(top, opened).toReversed();
  while (open.length) {
    const row = open.pop();
    rows.push(row);
    if (!row.run && row.children.length && !closed.has(row)) open.push(...foldedChildren(row, opened).toReversed());
  }
  return rows;
}
