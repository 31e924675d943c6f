// What the workers computed, by the source file that each function of a profile comes from.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** As V8 writes them (Chrome DevTools Protocol, domain Profiler, type Profile). */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The first that fits a source decides. */
const kinds: readonly (readonly [what: string, source: RegExp])[] = [
  ['AWS client', /@aws-sdk\/|@smithy\/|@aws\/|@aws-crypto\/|shared\/aws\//],
  ['logs and metrics', /aws-lambda-powertools|edge\/observe/],
  [
    'render',
    /liquidjs|html-to-text|selderee|parseley|leac|peberminta|deepmerge|dom(handler|utils|-serializer)|htmlparser2|entities|messaging\/render|shared\/channels/,
  ],
  ['decide', /shared\/domain\/|temporal/],
  ['parse', /shared\/wire\/|\/zod\/|functions\//],
  ['serialise and store', /shared\/data\//],
  ['use cases', /shared\/(app|kernel)\/|shared\/[^/]+$/],
  ['stand-in for the Lambda runtime', /local\//],
];
const COLLECTOR = 'garbage collector';
const SYSTEM = 'sockets and event loop, without a caller';

/** A sample of a thread that the machine did not run for a while says nothing about that while. */
const LONGEST_SAMPLE_MICROS = 5_000;

/** Microseconds by kind. Node's own functions and V8's belong to whoever called them. */
export function whatOf(profiles: readonly string[], functionsFolder: string): Map<string, number> {
  const sources = new Sources(functionsFolder);
  const micros = new Map<string, number>();
  for (const text of profiles) {
    const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
    const kindOfNode = attribute(nodes, sources);
    for (const [index, id] of samples.entries()) {
      const what = kindOfNode.get(id);
      if (what === undefined) continue;
      const took = Math.min(timeDeltas[index] ?? 0, LONGEST_SAMPLE_MICROS);
      micros.set(what, (micros.get(what) ?? 0) + took);
    }
  }
  return micros;
}

/** Without the nodes where nothing was computed. */
function attribute(nodes: readonly ProfileNode[], sources: Sources): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<number, string>();
  const visit = (node: ProfileNode, inherited: string | undefined): void => {
    const { functionName } = node.callFrame;
    const own = functionName === '(garbage collector)' ? COLLECTOR : sources.kindOf(node.callFrame);
    const what = own ?? inherited;
    if (functionName !== '(idle)') found.set(node.id, what ?? SYSTEM);
    for (const child of node.children ?? []) visit(byId.get(child)!, what);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, undefined);
  return found;
}

/** Bundles lie in the assembly without their source maps, which stay where they were built. */
class Sources {
  readonly #built: ReadonlyMap<string, string>;
  readonly #maps = new Map<string, SourceMap | undefined>();
  readonly #kinds = new Map<string, string | undefined>();

  constructor(functionsFolder: string) {
    const files = readdirSync(functionsFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.mjs'),
    );
    this.#built = new Map(
      files.map((file) => [readFileSync(join(functionsFolder, file), 'utf8'), join(functionsFolder, file)]),
    );
  }

  kindOf({ url, lineNumber, columnNumber }: CallFrame): string | undefined {
    if (!url.startsWith('file:')) return undefined;
    const place = `${url}:${lineNumber}:${columnNumber}`;
    if (!this.#kinds.has(place)) {
      const entry = this.#mapOf(url)?.findEntry(lineNumber, columnNumber);
      const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : url;
      this.#kinds.set(place, kinds.find(([, pattern]) => pattern.test(source))?.[0]);
    }
    return this.#kinds.get(place);
  }

  #mapOf(url: string): SourceMap | undefined {
    if (!url.endsWith('.mjs')) return undefined;
    if (!this.#maps.has(url)) {
      const built = this.#built.get(readFileSync(fileURLToPath(url), 'utf8'));
      this.#maps.set(
        url,
        built === undefined ? undefined : new SourceMap(JSON.parse(readFileSync(`${built}.map`, 'utf8'))),
      );
    }
    return this.#maps.get(url);
  }
}
