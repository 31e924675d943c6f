import { describe, expect, it } from 'vitest';
import { besides, isRetained, whatStays } from '../../cli/deployment/what-stays.ts';
import { run } from '../../cli/run.ts';
import { tables } from '../../shared/resources.ts';
import { fullConfig, synthesize } from '../stacks/synthesize.ts';
import { answering } from './answering.ts';

const templatesOf = (config: Parameters<typeof synthesize>[0]) =>
  synthesize(config).templates as Parameters<typeof whatStays>[0];
const counted = (found: ReturnType<typeof whatStays>) =>
  Object.fromEntries(found.map(({ what, count }) => [what, count]));

describe('what stays', () => {
  const kept = templatesOf(fullConfig);
  const short = templatesOf({ ...fullConfig, removalPolicy: 'destroy' });

  it('of an environment that keeps its data: all of the data stack, by its template', () => {
    const stays = counted(whatStays(kept, false));
    expect(stays).toMatchObject({
      'tables, with point-in-time recovery': Object.keys(tables).length,
      key: 1,
      bucket: 1,
    });
    expect(isRetained(kept)).toBe(true);
  });

  it('has a price for every kind', () => {
    for (const templates of [kept, short]) {
      expect(whatStays(templates, false).filter(({ monthly }) => monthly === '?')).toEqual([]);
    }
  });

  it('of one that is deleted with its data: no table, no key, no bucket', () => {
    expect(isRetained(short)).toBe(false);
    const stays = counted(whatStays(short, true));
    expect(Object.keys(stays).filter((what) => /table|key|bucket|queue/.test(what))).toEqual([]);
    expect(besides(short, true).join('\n')).toMatch(/35 days/);
  });

  it('and where only the other stacks go, the data stack stays there too', () => {
    expect(counted(whatStays(kept, false))).toMatchObject(counted(whatStays(short, false)));
    expect(besides(short, false).join('\n')).not.toMatch(/35 days/);
  });
});

describe('godwit teardown', () => {
  const world = { cwd: '/', env: {}, terminal: { canAsk: false, note: () => {} } as never };

  it('says what stays, by the templates of the configuration', async () => {
    const dry = await run(['teardown', '--env', 'dev', '--dry-run', '--json'], world);
    const { stacks, stays, done } = JSON.parse(dry.stdout);
    expect([dry.exit, done, stacks.includes('godwit-dev-data'), stays.length > 3]).toEqual([0, false, false, true]);
  });

  it('needs an environment', async () => {
    expect((await answering().run('teardown')).exit).toBe(2);
  });
});
