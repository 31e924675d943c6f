import type { Json } from '../../kernel/canonical-json.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { Turn } from '../turn.ts';
import { deviceFromEvent } from './devices.ts';
import { recordIdentities } from './identities.ts';
import { isRecord } from './reserved-traits.ts';
import { setTraits, traitValue } from './set-traits.ts';

const MAX_GROUPS = 50;

/** What an event says about the customer: ids, traits, where and in which language the client runs. */
export function learn(turn: Turn, event: CustomerEvent): void {
  recordIdentities(turn, event);
  if (event.kind === 'identify') setTraits(turn, event.data, event.at, 'identify');
  if (event.kind === 'group' && event.groupId !== undefined) joinGroup(turn, event, event.groupId);
  learnContext(turn, event);
  deviceFromEvent(turn, event);
}

/** The company a customer belongs to is the trait `company` (id and the group's traits); all groups are in `groups`. */
function joinGroup(turn: Turn, event: CustomerEvent, groupId: string): void {
  const company = traitValue(turn.profile, 'company');
  const same = isRecord(company) && company.id === groupId;
  const groups = traitValue(turn.profile, 'groups');
  const list = Array.isArray(groups) ? (groups as readonly Json[]) : [];
  const values: { [name: string]: Json } = { company: { ...(same && company), ...event.data, id: groupId } };
  if (!list.includes(groupId)) values.groups = [...list, groupId].slice(-MAX_GROUPS);
  setTraits(turn, values, event.at, 'group');
}

/** What the client's device says gives way to what the customer or the product said. */
function learnContext(turn: Turn, event: CustomerEvent): void {
  for (const name of ['timezone', 'locale'] as const) {
    const value = event.context[name];
    if (value === undefined || value === '') continue;
    const current = turn.profile.traits[name];
    if (current !== undefined && (current.source !== 'context' || current.at > event.at)) continue;
    if (current?.value !== value) setTraits(turn, { [name]: value }, event.at, 'context');
  }
}
