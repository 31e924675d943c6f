import * as z from 'zod';
import { Predicate } from './audiences/predicate.ts';
import { Segment } from './audiences/segment.ts';
import { ComputedTrait } from './computed-traits/computed-trait.ts';
import { Journey } from './journeys/journey.ts';
import { Block } from './messaging/block.ts';
import { Policy } from './messaging/policy.ts';
import { Template } from './messaging/template.ts';
import { Topic } from './messaging/topic.ts';
import { WebhookEndpoint } from './messaging/webhook-endpoint.ts';

/** JSON Schemas (draft 2020-12) of what users write, for their editors; text predicates are plain strings there. */
export function jsonSchemas(): Record<string, object> {
  const schema = (document: z.ZodType): object => z.toJSONSchema(document, { io: 'input' });
  return {
    journey: schema(Journey),
    predicate: schema(Predicate),
    segment: schema(Segment),
    'computed-trait': schema(ComputedTrait),
    template: schema(Template),
    block: schema(Block),
    topic: schema(Topic),
    'webhook-endpoint': schema(WebhookEndpoint),
    policy: schema(Policy),
  };
}
