import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import {
  CalendarDate,
  Currency,
  Day,
  Days,
  Duration,
  Id,
  Instant,
  type IssueParams,
  SignedDuration,
  Time,
  unique,
  Windows,
  Zone,
} from '../../kernel/schema.ts';
import { EventName, Predicate } from '../audiences/predicate.ts';
import { Ref } from '../audiences/ref-schema.ts';
import { Channel } from '../messaging/channel.ts';
import { Value, Values } from './value.ts';

/**
 * The journey document (docs: the grammar). The whole grammar parses; what today's engine does not do yet is said by
 * not-yet.ts, and what only the catalog can tell (templates, topics, dangling names) by lint/.
 */
export const MAX_STEPS = 200;

export { END } from './ports.ts';

/** A step's id, or END. Both have the form of an Id; that no step is called 'end' is a rule of lint. */
export const Next = Id.meta({ id: 'Next', description: "a step's id, or 'end'" });
export type Next = z.infer<typeof Next>;

const where = Predicate.exactOptional();
const onEvent = { on: z.literal('event'), event: EventName, where };
const onSegment = { on: z.literal('segment'), segment: Id, change: z.enum(['entered', 'left']) };

export const PropertyType = z.enum(['string', 'number', 'boolean', 'instant', 'object', 'list']);
export type PropertyType = z.infer<typeof PropertyType>;

export const Entry = oneOf([
  z.strictObject({ ...onEvent, maxAge: Duration.exactOptional() }),
  z.strictObject({ ...onSegment, existing: z.enum(['ignore', 'enroll']) }),
  z.strictObject({
    on: z.literal('date'),
    trait: Ref,
    every: z.enum(['once', 'year']),
    offset: SignedDuration.exactOptional(),
    at: Time,
  }),
  z.strictObject({
    on: z.literal('schedule'),
    segment: Id,
    zone: Zone,
    at: Time,
    every: z.enum(['once', 'day', 'week', 'month']),
    date: CalendarDate.exactOptional(),
    days: z
      .array(oneOf([Day, z.int().min(1).max(31)]))
      .min(1)
      .exactOptional(),
  }),
  z.strictObject({
    on: z.literal('api'),
    properties: z
      .record(z.string().min(1).max(200), z.strictObject({ type: PropertyType, required: z.boolean().exactOptional() }))
      .exactOptional(),
  }),
  z.strictObject({ on: z.literal('journey'), journey: Id, reason: Id.exactOptional() }),
]).meta({ id: 'Entry' });
export type Entry = z.infer<typeof Entry>;

export const Reentry = z
  .strictObject({
    key: Ref.exactOptional(),
    again: oneOf([z.enum(['never', 'after-exit']), Duration]),
    whileInside: z.enum(['ignore', 'restart']),
    max: z.int().min(1).exactOptional(),
  })
  .meta({ id: 'Reentry' });
export type Reentry = z.infer<typeof Reentry>;

/** Every trigger, with the keys that its place adds: `next` in a wait-for, `reason` in an exit rule. */
function triggers<S extends z.core.$ZodLooseShape>(added: S) {
  return oneOf([
    z.strictObject({ ...onEvent, ...added }),
    z.strictObject({ ...onSegment, ...added }),
    z.strictObject({
      on: z.literal('message'),
      step: Id,
      was: z.enum(['delivered', 'opened', 'clicked', 'bounced']),
      link: z.string().min(1).max(2_000).exactOptional(),
      ...added,
    }),
    z.strictObject({ on: z.literal('becomes-true'), if: Predicate, ...added }),
  ]);
}
export const Trigger = triggers({}).meta({ id: 'Trigger' });
export type Trigger = z.infer<typeof Trigger>;
export const ExitRule = triggers({ reason: Id }).meta({ id: 'ExitRule' });
export type ExitRule = z.infer<typeof ExitRule>;

const step = <T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.strictObject({
    type: z.literal(type),
    name: z.string().min(1).max(200).exactOptional(),
    maxVisits: z.int().min(1).max(10_000).exactOptional(),
    ...shape,
  });

export const MessageStep = step('message', {
  template: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}(@[1-9]\d{0,8})?$/, 'a template id, or id@7 for a pinned version')
    .describe('a template id: the live version at hand-over; "id@7" is pinned'),
  channels: oneOf([z.tuple([Channel], Channel).check(unique<Channel>('channels')), z.literal('by-policy')]),
  topic: Id.exactOptional(),
  sender: Id.exactOptional(),
  vars: Values.exactOptional(),
  whenBlocked: z.enum(['hold', 'skip']).exactOptional(),
  holdAtMost: Duration.exactOptional(),
  onUnknown: z.enum(['count', 'resend']).exactOptional(),
  next: Next,
  skipped: Next.exactOptional(),
  failed: Next.exactOptional(),
});
export type MessageStep = z.infer<typeof MessageStep>;

export const WaitUntil = oneOf([
  z.strictObject({ time: Time, days: Days.exactOptional() }),
  z.strictObject({ windows: Windows }),
  z.strictObject({
    at: oneOf([Instant, z.strictObject({ ref: Ref })]),
    offset: SignedDuration.exactOptional(),
    past: z.enum(['go-on', 'exit']).exactOptional(),
  }),
]);
export type WaitUntil = z.infer<typeof WaitUntil>;
export const WaitDurationStep = step('wait', { for: Duration, next: Next });
export const WaitUntilStep = step('wait', { until: WaitUntil, next: Next });
export type WaitStep = z.infer<typeof WaitDurationStep> | z.infer<typeof WaitUntilStep>;

export const WaitForStep = step('wait-for', {
  any: z.array(triggers({ next: Next })).min(1),
  within: Duration,
  timeout: Next,
});
export type WaitForStep = z.infer<typeof WaitForStep>;

export const BranchStep = step('branch', {
  cases: z.array(z.strictObject({ if: Predicate, next: Next })).min(1),
  else: Next,
});
export type BranchStep = z.infer<typeof BranchStep>;

export const SplitStep = step('split', {
  arms: z.array(z.strictObject({ id: Id, weight: z.number().min(0).max(100), next: Next })).min(1),
  sticky: z.enum(['profile', 'run']).exactOptional(),
});
export type SplitStep = z.infer<typeof SplitStep>;

export const UpdateStep = step('update', {
  set: Values.exactOptional(),
  increment: z.record(z.string().min(1).max(200), z.number()).exactOptional(),
  append: Values.exactOptional(),
  unset: z.array(z.string().min(1).max(200)).exactOptional(),
  next: Next,
});
export type UpdateStep = z.infer<typeof UpdateStep>;

export const EmitStep = step('emit', { event: EventName, properties: Values.exactOptional(), next: Next });
export type EmitStep = z.infer<typeof EmitStep>;

export const WebhookStep = step('webhook', {
  endpoint: Id,
  body: Values.exactOptional(),
  saveAs: Id.exactOptional(),
  timeout: Duration.exactOptional(),
  next: Next,
  failed: Next,
});
export type WebhookStep = z.infer<typeof WebhookStep>;

export const TaskStep = step('task', {
  queue: Id,
  title: Value,
  due: Duration,
  outcomes: z.record(Id, Next).refine((outcomes) => Object.keys(outcomes).length > 0, {
    params: { code: 'task-outcomes', limit: '1 or more', actual: 0 } satisfies IssueParams,
  }),
  timeout: Next,
});
export type TaskStep = z.infer<typeof TaskStep>;

export const EnrollStep = step('enroll', { journey: Id, properties: Values.exactOptional(), next: Next });
export type EnrollStep = z.infer<typeof EnrollStep>;

export const ExitStep = step('exit', { reason: Id });
export type ExitStep = z.infer<typeof ExitStep>;

export const Step = oneOf([
  MessageStep,
  WaitDurationStep,
  WaitUntilStep,
  WaitForStep,
  BranchStep,
  SplitStep,
  UpdateStep,
  EmitStep,
  WebhookStep,
  TaskStep,
  EnrollStep,
  ExitStep,
]).meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;
export type StepType = Step['type'];

export const Goal = z
  .strictObject({
    event: EventName,
    where,
    within: Duration,
    from: z.enum(['entry', 'message']).exactOptional(),
    value: Ref.exactOptional(),
    exit: z.boolean().exactOptional(),
  })
  .meta({ id: 'Goal' });
export type Goal = z.infer<typeof Goal>;

export const Schedule = z.strictObject({
  startAt: Instant.exactOptional(),
  endAt: Instant.exactOptional(),
  atEnd: z.enum(['drain', 'stop']).exactOptional(),
});
export type Schedule = z.infer<typeof Schedule>;

const amount = z.int().min(1);
/** Counted in millionths, it stays a whole number that is exact. */
const MAX_BUDGET = 1_000_000_000;

export const Limits = z.strictObject({
  entriesPerDay: amount.exactOptional(),
  entriesTotal: amount.exactOptional(),
  messagesPerMinute: amount.exactOptional(),
  messagesPerProfile: z
    .array(z.strictObject({ max: amount, per: oneOf([z.enum(['day', 'week', 'month', 'run']), Duration]) }))
    .exactOptional(),
  budget: z
    .strictObject({
      max: z.number().positive().max(MAX_BUDGET),
      currency: Currency,
      per: z.enum(['day', 'total']),
    })
    .exactOptional(),
});
export type Limits = z.infer<typeof Limits>;

export const Sending = z.strictObject({
  quietHours: oneOf([z.enum(['environment', 'none']), Windows]).exactOptional(),
  windows: Windows.exactOptional(),
  closedDates: z.array(CalendarDate).exactOptional(),
  catchUp: Duration.exactOptional(),
});
export type Sending = z.infer<typeof Sending>;

export const Journey = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    id: Id,
    name: z.string().min(1).max(200),
    description: z.string().max(5_000).exactOptional(),
    tags: z.array(z.string().min(1).max(100)).max(50).exactOptional(),
    topic: Id,
    /** Who goes first where a cap leaves room for one. Absent: 50. */
    priority: z.int().min(0).max(100).exactOptional(),
    zone: Zone.exactOptional(),
    entry: z.array(Entry).min(1),
    where,
    reentry: Reentry,
    start: Id,
    steps: z.record(Id, Step).check((payload) => {
      const count = Object.keys(payload.value).length;
      if (count >= 1 && count <= MAX_STEPS) return;
      const params: IssueParams = { code: 'steps', limit: `1 to ${MAX_STEPS} steps`, actual: count };
      payload.issues.push({ code: 'custom', message: 'number of steps', input: payload.value, params: { ...params } });
    }),
    exitWhen: z.array(ExitRule).exactOptional(),
    goal: Goal.exactOptional(),
    schedule: Schedule.exactOptional(),
    limits: Limits.exactOptional(),
    sending: Sending.exactOptional(),
    holdout: z.strictObject({ percent: z.number().min(0).max(100), group: Id.exactOptional() }).exactOptional(),
  })
  .meta({ title: 'Journey' });
export type Journey = z.infer<typeof Journey>;
