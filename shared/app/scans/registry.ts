import { backfillKind } from './kinds/backfill.ts';
import { broadcastKind } from './kinds/broadcast.ts';
import { clearKind } from './kinds/clear.ts';
import { eraseKind } from './kinds/erase.ts';
import { exportKind } from './kinds/export.ts';
import { exportProfileKind } from './kinds/export-profile.ts';
import { importKind } from './kinds/import.ts';
import { lookKind } from './kinds/look.ts';
import { membersKind } from './kinds/members.ts';
import { reconcileKind } from './kinds/reconcile.ts';
import { simulateKind } from './kinds/simulate.ts';
import { statisticsKind } from './kinds/statistics.ts';
import { sweepKind } from './kinds/sweep.ts';
import { wakeKind } from './kinds/wake.ts';
import { whoKind } from './kinds/who.ts';
import type { ScanKind } from './scan-kind.ts';

/** Every kind of scan: one file in kinds/ and one line here. */
const kinds: readonly ScanKind[] = [
  sweepKind,
  wakeKind,
  whoKind,
  broadcastKind,
  simulateKind,
  statisticsKind,
  backfillKind,
  importKind,
  exportKind,
  exportProfileKind,
  lookKind,
  membersKind,
  reconcileKind,
  clearKind,
  eraseKind,
];

export const scanKinds: ReadonlyMap<string, ScanKind> = new Map(kinds.map((one) => [one.kind, one]));
