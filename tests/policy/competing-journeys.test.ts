import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLog } from './checker/check-log.ts';
import type { Line, Violation } from './checker/log.ts';
import { competing } from './competing.ts';
import { catalogOf, livesOf } from './lives.ts';
import { faults, planted } from './planted.ts';

const documents = competing();

/** As many lives as it takes until this rule is broken; undefined: it never is. */
function firstBroken(rule: string, customers: number): Violation | undefined {
  for (const lines of livesOf(catalogOf(documents), customers, 'faults')) {
    // Shares need everybody.
    const found = checkLog(lines, documents).find((one) => one.rule === rule && one.rule !== 'holdout-share');
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('G10: five journeys that want the same customers', () => {
  it('nothing is sent that may not be, and nothing is kept back without reason', () => {
    const lines: Line[] = [...livesOf(catalogOf(documents), 150, 'competing')].flat();
    expect(checkLog(lines, documents)).toEqual([]);
    // What is checked has happened.
    const codes = new Set(lines.map((line) => (line.line === 'sent' ? `sent ${line.channel}` : line.code)));
    const wanted = [
      ...['sent email', 'sent sms', 'sent push'],
      ...['cap.reached', 'cap.reserved-for', 'cap.journey', 'gap.too-soon', 'quiet-hours', 'sending.windows'],
      ...['closed-date', 'sending.closed-date', 'consent.missing', 'consent.withdrawn', 'holdout.out', 'entry.holdout'],
      ...['channels.by-policy', 'receipt.bounced', 'message.not-held', 'message.held-too-long'],
    ];
    expect(wanted.filter((one) => !codes.has(one))).toEqual([]);
  });

  it.each(faults)('the checker finds it when $name', (fault) => {
    const found = planted(fault, () => firstBroken(fault.rule, 120));
    expect(found).toMatchObject({ rule: fault.rule, detail: expect.any(String) });
  });

  it('the checker reads the log and the settings alone: it shares no code with the product', () => {
    const folder = join(import.meta.dirname, 'checker');
    const imports = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from!),
    );
    expect(imports).toContain('temporal-polyfill');
    expect(imports.filter((from) => from !== 'temporal-polyfill' && !/^\.\/[a-z-]+\.ts$/.test(from))).toEqual([]);
  });
});
