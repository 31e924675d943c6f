import { Graph, layout } from '@dagrejs/dagre';
import { count, percent } from './figures.ts';
import { type Flow, type FlowEdge, type FlowNode, percentOf } from './flow.ts';
import { type Html, html } from './html.ts';
import { exitWords } from './reason-words.ts';

const BOX = { width: 236, lineHeight: 17, padding: 9 } as const;
/** Measured in common sans-serif fonts at 12 px: a text of this many pixels per character fits nearly always. */
const CHARACTER = 6.4;
const MAX_LABEL = 34;

interface Placed {
  readonly x: number;
  readonly y: number;
}

/** The journey as layers of boxes and arrows. `id` is unique on the page. */
export function flowPicture(flow: Flow, id: string, title: string): Html {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: 'TB', nodesep: 34, edgesep: 18, ranksep: 26, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const lines = new Map(flow.nodes.map((node) => [node.id, linesOf(node)]));
  for (const node of flow.nodes) {
    const height = 2 * BOX.padding + lines.get(node.id)!.length * BOX.lineHeight;
    graph.setNode(node.id, { width: BOX.width, height });
  }
  for (const edge of flow.edges) {
    const label = labelOf(edge);
    const width = Math.max(...label.map((line) => line.length)) * CHARACTER + 14;
    graph.setEdge(edge.from, edge.to, { width, height: label.length * 15 + 4, labelpos: 'c' });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const entered = flow.nodes[0]?.visits ?? 0;
  const told = flow.edges.map(({ from, to, count: many }) => `${nameOf(flow, from)} to ${nameOf(flow, to)}: ${many}`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><svg class="flow" role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}" xmlns="http://www.w3.org/2000/svg">
<title id="${id}-t">${title}</title><desc id="${id}-d">${told.join('; ')}.</desc>
<defs><marker id="${id}-a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0 8 4 0 8Z"/></marker></defs>
${flow.edges.map((edge) => arrow(edge, graph.edge(edge.from, edge.to) as Way, id, entered))}
${flow.nodes.map((node) => box(node, graph.node(node.id) as Placed & { height: number }, lines.get(node.id)!, entered))}
${flow.edges.map((edge) => label(edge, graph.edge(edge.from, edge.to) as Way))}
</svg></div>`;
}

interface Way extends Placed {
  readonly points: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

function arrow({ count: many }: FlowEdge, { points }: Way, id: string, entered: number): Html {
  const width = many === 0 ? 1 : 1.2 + (4.8 * many) / Math.max(1, entered);
  return html`<path class="${many === 0 ? 'way unused' : 'way'}" d="${curve(points)}" stroke-width="${Math.min(6, width).toFixed(1)}" marker-end="url(#${id}-a)"/>
`;
}

/** Straight at both ends, round where it turns. */
function curve(points: readonly Placed[]): string {
  const at = ({ x, y }: Placed) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const between = (a: Placed, b: Placed) => at({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const turns = points.slice(1, -1).map((point, index) => `Q${at(point)} ${between(point, points[index + 2]!)}`);
  return `M${at(points[0]!)} ${turns.join(' ')} L${at(points.at(-1)!)}`;
}

function label(edge: FlowEdge, { x, y, width, height }: Way): Html {
  const lines = labelOf(edge);
  const top = y - height / 2;
  const full = edge.ports.map(({ words, count: many }) => `${words} ${many}`.trim()).join(', ');
  return html`<g class="${edge.count === 0 ? 'label unused' : 'label'}"><title>${full}</title><rect x="${(x - width / 2).toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height}" rx="4"/>${lines.map(
    (line, index) =>
      html`<text x="${x.toFixed(1)}" y="${(top + 13 + index * 15).toFixed(1)}" class="${index === lines.length - 1 ? 'many' : ''}">${line}</text>`,
  )}</g>
`;
}

/** What leads this way, if there is a choice, and how many took it. */
function labelOf({ ports, count: many, percent: share }: FlowEdge): string[] {
  const used = ports.filter(({ words, count: of }) => words !== '' && (of > 0 || ports.length === 1));
  const words = (used.length === 0 ? ports.slice(0, 1) : used)
    .map((port) => (used.length > 1 ? `${port.words} ${count(port.count)}` : port.words))
    .filter((text) => text !== '');
  const short = words.slice(0, 3).map((text) => cut(text, MAX_LABEL));
  return [...short, `${count(many)} · ${percent(share)}`];
}

function linesOf({
  title,
  words,
  left,
  stillInside,
  kind,
}: FlowNode): { readonly text: string; readonly as: string }[] {
  const width = Math.floor((BOX.width - 2 * BOX.padding - 4) / CHARACTER);
  const gone = Object.entries(left).map(([reason, many]) => `${count(many)} left: ${exitWords(reason)}`);
  return [
    { text: cut(title, width - 9), as: 'title' },
    ...wrap(words === title ? '' : words, width, 2).map((text) => ({ text, as: 'words' })),
    ...gone.slice(0, 3).map((text) => ({ text: cut(text, width), as: 'gone' })),
    ...(stillInside > 0 && kind !== 'start'
      ? [{ text: `${count(stillInside)} still here at the end`, as: 'still' }]
      : []),
  ];
}

function box(
  node: FlowNode,
  { x, y, height }: Placed & { readonly height: number },
  lines: ReturnType<typeof linesOf>,
  entered: number,
): Html {
  const [left, top] = [x - BOX.width / 2, y - height / 2];
  const share = node.visits > entered ? '' : ` (${percent(percentOf(node.visits, entered))} of all who entered)`;
  return html`<g class="box ${node.kind}"><title>${node.title}: ${node.words === '' ? '' : `${node.words}; `}${count(node.visits)} came here${share}</title><rect class="card" x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${BOX.width}" height="${height}" rx="7"/><rect class="kind" x="${left.toFixed(1)}" y="${(top + 6).toFixed(1)}" width="4" height="${height - 12}" rx="2"/>${lines.map(
    ({ text, as }, index) =>
      html`<text class="${as}" x="${(left + BOX.padding + 4).toFixed(1)}" y="${(top + BOX.padding + 13 + index * BOX.lineHeight).toFixed(1)}">${text}</text>`,
  )}<text class="visits" x="${(left + BOX.width - BOX.padding).toFixed(1)}" y="${(top + BOX.padding + 13).toFixed(1)}">${count(node.visits)}</text></g>
`;
}

const nameOf = ({ nodes }: Flow, id: string): string => nodes.find((node) => node.id === id)?.title ?? id;

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

function wrap(text: string, width: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  const rest = lines.slice(most - 1).join(' ');
  return lines.length <= most ? lines.map((one) => cut(one, width)) : [...lines.slice(0, most - 1), cut(rest, width)];
}
