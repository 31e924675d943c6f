/** Corrections of the protocol that can be taken away, each in a port around the real code. The explorer must notice. */
export const mutations = [
  'journal look-up not strong',
  'no journal look-up',
  'certificate of any version',
  'inert entries overwrite',
  'effects are forgotten',
  'no claim grace',
  'provider client retries',
  'another copy of what is held may go',
  'execution named by its minute',
  'a wake proves nothing',
  'catalog may go back',
  'inert mates are not journaled',
  'the sweep tells nobody',
  'everything is acknowledged',
  'counters are read, then written',
  'what lacks its input stays so',
  'aliases need no certificate',
  'what was forwarded counts',
  'who holds an identity is not told',
] as const;
export type Mutation = (typeof mutations)[number];
