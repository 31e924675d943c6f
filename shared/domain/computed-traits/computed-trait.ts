import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import { Id, type IssueParams, unique } from '../../kernel/schema.ts';
import { EventName, Predicate } from '../audiences/predicate.ts';
import { Channel } from '../messaging/channel.ts';
import { MAX_WINDOW, MIN_WINDOW, readPath, readWindow } from './source.ts';

const WindowText = z
  .string()
  .refine((text) => readWindow(text) !== undefined, {
    params: {
      code: 'window',
      limit: `hours or days, ${MIN_WINDOW} to ${MAX_WINDOW}`,
      fix: 'write PT6H or P90D',
    } satisfies IssueParams,
  })
  .meta({ id: 'TraitWindow', description: `hours or days: ${MIN_WINDOW} to ${MAX_WINDOW}` });

const Property = z
  .string()
  .max(200)
  .refine((text) => readPath(text) !== undefined, {
    params: {
      code: 'property',
      limit: 'a name, names with points between them, [] for every entry of a list',
      fix: 'write total, cart.currency or products[].category',
    } satisfies IssueParams,
  });

/** Of the local time at which it happened, in the customer's zone. */
const Part = z.enum(['hour', 'weekday']);

const EventSource = z.strictObject({
  event: EventName,
  property: Property.exactOptional(),
  part: Part.exactOptional(),
  where: Predicate.exactOptional(),
});
const Outcome = z.enum(['delivered', 'opened', 'clicked', 'bounced']);
const MessageSource = z.strictObject({
  message: z.strictObject({
    journey: Id.exactOptional(),
    step: Id.exactOptional(),
    topic: Id.exactOptional(),
    channel: Channel.exactOptional(),
  }),
  was: oneOf([Outcome, z.array(Outcome).min(1).check(unique('outcomes'))]),
  by: z.enum(['human', 'anyone']).exactOptional(),
  property: z.enum(['channel', 'topic', 'journey', 'step']).exactOptional(),
  part: Part.exactOptional(),
});
const Source = oneOf([EventSource, MessageSource]);
export type Source = z.infer<typeof Source>;

const described = {
  $schema: z.string().max(500).exactOptional(),
  schemaVersion: z.literal(1),
  id: Id,
  description: z.string().max(5_000).exactOptional(),
};

const Declared = z.strictObject({
  ...described,
  name: z.string().min(1).max(200),
  function: z.enum(['count', 'sum', 'average', 'min', 'max', 'first', 'last', 'unique', 'most-frequent', 'list']),
  of: Source,
  within: oneOf([z.literal('ever'), WindowText]),
  decay: z.strictObject({ halfLife: WindowText.exactOptional() }).exactOptional(),
  last: z.int().min(1).max(20).exactOptional(),
  top: z.int().min(1).max(10).exactOptional(),
});
export type Declared = z.infer<typeof Declared>;

const prefixed = {
  ...described,
  name: z.string().min(1).max(200).exactOptional(),
  /** In front of the name of each trait, for a second shop. */
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'a-z, 0-9 and hyphens, at most 31 characters')
    .exactOptional(),
  halfLife: WindowText.exactOptional(),
};

const Commerce = z.strictObject({
  ...prefixed,
  preset: z.literal('commerce'),
  events: z.strictObject({ order: EventName.exactOptional(), view: EventName.exactOptional() }).exactOptional(),
  properties: z
    .strictObject({
      total: Property.exactOptional(),
      discount: Property.exactOptional(),
      category: Property.exactOptional(),
    })
    .exactOptional(),
  /** Days after which somebody who has ordered once is expected again. */
  expectedDays: z.int().min(1).max(400).exactOptional(),
});
export type Commerce = z.infer<typeof Commerce>;

const Engagement = z.strictObject({ ...prefixed, preset: z.literal('engagement') });
export type Engagement = z.infer<typeof Engagement>;

/**
 * What is computed from what a customer does, and read as `profile.<id>`: one function of an event or of messages, or a
 * preset, which stands for several (presets.ts).
 */
export const ComputedTrait = oneOf([Declared, Commerce, Engagement]).meta({ title: 'Computed trait' });
export type ComputedTrait = z.infer<typeof ComputedTrait>;
