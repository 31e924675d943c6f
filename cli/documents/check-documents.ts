import { checkBlock } from '../../shared/app/catalog/blocks.ts';
import { checkJourney } from '../../shared/app/catalog/check-journey.ts';
import { documentEtag } from '../../shared/app/catalog/document-etag.ts';
import { checkTemplate, compileTemplate } from '../../shared/app/compile-template.ts';
import { checkSegment, Segment } from '../../shared/domain/audiences/segment.ts';
import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import { checkComputedTrait } from '../../shared/domain/computed-traits/check-computed-trait.ts';
import { ComputedTrait } from '../../shared/domain/computed-traits/computed-trait.ts';
import { Journey } from '../../shared/domain/journeys/journey.ts';
import { Block, type Blocks } from '../../shared/domain/messaging/block.ts';
import { Collection } from '../../shared/domain/messaging/collection.ts';
import { checkExamples } from '../../shared/domain/messaging/collection-item.ts';
import { lintPolicy } from '../../shared/domain/messaging/lint-policy.ts';
import { Policy } from '../../shared/domain/messaging/policy.ts';
import { Template } from '../../shared/domain/messaging/template.ts';
import { Topic } from '../../shared/domain/messaging/topic.ts';
import { WebhookEndpoint } from '../../shared/domain/messaging/webhook-endpoint.ts';
import { InvalidInput, type Problem } from '../../shared/kernel/errors.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import type { Settings } from '../../shared/settings.ts';
import type { DocumentKind, WrittenDocument } from '../folder/documents.ts';

/** Something to say about a document, and where it is written. */
export interface PlacedFinding extends Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A document that its schema accepts, as an environment would store it. */
export interface LocalDocument {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly document: unknown;
  readonly etag: string;
  readonly written: WrittenDocument;
}

export interface CheckedFolder {
  readonly written: readonly WrittenDocument[];
  /** Those that their schema accepts. */
  readonly documents: readonly LocalDocument[];
  readonly findings: readonly PlacedFinding[];
}

export const hasErrors = (findings: readonly PlacedFinding[]): boolean =>
  findings.some(({ severity }) => severity === 'error');

const schemas = {
  topic: Topic,
  policy: Policy,
  endpoint: WebhookEndpoint,
  'computed-trait': ComputedTrait,
  segment: Segment,
  block: Block,
  collection: Collection,
  template: Template,
  journey: Journey,
};

/**
 * What can be known without an environment: forms, what templates compile to, and what lint says of each journey
 * among the documents of the folder. Senders and pinned versions of templates are only known to an environment.
 */
export async function checkDocuments(written: readonly WrittenDocument[]): Promise<CheckedFolder> {
  const documents: LocalDocument[] = [];
  const findings: PlacedFinding[] = [];
  const blocks = new Map<string, Block>();
  for (const one of written) {
    const parsed = parse(one);
    if ('problems' in parsed) findings.push(...parsed.problems.map((problem) => placed(one, problem)));
    else {
      // Blocks come before the templates that they are put into.
      const local = await asStored(one, parsed.document, blocks);
      if (local.kind === 'block') blocks.set(local.id, local.document as Block);
      documents.push(local);
    }
  }
  findings.push(...duplicates(documents));
  const catalog = snapshotOf(documents);
  const collections = new Map(
    documents.flatMap(({ kind, id, document }) => (kind === 'collection' ? [[id, document as Collection]] : [])),
  );
  for (const { kind, document, written: source } of documents) {
    if (kind === 'template') {
      const problems = await checkTemplate(parseDocument(Template, source.value, 'template'), { blocks, collections });
      findings.push(...problems.map((problem) => placed(source, problem)));
    }
    if (kind === 'block') {
      findings.push(...checkBlock(document as Block, blocks).map((problem) => placed(source, problem)));
    }
    if (kind === 'collection') {
      findings.push(...checkExamples(document as Collection).map((problem) => placed(source, problem)));
    }
    if (kind === 'segment') {
      const others = new Map(
        catalog.segments?.filter(({ id }) => id !== (document as Segment).id).map((one) => [one.id, one]),
      );
      findings.push(...checkSegment(document as Segment, others).map((problem) => placed(source, problem)));
    }
    if (kind === 'computed-trait') {
      const trait = document as ComputedTrait;
      const others = catalog.computedTraits?.filter(({ id }) => id !== trait.id) ?? [];
      findings.push(...checkComputedTrait(trait, others).map((problem) => placed(source, problem)));
    }
    if (kind === 'policy') {
      const neighbours = {
        topics: new Map(catalog.topics.map((topic) => [topic.id, topic])),
        segments: new Map(catalog.segments?.map((segment) => [segment.id, segment])),
      };
      findings.push(...lintPolicy(document as Policy, neighbours).map((finding) => placed(source, finding)));
    }
    if (kind === 'journey') {
      const journey = document as Journey;
      const { findings: found } = await checkJourney(offline(catalog, journey), journey);
      findings.push(...found.map((finding) => placed(source, finding)));
    }
  }
  return { written, documents, findings };
}

export function placed(
  { file, parts, locate }: WrittenDocument,
  problem: Problem & { readonly severity?: PlacedFinding['severity'] },
): PlacedFinding {
  const severity = problem.severity ?? 'error';
  const part = parts[problem.pointer];
  if (part !== undefined) return { ...problem, severity, file: part };
  return { ...problem, severity, file, ...locate(problem.pointer) };
}

function parse(one: WrittenDocument): { readonly document: unknown } | { readonly problems: readonly Problem[] } {
  try {
    return { document: parseDocument<unknown>(schemas[one.kind], one.value, one.kind) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { problems: error.problems };
  }
}

/** MJML is compiled here as the API will, so that both have the same ETag. */
async function asStored(written: WrittenDocument, parsed: unknown, blocks: Blocks): Promise<LocalDocument> {
  const { kind } = written;
  const document = kind === 'template' ? await compileTemplate(parsed as Template, blocks) : parsed;
  const id = kind === 'policy' ? 'policy' : (document as { readonly id: string }).id;
  return { kind, id, document, etag: documentEtag(document), written };
}

function duplicates(documents: readonly LocalDocument[]): PlacedFinding[] {
  const seen = new Map<string, string>();
  return documents.flatMap(({ kind, id, written }): PlacedFinding[] => {
    const name = `${kind} ${id}`;
    const before = seen.get(name);
    seen.set(name, before ?? written.file);
    if (before === undefined) return [];
    const detail = `${before} is ${name} too`;
    return [placed(written, { pointer: '/id', code: `${kind}.duplicate`, detail, fix: 'give one of them another id' })];
  });
}

function snapshotOf(documents: readonly LocalDocument[]): CatalogSnapshot {
  const of = <T>(wanted: DocumentKind) =>
    documents.filter(({ kind }) => kind === wanted).map(({ document }) => document as T);
  const [policy] = of<Policy>('policy');
  return {
    epoch: 0,
    journeys: of<Journey>('journey').map((document) => ({ id: document.id, state: 'live', version: 1, document })),
    templates: of<Template>('template').map((document) => ({ id: document.id, version: 1, document })),
    topics: of<Topic>('topic'),
    endpoints: of<WebhookEndpoint>('endpoint'),
    segments: of<Segment>('segment'),
    computedTraits: of<ComputedTrait>('computed-trait'),
    policy: policy ?? { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
  };
}

/** The folder in the place of an environment; what only an environment knows is taken to be there. */
function offline(snapshot: CatalogSnapshot, journey: Journey): Parameters<typeof checkJourney>[0] {
  const named = Object.values(journey.steps).flatMap((step) => ('sender' in step && step.sender) || []);
  const settings: Settings = {
    environment: 'offline',
    delivery: { mode: 'sink', allow: [] },
    senders: [...new Set(['default', ...named])].map((id) => ({ id, from: '', postalAddress: 'known elsewhere' })),
    configurationSets: { marketing: '', transactional: '' },
    linksBaseUrl: '',
    retention: { logDays: 30, backupDays: 35 },
    inbox: { origins: [], keptDays: 90 },
    journalRetentionDays: 1,
    messageRetentionDays: 1,
    zone: snapshot.policy.zone,
    locale: snapshot.policy.locale,
  };
  const catalog = {
    readSnapshot: async () => snapshot,
    readVersion: async (_kind: unknown, id: string) => {
      const found = snapshot.templates.find((template) => template.id === id);
      return found && { version: 1, etag: '', at: 0, by: '', document: found.document };
    },
  };
  return { catalog, settings };
}
