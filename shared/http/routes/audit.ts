import * as z from 'zod';
import type { AuditEntry } from '../../app/audit/entry.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { DAY_MS, formatInstant, parseInstant } from '../../kernel/time.ts';
import { askedResource } from '../audit/resource.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;

const State = z.object({ etag: z.string(), version: z.string().optional(), state: z.string().optional() }).nullable();
const Entry = z
  .object({
    id: z.string().meta({ description: 'of the request' }),
    at: Timestamp,
    who: z.string().meta({ description: '`key:<id>`, the ARN of the principal of a session, or `operator`' }),
    method: z.string(),
    route: z.string(),
    resource: z.string().meta({ description: 'the path; ids of customers are hashed' }),
    fields: z.array(z.string()).optional().meta({ description: 'what the request said, by name' }),
    before: State.optional().meta({ description: 'of the document; null: there was none' }),
    outcome: z
      .object({
        status: z.int(),
        code: z.string().optional(),
        after: State.optional(),
        changes: z
          .array(z.object({ pointer: z.string(), before: z.string().optional(), after: z.string().optional() }))
          .optional(),
        moreChanges: z.int().optional(),
        noted: z.record(z.string(), z.string()).optional(),
      })
      .nullable()
      .meta({ description: 'null: nobody knows; the change may have been made' }),
  })
  .meta({ id: 'AuditEntry' });

const show = ({ at, outcome, ...entry }: AuditEntry) => ({ ...entry, at: formatInstant(at), outcome: outcome ?? null });

/** @param routes asked for when a request comes: this one is among them. */
export const auditRoutes = (routes: () => readonly Route[]): readonly Route[] => [
  route({
    method: 'GET',
    path: '/v1/audit',
    scope: 'audit:read',
    tag: 'Operations',
    summary: 'Who changed what, newest first',
    description:
      'Every call that changes something, refused ones too, unless the key itself was refused. `resource` is a path or how it begins; of a customer (`/v1/profiles/ann?idType=email`) the whole one, which is compared by hash. A page may be short and have a next one.',
    query: z.strictObject({
      ...pageQuery,
      from: Timestamp.exactOptional().meta({ description: `${DEFAULT_DAYS} days before \`to\` when absent` }),
      to: Timestamp.exactOptional().meta({ description: 'now when absent' }),
      who: z.string().min(1).max(300).exactOptional(),
      resource: z.string().min(1).max(600).exactOptional(),
    }),
    answers: { 200: { description: 'a page', schema: listOf(Entry) } },
    async handle({ query, now }, ports) {
      const { who, resource } = query;
      const to = query.to === undefined ? now : parseInstant(query.to)!;
      const from = query.from === undefined ? to - DEFAULT_DAYS * DAY_MS : parseInstant(query.from)!;
      requireSpan(from, to);
      const asked = {
        ...{ from, to, ...readPage(query) },
        ...(who !== undefined && { who }),
        ...(resource !== undefined && { resource: askedResource(resource, routes()) }),
      };
      return ok(listAnswer(await ports.audit.store.list(asked), show));
    },
  }),
];

function requireSpan(from: number, to: number): void {
  const days = Math.ceil((to - from) / DAY_MS);
  if (days >= 0 && days <= MOST_DAYS) return;
  const problem = { pointer: '/query/from', code: 'audit.span', detail: 'not a span of time', actual: `${days} days` };
  throw new InvalidInput('audit.span', `from must lie at most ${MOST_DAYS} days before to`, [
    { ...problem, limit: `0 to ${MOST_DAYS} days` },
  ]);
}
