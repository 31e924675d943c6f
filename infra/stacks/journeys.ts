import * as cdk from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { timing } from '../../shared/resources.ts';
import { Handler } from '../constructs/handler.ts';
import { JourneyWait } from '../constructs/journey-wait.ts';
import { ProfileScan } from '../constructs/profile-scan.ts';
import { constructId, type EnvironmentContext } from '../context.ts';

/** 200 short waits at a time. */
const WAKE_SOON_CONCURRENCY = 20;

/** What decides and what waits: evaluation of the mailbox, timers, and scans of all profiles. */
export class JourneysStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'journeys', {
      description: `Godwit ${context.environment}: decisions and timers`,
      // Deleting the state machine ends every wait at its next step (Step Functions API, DeleteStateMachine).
      terminationProtection: context.isRetained,
    });
    const evaluate = new Handler(this, 'Evaluate', context, { name: 'evaluate' });
    for (const name of context.mailboxes) {
      evaluate.consumes(constructId(name), context.queue(this, name), {
        batchSize: timing.mailboxBatchSize,
        maxConcurrency: context.config.concurrency.evaluate,
      });
    }

    const armTimers = new Handler(this, 'ArmTimers', context, { name: 'arm-timers' });
    armTimers.consumes('Wakes', context.queue(this, 'wakes'), {
      batchSize: timing.wakesBatchSize,
      windowSeconds: timing.wakesWindowSeconds,
      // Few pollers make big cohorts, and the price of a wait falls with the size of its cohort.
      maxConcurrency: 2,
    });

    const wakeSoon = new Handler(this, 'WakeSoon', context, { name: 'wake-soon' });
    wakeSoon.consumes('Soon', context.queue(this, 'soon'), { batchSize: 10, maxConcurrency: WAKE_SOON_CONCURRENCY });

    const wakeCohort = new Handler(this, 'WakeCohort', context, { name: 'wake-cohort' });
    new JourneyWait(this, 'JourneyWait', context, wakeCohort);

    const scanProfiles = new Handler(this, 'ScanProfiles', context, { name: 'scan-profiles' });
    new ProfileScan(this, 'ProfileScan', context, scanProfiles);
    const daily = (id: string, hour: string, command: { kind: string; afterHours?: number }, description: string) =>
      new events.Rule(this, id, {
        description,
        schedule: events.Schedule.cron({ hour, minute: '17' }),
        targets: [
          new LambdaFunction(scanProfiles.function, {
            event: events.RuleTargetInput.fromObject({ do: 'start', ...command }),
            retryAttempts: 3,
          }),
        ],
      });
    daily('Daily', '3', { kind: 'sweep' }, 'Repairs lost wakes within a day (G6)');
    // An hour before, so that the two do not read the whole table side by side.
    daily('Nightly', '2', { kind: 'statistics' }, 'Counts what the base is like, and the sizes of segments');
    const afterHours = context.config.unknownAfterHours;
    const unknown = 'Settles messages that nobody could tell of, and counts the rest';
    daily('Reconcile', '4', { kind: 'reconcile', afterHours }, unknown);
  }
}
