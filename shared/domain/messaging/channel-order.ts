import { isInWindows } from '../../kernel/windows.ts';
import type { CompiledCatalog } from '../compiled-catalog.ts';
import { holds, resolveRef } from '../journeys/engine/facts.ts';
import { type Scope, type Standpoint, zoneOf } from '../journeys/engine/scope.ts';
import type { Channel } from './channel.ts';
import { channelSpecs } from './channels/registry.ts';

export interface ChannelOrder {
  readonly channels: readonly Channel[];
  /** Which rule of the policy said so, from 0; absent: none, and the order is the template's. */
  readonly rule?: number;
}

/**
 * For a step that leaves it to the policy: the first rule whose predicate holds in one of its windows, in the customer's
 * zone. Of its order, the channels that the template has.
 */
export function channelsByPolicy(
  turn: Standpoint & { readonly catalog: Pick<CompiledCatalog, 'policy' | 'templates'> },
  template: string,
  scope: Scope,
): ChannelOrder {
  const own = templateChannels(turn.catalog, template);
  const zone = zoneOf(turn, scope.journey);
  for (const [rule, one] of (turn.catalog.policy.channelOrder ?? []).entries()) {
    if (one.windows !== undefined && !isInWindows(turn.now, one.windows, zone)) continue;
    if (one.if !== undefined && !holds(turn, one.if, scope).value) continue;
    const order = one.order.flatMap((entry) => {
      if (typeof entry === 'string') return [entry];
      const named = resolveRef(turn, entry.ref, scope);
      return typeof named === 'string' && Object.hasOwn(channelSpecs, named) ? [named as Channel] : [];
    });
    return { channels: [...new Set(order)].filter((channel) => own.includes(channel)), rule };
  }
  return { channels: own };
}

/** In the order of its variants; of a template that is not there, none. */
export const templateChannels = ({ templates }: Pick<CompiledCatalog, 'templates'>, id: string): Channel[] => [
  ...new Set(templates.get(id)?.document.variants.map(({ channel }) => channel)),
];
