// A trace as a tree: who called whom.

/**
 * Makes nodes of the spans of a document: {span, depth, from, children, parent, fold}, and the roots in order of time. Who
 * belongs below whom, when each began by one clock, and which are of one kind, the agent has found out already. Spans that
 * came twice are left out. `fold` is the row that a node shares with its siblings of one kind: {run: nodes, slowest, depth, …}.
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
  for (const each of trace.repeated) {
    const run = each.span_indices.map((place) => all[place]);
    const slowest = all[each.slowest_index];
    const fold = { run, slowest, span: slowest.span, parent: slowest.parent, depth: slowest.depth, resource: each.resource,
      total: each.total_ns, isNPlusOne: each.n_plus_one };
    for (const node of run) node.fold = fold;
  }
  const durationNs = nodes.reduce((most, node) => Math.max(most, node.from + node.span.duration_ns), 0);
  return { nodes, roots, durationNs };
}

/** What a row is known by when the trace has been asked for again. */
export function rowKey(row) {
  // The slowest may be another one then.
  const { span } = row.run?.[0] ?? row;
  return `${row.run ? "run " : ""}${span.span_id} ${span.service}`;
}

/** Children as rows: those of one kind are one, unless it was opened; then they stand below it. */
const rowsOf = (children, opened) => children.flatMap((child) => {
  const { fold } = child;
  if (!fold) return [child];
  return child !== fold.run[0] ? [] : opened.has(fold) ? [fold, ...fold.run] : [fold];
});

/**
 * The rows that are seen when the nodes of `closed` are closed and the folds of `opened` are open, from top to bottom. Below
 * a fold that is not open stands what the slowest of its spans called.
 */
export function visibleRows(roots, closed, opened) {
  const rows = [];
  const open = rowsOf(roots, opened).toReversed();
  while (open.length) {
    const row = open.pop();
    rows.push(row);
    const shown = !row.run ? row : opened.has(row) ? null : row.slowest;
    if (shown && !closed.has(shown)) open.push(...rowsOf(shown.children, opened).toReversed());
  }
  return rows;
}
