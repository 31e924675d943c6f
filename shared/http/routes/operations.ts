import * as z from 'zod';
import { countStopped } from '../../app/catalog/count-journey.ts';
import { findEvent } from '../../app/find-event.ts';
import { eventTypes, rejectedEvents } from '../../app/intake.ts';
import { showSending } from '../../app/sending/show-sending.ts';
import { KillSwitchTarget } from '../../domain/messaging/kill-switch.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, pageQuery, readPage } from '../lists.ts';
import { ok, type Route, route } from '../route.ts';
import { CalendarDay, CustomerId, IdType } from '../schemas.ts';

const events = 'Events';
const operations = 'Operations';

export const operationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/events/{messageId}',
    scope: 'events:read',
    tag: events,
    summary: 'Where is my event?',
    description: 'By the messageId that the client sent, and whose event it is.',
    params: z.strictObject({ messageId: z.string().min(1).max(100) }),
    query: z.strictObject({
      userId: CustomerId.exactOptional(),
      anonymousId: CustomerId.exactOptional(),
      id: CustomerId.exactOptional().meta({ description: 'of the type that `idType` names' }),
      idType: IdType.exactOptional(),
    }),
    answers: { 200: { description: 'applied, no-effect, forwarded, parked, trying, rejected or not-found' } },
    async handle({ params, query }, ports) {
      const stores = { intake: ports.intake, journal: ports.journalSearch, profiles: ports.profiles };
      const { found, rejected, ...fate } = await findEvent({ ...params, ...query }, stores);
      return ok({
        ...fate,
        decision: found === undefined ? null : { profile: found.key, at: formatInstant(found.at), reasons: found.why },
        rejected: rejected.map((one) => ({ ...one, at: formatInstant(one.at) })),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/rejected-events',
    scope: 'events:read',
    tag: events,
    summary: 'What was refused at the door in the last days, newest first; without values',
    query: z.strictObject({ ...pageQuery, day: CalendarDay.exactOptional() }),
    answers: { 200: { description: 'a page' } },
    async handle({ query, now }, ports) {
      const asked = { ...readPage(query), ...(query.day !== undefined && { day: query.day }) };
      const page = await rejectedEvents(ports.intake, asked, now);
      return ok(listAnswer(page, (one) => ({ ...one, at: formatInstant(one.at) })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/event-types',
    scope: 'events:read',
    tag: events,
    summary: 'Observed names of events, with their properties and types',
    answers: { 200: { description: 'all that are remembered; `complete` says whether there are more' } },
    async handle(_, ports) {
      const { data, ...rest } = await eventTypes(ports.intake);
      const show = (at: number) => formatInstant(at);
      return ok({
        data: data.map((one) => ({ ...one, firstSeen: show(one.firstSeen), lastSeen: show(one.lastSeen) })),
        ...rest,
      });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/kill-switches',
    scope: 'journeys:read',
    tag: operations,
    summary: 'All kill switches that were ever touched',
    answers: { 200: { description: 'switches' } },
    async handle(_, ports) {
      const switches = await ports.catalog.readKillSwitches();
      return ok({ data: switches.map((one) => ({ ...one, at: formatInstant(one.at) })) });
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/kill-switches/{target}',
    scope: 'kill-switches:write',
    tag: operations,
    summary: 'Stops sending: all of it, one channel, or one journey',
    description:
      'Messages that come to be sent while a switch is on are not sent later either. `alreadyHandedOver` is what had left before, at most: by live counters of the journeys, what lies in a queue included.',
    params: z.strictObject({ target: KillSwitchTarget }),
    body: z.strictObject({ on: z.boolean(), note: z.string().min(1).max(500).exactOptional() }),
    bodyCode: 'kill-switch',
    answers: { 200: { description: 'thrown; senders look at it every 10 seconds' } },
    async handle({ params, body, actor }, ports) {
      const killSwitch = { target: params.target, ...body, ...actor };
      await ports.catalog.setKillSwitch(killSwitch);
      const answer = { ...killSwitch, at: formatInstant(killSwitch.at), effectiveWithinSeconds: 30 };
      // It is thrown by now; counting may take its time.
      const noted = { on: String(body.on) };
      if (!body.on) return { ...ok(answer), noted };
      return { ...ok({ ...answer, alreadyHandedOver: await countStopped(ports, params.target) }), noted };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/sending',
    scope: 'journeys:read',
    tag: operations,
    summary: 'How fast what is sent: rates, plans of new senders, and providers that do not work',
    description:
      'Channels and senders of which there is something to say. While there is an `outage` messages are parked: one of them tries at `tryAt`, and its success ends it.',
    answers: { 200: { description: 'all of them' } },
    async handle({ now }, ports) {
      const data = await showSending(ports.sending, ports.settings, now);
      return ok({
        data: data.map(({ outage, ...rest }) => ({
          ...rest,
          outage: outage && { ...outage, since: formatInstant(outage.since), tryAt: formatInstant(outage.tryAt) },
        })),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/catalog-changes',
    scope: 'audit:read',
    tag: operations,
    summary: 'Which change of the catalog made which version and epoch, in a month, newest first',
    description: 'Written with the change itself, also where a job makes it. Who asked for what is in `/v1/audit`.',
    query: z.strictObject({
      ...pageQuery,
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
        .exactOptional()
        .meta({ description: '2026-11; this month when absent' }),
    }),
    answers: { 200: { description: 'a page' } },
    async handle({ query, now }, ports) {
      const month = query.month ?? formatInstant(now).slice(0, 7);
      const page = await ports.catalog.listChanges(month, readPage(query));
      return ok(listAnswer(page, (entry) => ({ ...entry, at: formatInstant(entry.at) })));
    },
  }),
];
