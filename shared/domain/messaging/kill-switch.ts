import * as z from 'zod';

/** What a kill switch stops: everything, one channel, or one journey. */
export const KillSwitchTarget = z
  .string()
  .regex(/^(all|channel:(email|sms|push|in-app|webhook)|journey:[a-z0-9][a-z0-9-]{0,63})$/)
  .meta({ id: 'KillSwitchTarget', description: '`all`, `channel:<channel>` or `journey:<id>`' });
export type KillSwitchTarget = z.infer<typeof KillSwitchTarget>;

export interface KillSwitch {
  readonly target: KillSwitchTarget;
  /** true: nothing is handed over. */
  readonly on: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly note?: string;
}
