import { expect, it } from 'vitest';
import { nextOf } from '../../../../shared/domain/journeys/ports.ts';
import { journeyWith } from '../a-journey.ts';

const at = (step: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce((node, key) => (node as Record<string, unknown>)[key], step);

it.each<[step: { type: string } & Record<string, unknown>, ports: Record<string, string>]>([
  [
    { type: 'message', template: 't', channels: ['email'], next: 'a' },
    { next: 'a', skipped: 'a', failed: 'a' },
  ],
  [
    { type: 'message', template: 't', channels: ['email'], next: 'a', skipped: 'b', failed: 'c' },
    { next: 'a', skipped: 'b', failed: 'c' },
  ],
  [{ type: 'wait', for: 'P1D', next: 'a' }, { next: 'a' }],
  [
    {
      type: 'wait-for',
      any: [
        { on: 'event', event: 'X', next: 'a' },
        { on: 'event', event: 'Y', next: 'b' },
      ],
      within: 'P1D',
      timeout: 'c',
    },
    { 'any-0': 'a', 'any-1': 'b', timeout: 'c' },
  ],
  [
    { type: 'branch', cases: [{ if: 'profile.a = 1', next: 'a' }], else: 'b' },
    { 'case-0': 'a', else: 'b' },
  ],
  [
    {
      type: 'split',
      arms: [
        { id: 'x', weight: 50, next: 'a' },
        { id: 'y', weight: 50, next: 'b' },
      ],
    },
    { 'arm-x': 'a', 'arm-y': 'b' },
  ],
  [{ type: 'update', next: 'a' }, { next: 'a' }],
  [{ type: 'emit', event: 'X', next: 'a' }, { next: 'a' }],
  [{ type: 'enroll', journey: 'j', next: 'a' }, { next: 'a' }],
  [
    { type: 'webhook', endpoint: 'e', next: 'a', failed: 'b' },
    { next: 'a', failed: 'b' },
  ],
  [
    { type: 'task', queue: 'q', title: 'T', due: 'P1D', outcomes: { yes: 'a', timeout: 'b' }, timeout: 'c' },
    { 'outcome-yes': 'a', 'outcome-timeout': 'b', timeout: 'c' },
  ],
  [{ type: 'exit', reason: 'x' }, {}],
])('$type leads to %o', (written, expected) => {
  const step = journeyWith({ steps: { it: written } }).steps['it']!;
  const ports = nextOf(step);
  expect(Object.fromEntries(ports.map(({ port, next }) => [port, next]))).toEqual(expected);
  expect(new Set(ports.map(({ port }) => port)).size).toBe(ports.length);
  for (const { pointer, next } of ports) expect(at(step, pointer)).toBe(next);
});
