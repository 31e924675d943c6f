import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import type { Cohort } from '../../shared/app/ports.ts';
import { type Properties, synthesize } from './synthesize.ts';

const frozen = JSON.parse(readFileSync(new URL('./frozen-ids.json', import.meta.url), 'utf8'));
const environment = synthesize();
const [machine] = environment.ofType('AWS::StepFunctions::StateMachine');
const definition = JSON.parse(text(machine!.properties['DefinitionString']));

/** Joins what `Fn::Join` will join; references become their names. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, Ref: ref } = value as Properties;
  return join === undefined ? `<${ref}>` : join[1].map(text).join(join[0]);
}

describe('journey-wait', () => {
  it('keeps machine, role and function: executions sleep on them for up to a year (G6)', () => {
    const role = environment.ofType('AWS::IAM::Role').find(({ properties }) => 'RoleName' in properties)!;
    const wakeCohort = environment
      .ofType('AWS::Lambda::Function')
      .find(({ properties }) => properties['FunctionName'] === 'godwit-test-wake-cohort')!;
    expect({
      machine: [machine!.id, machine!.properties['StateMachineName']],
      role: [role.id, role.properties['RoleName']],
      wakeCohort: [wakeCohort.id, wakeCohort.properties['FunctionName']],
    }).toEqual(frozen.journeyWait);
    expect(definition.States.WakeCohort.Arguments.FunctionName).toMatch(/:function:godwit-test-wake-cohort$/);
  });

  it('is a Standard machine that writes no log of customers and no trace', () => {
    expect(machine!.properties).toMatchObject({ StateMachineType: 'STANDARD' });
    expect(machine!.properties).not.toHaveProperty('LoggingConfiguration');
    expect(machine!.properties).not.toHaveProperty('TracingConfiguration');
  });

  it('calls services in whatever partition it lies', () => {
    const { WakeCohort, KeepLostCohort } = definition.States;
    expect([WakeCohort.Resource, KeepLostCohort.Resource]).toEqual([
      'arn:<AWS::Partition>:states:::lambda:invoke',
      'arn:<AWS::Partition>:states:::sqs:sendMessage',
    ]);
  });

  it('takes two transitions to sleep and wake a cohort', () => {
    const { Sleep, WakeCohort } = definition.States;
    expect([definition.StartAt, Sleep.Next, WakeCohort.End]).toEqual(['Sleep', 'WakeCohort', true]);
  });

  it('hands the whole cohort to the function, with the name that makes its wakes unique', async () => {
    const cohort: Cohort = { schema: 1, due: '2027-01-01T00:00:00Z', keys: ['uA', 'uB'] };
    const states = { input: cohort, context: { Execution: { Name: 'minute-request-0' } } };
    const evaluate = (field: string) => jsonata(field.replace(/^\{%|%\}$/g, '').trim()).evaluate({}, { states });
    expect(await evaluate(definition.States.Sleep.Timestamp)).toBe(cohort.due);
    expect(await evaluate(definition.States.WakeCohort.Arguments.Payload)).toEqual({
      ...cohort,
      execution: 'minute-request-0',
    });
    expect(JSON.parse(await evaluate(definition.States.KeepLostCohort.Arguments.MessageBody))).toEqual(cohort);
  });

  it('keeps a cohort that it cannot wake, after tries for half an hour (G6)', () => {
    const [retry] = definition.States.WakeCohort.Retry;
    let seconds = 0;
    for (let attempt = 0; attempt < retry.MaxAttempts; attempt++) {
      seconds += Math.min(retry.IntervalSeconds * retry.BackoffRate ** attempt, retry.MaxDelaySeconds);
    }
    // With full jitter a delay is half as long on average.
    expect(seconds / 2).toBeGreaterThan(30 * 60);
    const [caught] = definition.States.WakeCohort.Catch;
    expect([caught.ErrorEquals, caught.Next]).toEqual([['States.ALL'], 'KeepLostCohort']);
    expect(text(definition.States.KeepLostCohort.Arguments.QueueUrl)).toContain('cohortsdead');
  });

  it('may do these two things and no third', () => {
    const policy = environment.ofType('AWS::IAM::Policy').find(({ id }) => id.startsWith('JourneyWaitRole'))!;
    const allowed = policy.properties['PolicyDocument'].Statement.map((statement: Properties) => statement['Action']);
    expect(allowed).toEqual(['lambda:InvokeFunction', 'sqs:SendMessage']);
  });
});
