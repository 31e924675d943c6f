import type { ScriptName } from './scripts.ts';

/**
 * Corrections of the protocol that can be taken away, each in a port around the real code. The explorer must notice: in
 * which script it does so soonest, and from which seed on it is tried, 1 where it is not said. What moves the schedules of
 * a rare one costs time and no test: the seeds behind it are as good.
 */
const tried = {
  'journal look-up not strong': ['identities'],
  'no journal look-up': ['journeys'],
  'certificate of any version': ['journeys'],
  'inert entries overwrite': ['journeys'],
  'effects are forgotten': ['journeys'],
  'no claim grace': ['messages'],
  'provider client retries': ['messages'],
  'another copy of what is held may go': ['messages', 222],
  'execution named by its minute': ['devices'],
  'a wake proves nothing': ['aliases and journeys'],
  'catalog may go back': ['devices'],
  'inert mates are not journaled': ['journeys'],
  'the sweep tells nobody': ['devices'],
  'everything is acknowledged': ['messages'],
  'counters are read, then written': ['devices'],
  'what lacks its input stays so': ['identities'],
  'what lacks its input is counted': ['identities'],
  'what was forwarded counts': ['devices'],
  'what nobody learned from counts': ['identities', 4_576],
  'who holds an identity is not told': ['identities'],
  'what is unknown is in no list': ['messages'],
  'wipes are not sent': ['erased merges'],
  'merge mail names no incarnation': ['erased devices'],
  'messages of who was erased go on': ['erased journeys'],
  'the journal names no incarnation': ['erased devices'],
  'what was before is let in': ['erased devices'],
  'nothing is deleted elsewhere': ['erased devices'],
  'what was sent to an address alone stays': ['erased letters'],
  'nobody waits for who writes late': ['erased late'],
  'nobody takes up an erasure again': ['erased devices', 4_390],
  'what carries the certificate goes first': ['aliases and journeys', 5_260],
  'any claim certifies': ['journeys', 260],
  'nobody certifies where no message has': ['journeys'],
  'who takes a claim over forgets what it carries': ['journeys', 140],
  'all copies are one': ['messages'],
  'any copy may try again': ['messages'],
} as const satisfies { readonly [mutation: string]: readonly [ScriptName, number?] };

export type Mutation = keyof typeof tried;
export const mutations = Object.entries(tried).map(([mutation, [script, seed = 1]]) => ({
  mutation: mutation as Mutation,
  script,
  seed,
}));
