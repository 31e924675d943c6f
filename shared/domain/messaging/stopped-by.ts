import type { KillSwitch } from './kill-switch.ts';

/** The switch that stops this message, if any. */
export function stoppedBy(
  switches: readonly KillSwitch[],
  message: { readonly channel: string; readonly journey?: string },
): KillSwitch | undefined {
  const targets = ['all', `channel:${message.channel}`, `journey:${message.journey ?? ''}`];
  return switches.find((one) => one.on && targets.includes(one.target));
}
