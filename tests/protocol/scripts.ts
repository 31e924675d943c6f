import { type Kind, type Person, persons } from './scenario.ts';

/** What may happen in a schedule, besides faults. */
interface Script {
  readonly kinds: readonly Kind[];
  readonly who: readonly Person[];
  /** The policy tracks identities. */
  readonly named?: true;
}

/** `messages` is about senders alone: messages, each in up to three copies. */
export const scripts = {
  journeys: { kinds: ['count', 'start', 'stop', 'page', 'start', 'poison'], who: ['u'] },
  aliases: { kinds: ['alias', 'count', 'alias'], who: persons },
  'aliases and journeys': { kinds: ['alias', 'count', 'start', 'stop', 'alias'], who: persons },
  devices: { kinds: ['identify', 'count', 'start', 'identify'], who: persons },
  identities: { kinds: ['address', 'partner', 'number', 'count', 'address', 'number'], who: persons, named: true },
  messages: { kinds: [], who: ['u'] },
} as const satisfies { readonly [name: string]: Script };

export type ScriptName = keyof typeof scripts;
export const scriptNames = Object.keys(scripts) as ScriptName[];
export const scriptAt = (index: number): Script => scripts[scriptNames[index]!];
