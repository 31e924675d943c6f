import { type Kind, type Person, persons } from './scenario.ts';

/** What may happen in a schedule, besides faults. */
export interface Script {
  readonly kinds: readonly Kind[];
  readonly who: readonly Person[];
  /** The policy tracks identities. */
  readonly named?: true;
  /** Customers are erased, and this is let in afterwards. */
  readonly recreate?: 'always' | 'on-consent';
  /**
   * An invocation may begin when its records are just about to be seen again, because Lambda tried before and was throttled
   * (Lambda, "Using Lambda with Amazon SQS": the visibility timeout is for that).
   */
  readonly late?: true;
}

/** `messages` is about senders alone: messages, each in up to three copies. */
export const scripts = {
  journeys: { kinds: ['count', 'start', 'stop', 'page', 'start', 'poison'], who: ['u'] },
  aliases: { kinds: ['alias', 'count', 'alias'], who: persons },
  'aliases and journeys': { kinds: ['alias', 'count', 'start', 'stop', 'alias'], who: persons },
  devices: { kinds: ['identify', 'count', 'start', 'identify'], who: persons },
  identities: { kinds: ['address', 'partner', 'number', 'count', 'address', 'number'], who: persons, named: true },
  'erased merges': {
    kinds: ['erase', 'alias', 'count', 'alias', 'start'],
    who: persons,
    recreate: 'always',
  },
  'erased devices': {
    kinds: ['erase', 'identify', 'count', 'start', 'identify'],
    who: persons,
    recreate: 'always',
  },
  'erased identities': {
    kinds: ['address', 'partner', 'number', 'count', 'start', 'consent', 'erase', 'number'],
    who: persons,
    named: true,
    recreate: 'on-consent',
  },
  'erased journeys': { kinds: ['start', 'erase', 'start', 'stop'], who: ['u'], recreate: 'always' },
  messages: { kinds: [], who: ['u'] },
  'erased letters': { kinds: ['letter', 'erase', 'letter', 'count'], who: ['u', 'v'], recreate: 'always' },
  'erased late': { kinds: ['start', 'erase', 'count', 'poison'], who: ['u'], recreate: 'always', late: true },
} as const satisfies { readonly [name: string]: Script };

export type ScriptName = keyof typeof scripts;
export const scriptNames = Object.keys(scripts) as ScriptName[];
export const scriptAt = (index: number): Script => scripts[scriptNames[index]!];
