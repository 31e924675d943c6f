import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../local/assembly/read-assembly.ts';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { makeIds } from '../../local/ids.ts';
import { Meter } from '../../local/meter.ts';
import { Executions } from '../../local/step-functions/executions.ts';
import { readMachine } from '../../local/step-functions/state-language.ts';
import { StateFailure } from '../../local/step-functions/state-steps.ts';
import type { ScanExecution } from '../../shared/app/scans/scan-kind.ts';
import { scanning } from '../../shared/resources.ts';
import { type Properties, synthesize } from './synthesize.ts';

const environment = synthesize();
const machine = environment
  .ofType('AWS::StepFunctions::StateMachine')
  .find(({ properties }) => properties['StateMachineName'] === 'godwit-test-profile-scan')!;

/** Joins what `Fn::Join` will join; references become their names. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref: ref } = value as Properties;
  return join === undefined ? (ref === 'AWS::Partition' ? 'aws' : `<${ref}>`) : join[1].map(text).join(join[0]);
}

const START = Date.parse('2026-01-01T00:00:00Z');
/** The machine as it is deployed, with another function behind it. */
async function run(task: (command: JsonObject, at: number) => Json, more: Partial<ScanExecution> = {}) {
  const clock = new VirtualClock({ startTime: START, frozen: true });
  const calls: JsonObject[] = [];
  const tasks = async (_: string, { Payload }: JsonObject): Promise<Json> => {
    calls.push(Payload as JsonObject);
    return { Payload: task(Payload as JsonObject, clock.now() - START) };
  };
  const definition = readMachine(text(machine.properties['DefinitionString']), 'profile-scan');
  const around = { clock, ids: makeIds(1, ''), meter: new Meter(), log: () => {} };
  const executions = new Executions([{ arn: 'machine', name: 'm', definition, tasks }], around);
  const input: ScanExecution = {
    schema: 1,
    job: 'j',
    run: 4,
    round: 2,
    segments: 3,
    begin: '2026-01-01T00:00:00Z',
    ...more,
  };
  const execution = executions.start('machine', 'e', JSON.stringify(input));
  await clock.advance(86_400_000);
  return { execution, calls, of: (what: string) => calls.filter((one) => one['do'] === what) };
}

describe('profile-scan', () => {
  it('scans each segment until it is done, and finishes', async () => {
    const left = [0, 2, 1];
    const { execution, of } = await run(({ do: what, segment }) =>
      what === 'scan' ? { next: left[Number(segment)]!-- === 0 ? 'done' : 'more' } : null,
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(
      of('scan')
        .map(({ segment }) => segment)
        .sort(),
    ).toEqual([0, 1, 1, 1, 2, 2]);
    expect(of('scan')[0]).toEqual({ do: 'scan', job: 'j', run: 4, segment: 0 });
    expect(of('finish')).toEqual([{ do: 'finish', job: 'j', run: 4, round: 2 }]);
  });

  it('waits where a segment says so, for as long as it says', async () => {
    const at: number[] = [];
    const { execution } = await run(
      (_, now) => {
        at.push(now);
        return at.length < 3 ? { next: 'wait', seconds: 60 } : { next: 'done' };
      },
      { segments: 1 },
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(at.slice(0, 3)).toEqual([0, 60_000, 120_000]);
  });

  it('sleeps until the job begins', async () => {
    let first = Number.NaN;
    await run(
      (_, at) => {
        if (Number.isNaN(first)) first = at;
        return { next: 'done' };
      },
      { begin: '2026-01-01T03:00:00.500Z' },
    );
    expect(first).toBe(3 * 3_600_000);
  });

  it('ends with its history below 25,000 events when there is more, and lets finish go on', async () => {
    const { execution, of } = await run(() => ({ next: 'more' }), { segments: 40 });
    expect(execution.status).toBe('SUCCEEDED');
    expect(of('scan')).toHaveLength(scanning.callsPerExecution);
    // Seven events a call: the task's five (entered, scheduled, started, succeeded, exited), and the choice's two.
    expect(7 * scanning.callsPerExecution + 14 * 3 * 40).toBeLessThan(25_000);
    expect(of('finish')).toHaveLength(1);
  });

  it('tries again, and marks the job as failed when that does not help', async () => {
    const { execution, of } = await run(({ do: what, segment }) => {
      if (what === 'scan' && segment === 1) throw new StateFailure('Lambda.Unknown', 'cause');
      return { next: 'done' };
    });
    expect(of('scan').filter(({ segment }) => segment === 1)).toHaveLength(15);
    expect(of('finish')).toEqual([]);
    expect(of('fail')).toEqual([{ do: 'fail', job: 'j', error: 'Lambda.Unknown' }]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.Unknown' });
  });

  it('may call the function and do nothing else', () => {
    const policy = environment.ofType('AWS::IAM::Policy').find(({ id }) => id.startsWith('ProfileScanRole'))!;
    const allowed = policy.properties['PolicyDocument'].Statement.map((one: Properties) => one['Action']);
    expect(allowed).toEqual(['lambda:InvokeFunction']);
  });
});
