/**
 * Sets of nodes that all reach each other: the cycles of a directed graph, each node in at most one set. Single
 * nodes count when they lead to themselves. Tarjan, "Depth-first search and linear graph algorithms" (1972).
 * Edges to nodes that are not keys are ignored.
 */
export function cyclicComponents(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const components: string[][] = [];

  const visit = (node: string): number => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
    for (const next of graph.get(node)!) {
      if (!graph.has(next)) continue;
      if (!index.has(next)) low.set(node, Math.min(low.get(node)!, visit(next)));
      else if (onStack.has(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!));
    }
    if (low.get(node) === index.get(node)) {
      const component = stack.splice(stack.indexOf(node));
      for (const member of component) onStack.delete(member);
      if (component.length > 1 || graph.get(node)!.includes(node)) components.push(component);
    }
    return low.get(node)!;
  };

  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return components;
}
