/**
 * What a folder of documents can hold, in the order in which an environment takes them: whatever a document names
 * comes before it.
 */
export const documentKinds = [
  'topic',
  'policy',
  'endpoint',
  'computed-trait',
  'segment',
  'block',
  'collection',
  'template',
  'journey',
] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** Where documents of a kind lie; the policy is a single file. */
export const folderOf: Readonly<Record<DocumentKind, string>> = {
  topic: 'topics',
  policy: 'policy',
  endpoint: 'endpoints',
  'computed-trait': 'computed-traits',
  segment: 'segments',
  block: 'blocks',
  collection: 'collections',
  template: 'templates',
  journey: 'journeys',
};

/** A document as it is written, before any schema has looked at it. */
export interface WrittenDocument {
  readonly kind: DocumentKind;
  /** Path of the file from the folder of documents. */
  readonly file: string;
  readonly value: unknown;
  /** JSON pointer of a template's or block's content → the file beside it that holds it. */
  readonly parts: Readonly<Record<string, string>>;
  /** Line and column of what a JSON pointer names, or of the nearest thing around it; undefined for TypeScript. */
  readonly locate: (pointer: string) => Place | undefined;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A file that cannot be read as a document at all. */
export class UnreadableFile extends Error {
  readonly file: string;
  readonly place: Place | undefined;
  readonly fix: string | undefined;

  constructor(file: string, detail: string, more: { readonly place?: Place | undefined; readonly fix?: string } = {}) {
    super(detail);
    this.name = 'UnreadableFile';
    this.file = file;
    this.place = more.place;
    this.fix = more.fix;
  }
}
