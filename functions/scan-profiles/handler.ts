import type { Context } from 'aws-lambda';
import { failScan, finishScan } from '../../shared/app/scans/finish-scan.ts';
import { type SegmentAnswer, scanSegment } from '../../shared/app/scans/scan-segment.ts';
import { type NightlyCommand, startNightly } from '../../shared/app/scans/start-nightly.ts';
import { scanPorts } from '../edge/actor-ports.ts';
import { filesFrom } from '../edge/files.ts';
import { logWarning, publishMetrics } from '../edge/observe.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';

/** Executions live on with the definition they began with: what was understood once is understood for a year. */
export type ScanCommand =
  /** The schedules, and an operator. */
  | ({ readonly do: 'start' } & NightlyCommand)
  | { readonly do: 'scan'; readonly job: string; readonly run: number; readonly segment: number }
  | { readonly do: 'finish'; readonly job: string; readonly run: number; readonly round: number }
  | { readonly do: 'fail'; readonly job: string; readonly error: string };

const ports = scanPorts(filesFrom());
/** What a page and its mail may take at the end. */
const RESERVE_MS = 60_000;

/** Task of the state machine profile-scan, and of the daily schedules. */
export const handler = withPrivateErrors(
  async (command: ScanCommand, context: Context): Promise<SegmentAnswer | undefined> => {
    try {
      if (command.do === 'scan') {
        return await scanSegment(command, () => context.getRemainingTimeInMillis() < RESERVE_MS, ports);
      }
      if (command.do === 'start') await startNightly(ports, command);
      else if (command.do === 'finish') await finishScan(command, ports);
      else {
        logWarning('scan failed', { job: command.job, error: command.error });
        await failScan(command.job, command.error, ports);
      }
      return undefined;
    } finally {
      publishMetrics();
    }
  },
);
