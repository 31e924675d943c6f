import type { Verb } from './verb.ts';
import { approve } from './verbs/approve.ts';
import { audit } from './verbs/audit.ts';
import { collection } from './verbs/collection.ts';
import { cost } from './verbs/cost.ts';
import { diff } from './verbs/diff.ts';
import { dlq } from './verbs/dlq.ts';
import { doctor } from './verbs/doctor.ts';
import { enroll } from './verbs/enroll.ts';
import { exportFiles } from './verbs/export.ts';
import { importFile } from './verbs/import.ts';
import { init } from './verbs/init.ts';
import { keys } from './verbs/keys.ts';
import { lint } from './verbs/lint.ts';
import { login } from './verbs/login.ts';
import { logout } from './verbs/logout.ts';
import { plan } from './verbs/plan.ts';
import { preview } from './verbs/preview.ts';
import { profile } from './verbs/profile.ts';
import { promote } from './verbs/promote.ts';
import { proposals } from './verbs/proposals.ts';
import { pull } from './verbs/pull.ts';
import { push } from './verbs/push.ts';
import { segment } from './verbs/segment.ts';
import { sending } from './verbs/sending.ts';
import { sessions } from './verbs/sessions.ts';
import { simulate } from './verbs/simulate.ts';
import { kill, pause, resume, stop } from './verbs/switches.ts';
import { tail } from './verbs/tail.ts';
import { teardown } from './verbs/teardown.ts';
import { testRun } from './verbs/test-run.ts';
import { testSend } from './verbs/test-send.ts';
import { unknown } from './verbs/unknown.ts';
import { verify } from './verbs/verify.ts';
import { why } from './verbs/why.ts';

/** In the order in which somebody meets them. */
export const verbs: readonly Verb[] = [
  init,
  login,
  lint,
  simulate,
  cost,
  verify,
  plan,
  push,
  approve,
  proposals,
  pull,
  diff,
  promote,
  preview,
  testRun,
  testSend,
  pause,
  resume,
  stop,
  kill,
  sending,
  enroll,
  importFile,
  exportFiles,
  collection,
  why,
  unknown,
  dlq,
  tail,
  audit,
  keys,
  sessions,
  logout,
  profile,
  segment,
  doctor,
  teardown,
];
