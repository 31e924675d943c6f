import * as z from 'zod';
import { isUnmasked } from '../../app/access/personal-questions.ts';
import { findTopic } from '../../app/catalog/find-topic.ts';
import { startErasure } from '../../app/erasure/start-erasure.ts';
import type { StoredProfile } from '../../app/ports.ts';
import { readStatements, showStatement } from '../../app/profiles/consent-history.ts';
import { readMessages, readTimeline } from '../../app/profiles/profile-history.ts';
import { membershipsOf, withoutPersonal } from '../../app/segments/list-memberships.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { compileComputedTraits, computedValue } from '../../domain/computed-traits/computed-traits.ts';
import { zoneOf } from '../../domain/journeys/engine/scope.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import { MAX_TRAITS } from '../../domain/profiles/limits.ts';
import type { Consent, Profile } from '../../domain/profiles/profile.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { Id, type IssueParams } from '../../kernel/schema.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';
import { listOf, readPage } from '../lists.ts';
import { accepted, find, Params, tell, Which, WhichPage } from '../named-profile.ts';
import { ok, type Route, route } from '../route.ts';
import { JsonObject, Timestamp } from '../schemas.ts';
import { showDevices } from './devices.ts';
import { JobDocument, showJob } from './jobs.ts';
import { showMessage } from './messages.ts';

const tag = 'Profiles';
const Memberships = z
  .object({
    data: z.array(
      z.object({
        segment: z.string(),
        kind: z.enum(['live', 'on-demand', 'list']),
        since: Timestamp.nullable().meta({ description: 'null: on demand, so not remembered' }),
        because: z.array(z.object({ part: z.string(), value: z.boolean(), saw: z.string().optional() })),
      }),
    ),
  })
  .meta({ id: 'Memberships' });

/** What is known of a person, as the last decided record left it. */
export function showProfile({ key, version, at, profile }: StoredProfile, catalog: CatalogSnapshot, now: number) {
  const traits = Object.entries(profile.traits).filter(([, trait]) => trait.value !== null);
  return {
    key,
    ids: profile.ids,
    version,
    decidedAt: formatInstant(at),
    createdAt: formatInstant(profile.createdAt),
    traits: Object.fromEntries(traits.map(([name, trait]) => [name, { ...trait, at: formatInstant(trait.at) }])),
    ...(profile.aside !== undefined && { aside: showAside(profile.aside) }),
    computed: showComputed(profile, catalog, now),
    consents: showConsents(profile),
    devices: showDevices(profile),
    runs: showRuns(profile),
    aliases: profile.aliases,
  };
}

const showAside = (aside: NonNullable<Profile['aside']>) =>
  Object.fromEntries(Object.entries(aside).map(([name, one]) => [name, { ...one, at: formatInstant(one.at) }]));
/** Those that have a value now. */
function showComputed(profile: Profile, { computedTraits = [], statistics, policy }: CatalogSnapshot, now: number) {
  const computed = compileComputedTraits(computedTraits, statistics);
  const zone = zoneOf({ profile, now, catalog: { policy } }, undefined);
  const shown = [...computed.byName.keys()].flatMap((name) => {
    const { value, validUntil, halfLifeMs, completeSince } = computedValue(computed, profile, name, { now, zone })!;
    if (value === undefined) return [];
    const more = {
      validUntil: halfLifeMs !== undefined || validUntil === null ? null : formatInstant(validUntil),
      ...(halfLifeMs !== undefined && { decays: true }),
      ...(completeSince !== undefined && { completeSince: formatInstant(completeSince) }),
    };
    return [[name, { value, ...more }]];
  });
  return Object.fromEntries(shown);
}

const showConsents = (profile: Profile) =>
  Object.values(profile.consents).map((consent) => ({ ...consent, at: formatInstant(consent.at) }));

const showRuns = ({ runs, asIf }: Profile) => [
  ...showRunsIn(runs),
  ...showRunsIn(asIf?.runs ?? {}).map((run) => ({ ...run, dryRun: true })),
];

const showRunsIn = (runs: Profile['runs']) =>
  Object.entries(runs).map(([run, { journey, version, step, stand, since, enteredAt, due, runKey }]) => ({
    run,
    journey,
    version,
    step,
    stand,
    since: formatInstant(since),
    enteredAt: formatInstant(enteredAt),
    due: due === undefined ? null : formatInstant(due),
    ...(runKey !== undefined && { key: runKey }),
  }));

const Consents = z
  .strictObject({
    consents: z
      .array(
        z.strictObject({
          channel: Channel,
          topic: Id,
          state: z.enum(['granted', 'pending', 'withdrawn']),
          at: Timestamp.exactOptional().meta({ description: 'when it was given; now when absent' }),
          source: z.string().min(1).max(200),
          textVersion: z.string().min(1).max(200).exactOptional(),
          evidence: z.string().min(1).max(1_000).exactOptional(),
          guardian: z.string().min(1).max(200).exactOptional().meta({
            description: 'who gave it for a customer below the minimum age; the customer when absent',
          }),
        }),
      )
      .min(1)
      .max(50),
  })
  .meta({ id: 'Consents' });

const Statements = listOf(
  z.object({
    channel: z.string(),
    topic: z.string(),
    state: z.enum(['granted', 'pending', 'withdrawn']),
    at: Timestamp.meta({ description: 'when it was made' }),
    source: z.string(),
    textVersion: z.string().optional(),
    evidence: z.string().optional(),
    guardian: z.string().optional(),
    recordedAt: Timestamp.nullable().meta({ description: 'null: before statements were kept' }),
    outcome: z.enum(['held', 'older', 'refused']).meta({
      description: 'held from then on; a newer one held already; or the profile had no room',
    }),
  }),
)
  .extend({ complete: z.boolean() })
  .meta({ id: 'ConsentStatements' });

const Traits = z.strictObject({
  traits: JsonObject.check((payload) => {
    const count = Object.keys(payload.value).length;
    if (count >= 1 && count <= MAX_TRAITS) return;
    const params: IssueParams = { code: 'traits', limit: `1 to ${MAX_TRAITS} traits`, actual: count };
    payload.issues.push({ code: 'custom', message: 'number of traits', input: payload.value, params: { ...params } });
  }),
});

export const profileRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/profiles/{id}',
    scope: 'profiles:read',
    tag,
    summary: 'Reads a profile; an id that was merged finds the person',
    params: Params,
    query: Which,
    answers: {
      200: {
        description:
          'traits with time and source, values set aside and why, computed traits as they are now, consents, devices, runs',
      },
    },
    async handle(call, ports) {
      const found = await find(call, ports);
      return ok(showProfile(found, await ports.snapshots.current(), call.now));
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/profiles/{id}',
    scope: 'profiles:write',
    tag,
    summary: 'Sets traits; null takes one away',
    params: Params,
    query: Which,
    body: Traits,
    bodyCode: 'profile',
    answers: accepted,
    handle: (call, ports) => {
      const { commandId: id, now: at } = call;
      const { traits } = call.body;
      return tell(call, (identity) => ({ t: 'patch', id, ...identity, at, traits }), ports);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/profiles/{id}',
    scope: 'profiles:erase',
    tag,
    summary: 'Erases a customer, for good',
    description:
      'A job: everything that is known of the customer goes, with all that was merged into them. Its `result` is the certificate: what was deleted, by kind, and how long something stays where it cannot be deleted. Asked again while it is under way, it is the same job.',
    params: Params,
    query: Which,
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle(call, ports) {
      const job = await startErasure(await find(call, ports), call, ports);
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/timeline',
    scope: 'profiles:read',
    tag,
    summary: 'Everything that happened to a person, newest first, with reasons',
    params: Params,
    query: WhichPage,
    answers: { 200: { description: 'the journal of the profile and of what was merged into it' } },
    async handle(call, ports) {
      const page = await readTimeline(ports.history, await find(call, ports), readPage(call.query));
      const states = { moved: 'changed', inert: 'no-effect', fwd: 'forwarded', parked: 'parked', trying: 'trying' };
      return ok({
        data: page.data.map(({ key, at, t, st, why, in: input }) => ({
          at: formatInstant(at),
          profile: key,
          kind: t,
          state: states[st],
          reasons: why,
          ...(input !== undefined && { record: input }),
        })),
        nextCursor: page.nextCursor ?? null,
        complete: page.complete,
      });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/messages',
    scope: 'profiles:read',
    tag,
    summary: 'Messages to a person, newest first',
    params: Params,
    query: WhichPage,
    answers: { 200: { description: 'handed over, or not and why' } },
    async handle(call, ports) {
      const page = await readMessages(ports.history, await find(call, ports), readPage(call.query));
      return ok({ data: page.data.map(showMessage), nextCursor: page.nextCursor ?? null, complete: page.complete });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/runs',
    scope: 'profiles:read',
    tag,
    summary: 'Where a person stands, in every journey they are in',
    params: Params,
    query: Which,
    answers: { 200: { description: 'runs' } },
    handle: async (call, ports) => ok({ data: showRuns((await find(call, ports)).profile) }),
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/segments',
    scope: 'profiles:read',
    tag,
    summary: 'Segments that a person belongs to now, and why',
    description:
      'Lists and live segments with since when; segments on demand are worked out now. `because` has each comparison that was made, at most 20. Without `profiles:personal`, segments that ask for personal data are left out.',
    params: Params,
    query: Which,
    answers: { 200: { description: 'memberships, by segment', schema: Memberships } },
    async handle(call, ports) {
      const stored = await find(call, ports);
      const all = membershipsOf(stored, await ports.snapshots.current(stored.epoch), call.now);
      const data = isUnmasked(call.principal.scopes) ? all : await withoutPersonal(all, ports);
      const show = (one: (typeof data)[number]) => ({
        ...one,
        since: one.since === null ? null : formatInstant(one.since),
      });
      return ok({ data: data.map(show) });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/consents',
    scope: 'profiles:read',
    tag,
    summary: 'Consent records; where there is none, the topic says what holds',
    params: Params,
    query: Which,
    answers: { 200: { description: 'records' } },
    handle: async (call, ports) => ok({ data: showConsents((await find(call, ports)).profile) }),
  }),
  route({
    method: 'GET',
    path: '/v1/profiles/{id}/consents/history',
    scope: 'profiles:read',
    tag,
    summary: 'Every statement about a consent, newest first, those that no longer hold or never did included',
    params: Params,
    query: WhichPage,
    answers: { 200: { description: 'of the profile and of what was merged into it', schema: Statements } },
    async handle(call, ports) {
      const page = await readStatements(ports.consents, await find(call, ports), readPage(call.query));
      return ok({ data: page.data.map(showStatement), nextCursor: page.nextCursor ?? null, complete: page.complete });
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/profiles/{id}/consents',
    scope: 'profiles:write',
    tag,
    summary: 'Records consents; what is not named stays as it is',
    params: Params,
    query: Which,
    body: Consents,
    bodyCode: 'consent',
    answers: accepted,
    async handle(call, ports) {
      const { commandId: id, now } = call;
      const consents: Consent[] = [];
      for (const [index, consent] of call.body.consents.entries()) {
        const at = consent.at === undefined ? now : parseInstant(consent.at)!;
        const topic = await findTopic(ports, (one) => one.id === consent.topic);
        if (topic === undefined) throw consentProblem(index, 'topic', 'a topic that exists');
        if (at > now + 60_000) throw consentProblem(index, 'at', 'not in the future');
        consents.push({ ...consent, at });
      }
      return tell(call, (identity) => ({ t: 'consent', id, ...identity, at: now, consents }), ports);
    },
  }),
];

function consentProblem(index: number, field: string, limit: string): InvalidInput {
  const problem = {
    pointer: `/consents/${index}/${field}`,
    code: `consent.${field}`,
    detail: `must be ${limit}`,
    limit,
  };
  return new InvalidInput(problem.code, `${field}: ${limit}`, [problem], 'invalid');
}
