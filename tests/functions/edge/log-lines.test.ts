import { afterEach, describe, expect, it, vi } from 'vitest';
import { logFailure, logWarning } from '../../../functions/edge/observe.ts';
import { Permanent } from '../../../shared/kernel/errors.ts';

// The logger writes to the global console, where a test can listen, only in this mode.
vi.hoisted(() => {
  process.env['POWERTOOLS_DEV'] = 'true';
});

/** What would begin a line of its own, colour a terminal, or end the JSON. */
const hostile = 'a\nb\r\nc\u2028d \u001b[31mred\u001b[0m \u0000 "}\n{"level":"INFO","message":"all is well"}';
const written: string[] = [];

describe('a log line', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    written.length = 0;
  });

  it.each([
    ['an error of ours', () => logFailure('failed', new Permanent('a.b', hostile), { id: hostile })],
    ['a bug', () => logFailure('failed', Object.assign(new Error(hostile), { stack: hostile }), { id: hostile })],
    ['a warning', () => logWarning('scan failed', { job: hostile, error: hostile })],
  ])('of %s is one JSON document, without characters that a terminal obeys', (_, log) => {
    for (const to of ['warn', 'error'] as const)
      vi.spyOn(console, to).mockImplementation((...line: unknown[]) => void written.push(line.join(' ')));
    log();
    expect(written).toHaveLength(1);
    // In this mode the logger indents; on Lambda it does not.
    const bare = written[0]!.replace(/\n\s*/g, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(bare).not.toMatch(/[\u0000-\u001f]/);
    expect(JSON.parse(written[0]!)).toMatchObject({ service: expect.any(String) });
    const texts = Object.values(JSON.parse(written[0]!) as object);
    expect(texts).not.toContain('all is well');
  });
});
