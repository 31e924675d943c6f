import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from './shrink.ts';
import type { TortureOptions, TortureResult } from './torture.ts';

const file = join(import.meta.dirname, '../../docs/guarantees.md');
const [begin, end] = ['<!-- torture -->', '<!-- /torture -->'];

/** Writes the summary of a run between the marks of docs/guarantees.md, and nothing else there. */
export function writeReport(options: TortureOptions, result: TortureResult, day: string): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/guarantees.md has no marks ${begin} … ${end}`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n${summaryOf(options, result, day)}\n${text.slice(to)}`);
}

export function summaryOf(
  options: TortureOptions,
  { findings, figures, faults, ends }: TortureResult,
  day: string,
): string {
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([what, count]) => `| ${what} | ${count.toLocaleString('en')} |`);
  const table = (title: string, counts: Readonly<Record<string, number>>) => [
    `| ${title} | |`,
    '| --- | --: |',
    ...rows(counts),
    '',
  ];
  const of = (...prefixes: string[]) =>
    findings.filter(({ rule }) => prefixes.some((prefix) => rule === prefix || rule.startsWith(`${prefix} `))).length;
  const broken = {
    'G1 events lost': of('G1'),
    'G2 events counted twice': of('G2'),
    'G1, G2 ledgers of customers that do not add up': of('ledger'),
    'G3 messages handed over twice, or from nowhere': of('G3'),
    'G4 gaps, second writers, time that runs back': of('G4'),
    'G5 decisions that the pure core decides otherwise': of('G5'),
    'G1, G6 profiles, queues and executions that are stuck': of('stuck'),
    'G7 messages without an end, or with a wrong one': of('G7'),
    'G8 decisions with an older catalog': of('G8'),
    'G9 messages of a journey that was stopped': of('G9'),
    'G10 messages against the policy, or kept back without its reason': of('G10'),
    'G11 calls that a role did not allow': of('G11'),
    'G12 things that name a customer who was erased': of('G12'),
    'G13 bad events that changed something': of('G13'),
  };
  const { seconds, ...counted } = figures;
  return [
    `\`${commandOf(options)}\` on ${day}: ${seconds} seconds.`,
    '',
    ...table('what was broken', broken),
    ...table('what was done', counted),
    ...table('faults', faults),
    ...table('what became of messages', ends),
  ]
    .join('\n')
    .trim();
}
