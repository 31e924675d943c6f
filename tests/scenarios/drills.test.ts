import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { metrics } from '../../shared/resources.ts';
import { readDocument, root } from '../docs/documents.ts';
import { actorDrills } from './drills/actor-drills.ts';
import { doorDrills, movingDrills } from './drills/door-drills.ts';
import { Station } from './drills/drill.ts';
import { messageDrills } from './drills/message-drills.ts';
import { commandsIn, ON_AWS, Runbook } from './drills/runbook.ts';
import { uncounted, undrilled } from './drills/undrilled.ts';

/**
 * Runbooks, drilled: a page's situation is brought about, its alarm calls, its commands are typed into a shell as they
 * stand on the page, they show what the page says, and after its remedy the alarm calls no more. One environment for
 * all pages, as on a bad day.
 */
let station: Station;
beforeAll(async () => {
  station = await Station.open();
});
afterAll(() => station?.close());
afterEach(() => {
  const { cloud } = station.env;
  cloud.onCall(undefined);
  for (const channel of ['email', 'sms', 'push']) cloud.provider(channel).behave('accept');
});

const drills = { ...actorDrills, ...messageDrills, ...doorDrills, ...movingDrills };

it.each(Object.entries(drills))('%s', async (name, drilling) => {
  const drill = await station.begin(name);
  await drilling(drill, station);
  expect(drill.page.left(), 'commands of the page that nobody has typed').toEqual([]);
});

describe('what is not drilled', () => {
  const pages = readdirSync(join(root, 'docs/runbooks'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => file.slice(0, -'.md'.length));

  it('of the pages has a reason', () => {
    expect([...Object.keys(drills), ...Object.keys(undrilled)].sort()).toEqual(pages.sort());
    for (const page of Object.keys(undrilled)) {
      expect(readDocument('docs/runbooks/README.md'), page).toMatch(new RegExp(`Not drilled: .*\\[${page}\\]`));
    }
  });

  it('of the lines needs AWS, and stands behind a mark: a quarter of them', () => {
    const blocks = Object.keys(drills).flatMap((page) => new Runbook(page).blocks);
    const onAws = blocks.flatMap((block) => commandsIn(block.onAws)).length;
    const all = onAws + blocks.flatMap(({ here }) => commandsIn(here)).length;
    expect(readDocument('docs/runbooks/README.md')).toContain(`\`${ON_AWS}\`, a quarter of all`);
    expect(onAws / all).toBeGreaterThan(0.2);
    expect(onAws / all).toBeLessThan(0.3);
  });

  it('of the metrics that alarms watch: each was counted under the very name and dimensions, or says why not', () => {
    const counted = station.figures
      .list()
      .map(({ namespace, name, dimensions }) => `${namespace} ${name} ${dimensions}`);
    const seen = new Set(counted);
    const watched = station.alarms.all.flatMap((alarm) => alarm.watched);
    const own = watched.filter(({ namespace }) => namespace === metrics.namespace);
    const unseen = own.filter(({ namespace, name, dimensions }) => !seen.has(`${namespace} ${name} ${dimensions}`));
    expect(new Set(own.map(({ name }) => name)).size).toBeGreaterThanOrEqual(17);
    expect([...new Set(unseen.map(({ name }) => name))].sort()).toEqual(Object.keys(uncounted).sort());
  });
});
