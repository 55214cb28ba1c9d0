// A trace as a tree: who called whom, whatever order the spans came in, and whatever is missing or circular.

/** So many equal siblings in a row become one row that can be opened. */
const FOLD_FROM = 5;

/**
 * Makes nodes of the spans of a document: {span, depth, children, parent, isOrphan}, and the roots in order of time.
 * Nothing recurses: a trace may be as deep as it has spans.
 */
export function buildTree(trace) {
  const nodes = trace.spans.map((span) => ({ span, children: [], parent: null, depth: 0, isOrphan: false }));
  const byID = new Map();
  for (const node of nodes) if (!byID.has(node.span.span_id)) byID.set(node.span.span_id, node);
  const roots = [];
  for (const node of nodes) {
    const parent = node.span.parent_id ? byID.get(node.span.parent_id) : null;
    if (parent && parent !== node) {
      node.parent = parent;
      parent.children.push(node);
    } else {
      node.isOrphan = Boolean(node.span.parent_id) && parent !== node;
      roots.push(node);
    }
  }
  const byStart = (a, b) => a.span.start_ns - b.span.start_ns;
  roots.sort(byStart);
  const seen = new Set();
  const walk = (root) => {
    const open = [root];
    while (open.length) {
      const node = open.pop();
      if (seen.has(node)) continue;
      seen.add(node);
      node.depth = node.parent && seen.has(node.parent) && node !== root ? node.parent.depth + 1 : 0;
      node.children.sort(byStart);
      open.push(...node.children.toReversed());
    }
  };
  roots.forEach(walk);
  // Spans whose parents go round in a circle: the first of each circle is taken for a root.
  for (const node of nodes) {
    if (seen.has(node)) continue;
    node.parent.children.splice(node.parent.children.indexOf(node), 1);
    node.parent = null;
    node.isOrphan = true;
    roots.push(node);
    walk(node);
  }
  return { nodes, roots };
}

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
export function visibleRows(roots, closed, opened) {
  const rows = [];
  const open = roots.toReversed();
  while (open.length) {
    const row = open.pop();
    rows.push(row);
    if (!row.run && row.children.length && !closed.has(row)) open.push(...foldedChildren(row, opened).toReversed());
  }
  return rows;
}
