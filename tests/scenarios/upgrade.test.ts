import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { bootCloud } from '../../local/cloud.ts';
import { differences, type SentMessage } from '../upgrade/sent.ts';
import { expectedOf, restoreCloud, restoreItems } from '../upgrade/state.ts';
import { DAY } from './environment.ts';

const states = join(import.meta.dirname, '../upgrade/states');

describe('G8, upgrade: what earlier code left behind goes on as if nothing had happened', () => {
  it.each(readdirSync(states))('the environment of %s', async (name) => {
    const folder = join(states, name);
    const dataDir = mkdtempSync(join(tmpdir(), 'godwit-upgrade-'));
    restoreCloud(folder, dataDir);
    const cloud = await bootCloud({
      assembly: inject('assembly'),
      dataDir,
      frozen: true,
      overrides: { schedules: 'off' },
    });
    try {
      await restoreItems(folder, cloud);
      const { secret } = (await cloud.invoke('issue-key', { name: 'tests', kind: 'api', scopes: ['*'] })) as {
        secret: string;
      };
      const read = async (path: string) => {
        const answer = await fetch(cloud.api + path, { headers: { authorization: `Bearer ${secret}` } });
        expect(`${answer.status} ${path}`).toBe(`200 ${path}`);
        return (await answer.json()) as Record<string, unknown> & { data: { id: string; messageId?: string }[] };
      };
      for (const list of ['journeys', 'templates', 'segments', 'topics', 'keys']) {
        for (const { id } of (await read(`/v1/${list}`)).data) {
          if (list !== 'keys') await read(`/v1/${list}/${id}`);
        }
      }
      await cloud.settle();
      for (let day = 0; day < 14; day++) await cloud.advance(DAY);
      const sent = cloud.messages().map(({ to, subject, at }): SentMessage => ({ to, subject, at }));
      expect(sent.length).toBeGreaterThan(5);
      expect(differences(expectedOf(folder) as SentMessage[], sent)).toEqual([]);
      expect(cloud.denied).toEqual([]);
      for (const customer of new Set(sent.map(({ to }) => to.replace(/@.*/, '')))) {
        const { traits } = (await read(`/v1/profiles/${customer}`)) as { traits?: { email?: { value: string } } };
        expect(traits?.email?.value).toBe(`${customer}@mail.example`);
        expect((await read(`/v1/profiles/${customer}/timeline`)).data.length).toBeGreaterThan(0);
        expect((await read(`/v1/profiles/${customer}/messages`)).data.length).toBeGreaterThan(0);
      }
    } finally {
      await cloud.stop();
    }
  });

  it('sees a message that is missing, one too many and one that comes twice', () => {
    const a = { to: 'a@mail.example', subject: 'A', at: '2026-11-30T08:00:03.000Z' };
    const b = { ...a, at: '2026-11-30T08:01:03.000Z' };
    expect(differences([a], [{ ...a, at: '2026-11-30T08:00:59.999Z' }])).toEqual([]);
    expect(differences([a], [])).toEqual(['missing: 2026-11-30T08:00 a@mail.example A']);
    expect(differences([a], [a, a])).toEqual(['more: 2026-11-30T08:00 a@mail.example A']);
    expect(differences([a], [b])).toHaveLength(2);
  });
});
