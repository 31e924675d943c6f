import { InvalidInput } from '../kernel/errors.ts';

/** A month of an environment. */
export interface Load {
  /** Customers of whom something is stored. */
  readonly profiles: number;
  readonly newProfiles: number;
  /** What apps send, entries into journeys included. */
  readonly events: number;
  /** By channel; each costs what an e-mail costs, but for the provider. */
  readonly messages: { readonly email: number; readonly sms: number; readonly push: number };
  /** Of a part of a text message, in dollars; AWS's differs by country and carrier. */
  readonly smsDollars: number;
  readonly journalDays: number;
  readonly messageDays: number;
  readonly logDays: number;
}

/**
 * What is taken for true of customers of whom nobody said anything. Of events that enter no journey 14 in 19 change
 * nothing, 3 move a trait and 2 feed ten computed traits: with the one that enters, 70 in 100 change nothing.
 */
export const behaviour = {
  eventsPerProfile: 20,
  messagesPerProfile: 4,
  otherEvents: { inert: 14, trait: 3, computed: 2 },
  /** The others come of broadcasts to everybody. */
  shareOfJourneys: 3 / 4,
  /** Of the reference journey: three messages, and waits of a day, three days and a week. */
  messagesPerJourney: 3,
  openedShare: 0.3,
  newShare: 0.03,
  broadcastPerMinute: 60_000,
} as const;

export const DAYS = 30;

/** Refuses what is not a number of something. */
export function loadOf(
  given: Partial<Omit<Load, 'messages'>> & { profiles: number; messages?: Partial<Load['messages']> },
): Load {
  const { profiles } = given;
  const messages = { sms: 0, push: 0, email: profiles * behaviour.messagesPerProfile, ...given.messages };
  const load: Load = {
    newProfiles: profiles * behaviour.newShare,
    events: profiles * behaviour.eventsPerProfile,
    smsDollars: 0,
    ...{ journalDays: 90, messageDays: Math.max(90, given.journalDays ?? 90), logDays: 30 },
    ...given,
    messages,
  };
  // What was given before what was made of it.
  for (const [name, value] of [['profiles', profiles] as const, ...Object.entries({ ...load, ...messages })]) {
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) {
      throw new InvalidInput(`cost.${name}`, `${name} is a number from 0, not ${value}`);
    }
  }
  if (load.messageDays < load.journalDays) {
    const detail = `messages are kept for ${load.messageDays} days, which is less than the journal's ${load.journalDays}`;
    throw new InvalidInput('cost.message-days', detail);
  }
  return load;
}

/** What happens in the month, by the rows that are counted. */
export function countsOf(load: Load) {
  const messages = load.messages.email + load.messages.sms + load.messages.push;
  const enrollments = (messages * behaviour.shareOfJourneys) / behaviour.messagesPerJourney;
  const toBroadcast = messages - enrollments * behaviour.messagesPerJourney;
  const others = Math.max(0, load.events - enrollments);
  const { inert, trait, computed } = behaviour.otherEvents;
  const parts = inert + trait + computed;
  return {
    'new-profile': load.newProfiles,
    'new-profile-after': load.newProfiles,
    'inert-event': (others * inert) / parts,
    'trait-event': (others * trait) / parts,
    'computed-event': (others * computed) / parts,
    journey: enrollments,
    broadcast: toBroadcast,
    'broadcast-itself': load.profiles === 0 ? 0 : Math.ceil(toBroadcast / load.profiles),
    opened: messages * behaviour.openedShare,
    'quiet-day': load.profiles * DAYS,
    'idle-day': DAYS,
    canary: (DAYS * 24 * 60) / 5,
  };
}

export type CountName = keyof ReturnType<typeof countsOf>;
