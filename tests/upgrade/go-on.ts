// `node go-on.ts ROOT DATA DAYS OUT APP`: lets the code in ROOT go on with the state in DATA, as ROOT's APP synthesises it, and
// writes what it sent to OUT.
// A process of its own, because ROOT may be an older commit, with the packages of that commit.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as cloudModule from '../../local/cloud.ts';
import type * as synthesizeModule from '../../local/synthesize.ts';
import type { SentMessage } from './sent.ts';

const [root = '', dataDir = '', days = '', out = '', app = ''] = process.argv.slice(2);
const DAY_MS = 86_400_000;
const { bootCloud } = (await import(join(root, 'local/cloud.ts'))) as typeof cloudModule;
const { synthesize } = (await import(join(root, 'local/synthesize.ts'))) as typeof synthesizeModule;

const assembly = await synthesize(join(root, '.godwit/cdk.out.upgrade'), app);
const cloud = await bootCloud({ assembly, dataDir, frozen: true });
const before = new Set(cloud.messages().map(({ id }) => id));
await cloud.settle();
for (let day = 0; day < Number(days); day++) await cloud.advance(DAY_MS);
await cloud.settle();
const sent: SentMessage[] = cloud
  .messages()
  .filter(({ id }) => !before.has(id))
  .map(({ to, subject, at }) => ({ to, subject, at }));
const denied = cloud.denied.map(({ principal, action }) => `${principal} may not ${action}`);
await cloud.stop();
writeFileSync(out, JSON.stringify({ sent, denied }));
process.exit(0);
