import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../local/assembly/read-assembly.ts';
import { VirtualClock } from '../../local/clock/virtual-clock.ts';
import { makeIds } from '../../local/ids.ts';
import { Meter } from '../../local/meter.ts';
import { Executions } from '../../local/step-functions/executions.ts';
import { readMachine } from '../../local/step-functions/state-language.ts';
import { StateFailure } from '../../local/step-functions/state-steps.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const ARN = 'arn:aws:states:us-east-1:1:stateMachine:m';
const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

function machineOf(definition: object, task: (args: JsonObject) => Json = () => ({ Payload: 'done' })) {
  const clock = new VirtualClock({ startTime: START, frozen: true });
  const meter = new Meter();
  const calls: [number, JsonObject][] = [];
  const tasks = async (_: string, args: JsonObject): Promise<Json> => {
    calls.push([clock.now() - START, args]);
    return task(args);
  };
  const machine = { arn: ARN, name: 'm', definition: readMachine(JSON.stringify(definition), 'm'), tasks };
  const executions = new Executions([machine], { clock, ids: makeIds(1, ''), meter, log: () => {} });
  return { clock, meter, calls, executions, machine };
}

const waitFor = (wait: object, language = 'JSONata') => ({
  QueryLanguage: language,
  StartAt: 'Sleep',
  States: { Sleep: { Type: 'Wait', ...wait, Next: 'Done' }, Done: { Type: 'Succeed' } },
});

/** An iteration that sleeps as many seconds as its item says, and then calls. */
const page = (more: object = {}) => ({
  StartAt: 'Sleep',
  States: {
    Sleep: { Type: 'Wait', Seconds: '{% $states.input.seconds %}', Next: 'Call' },
    Call: {
      ...invoke,
      Arguments: { n: '{% $states.input.seconds %}' },
      Output: '{% $states.result.Payload.n ? $states.result.Payload.n : 0 %}',
      End: true,
    },
    ...more,
  },
});
const mapOf = (inside: object = {}, more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemSelector: { seconds: '{% $states.context.Map.Item.Value %}' },
      ItemProcessor: page(inside),
      ...more,
      End: true,
    },
    C: { Type: 'Pass', End: true },
  },
});

describe('Wait', () => {
  it.each([
    ['Seconds', waitFor({ Seconds: 90 }), {}, 90_000],
    ['a JSONata expression in Seconds', waitFor({ Seconds: '{% $states.input.n * 60 %}' }), { n: 2 }, 120_000],
    [
      'Timestamp, with milliseconds cut off',
      waitFor({ Timestamp: '{% $states.input.due %}' }),
      { due: '2026-01-01T00:01:00.999Z' },
      60_000,
    ],
    ['Timestamp in the past', waitFor({ Timestamp: '2025-01-01T00:00:00Z' }), {}, 0],
    ['SecondsPath', waitFor({ SecondsPath: '$.a.n' }, 'JSONPath'), { a: { n: 5 } }, 5000],
    ['TimestampPath', waitFor({ TimestampPath: '$.due' }, 'JSONPath'), { due: '2026-01-01T01:00:00Z' }, 3_600_000],
  ])('%s', async (_, definition, input, ms) => {
    const { executions, clock } = machineOf(definition);
    const execution = executions.start(ARN, 'e', JSON.stringify(input));
    await clock.advance(3_600_000);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', transitions: 2 });
    expect(execution.stoppedAt! - START).toBe(ms);
  });

  it.each([{ due: 'tomorrow' }, { due: 5 }])('fails on the timestamp %j', async (input) => {
    const { executions, clock } = machineOf(waitFor({ Timestamp: '{% $states.input.due %}' }));
    const execution = executions.start(ARN, 'e', JSON.stringify(input));
    await clock.settle();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('ends with States.Timeout after a year', async () => {
    const { executions, clock } = machineOf(waitFor({ Seconds: 400 * 86_400 }));
    const execution = executions.start(ARN, 'e', '{}');
    await clock.advance(401 * 86_400_000);
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(execution.stoppedAt! - START).toBe(365 * 86_400_000);
  });

  it('goes on after a restart', async () => {
    const first = machineOf(waitFor({ Seconds: 90 }));
    first.executions.start(ARN, 'e', '{}');
    await first.clock.advance(30_000);
    const saved = JSON.parse(JSON.stringify(first.executions.list()));
    const second = machineOf(waitFor({ Seconds: 90 }));
    second.executions.restore(saved);
    await second.clock.advance(89_999);
    expect(second.executions.list()[0]!.status).toBe('RUNNING');
    await second.clock.advance(1);
    expect(second.executions.list()[0]!.status).toBe('SUCCEEDED');
  });
});

describe('Task', () => {
  const failing = (times: number, error = 'Lambda.Unknown') => {
    let left = times;
    return (): Json => {
      if (left-- > 0) throw new StateFailure(error, 'cause');
      return { Payload: 'done' };
    };
  };
  const task = (more: object) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'T',
    States: { T: { ...invoke, Arguments: { FunctionName: 'f' }, ...more, End: true }, C: { Type: 'Pass', End: true } },
  });

  it('retries after 1, 2 and 4 seconds by default, each a transition more', async () => {
    const { executions, clock, calls, meter } = machineOf(
      task({ Retry: [{ ErrorEquals: ['States.ALL'] }] }),
      failing(3),
    );
    const execution = executions.start(ARN, 'e', '{}');
    await clock.advance(60_000);
    expect(calls.map(([at]) => at)).toEqual([0, 1000, 3000, 7000]);
    expect(execution.status).toBe('SUCCEEDED');
    expect(meter.read().stateTransitions).toBe(4);
  });

  it('catches what is not retried any more', async () => {
    const { executions, clock } = machineOf(
      task({
        Retry: [{ ErrorEquals: ['Lambda.Unknown'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'C' }],
      }),
      failing(5),
    );
    const execution = executions.start(ARN, 'e', '{}');
    await clock.advance(60_000);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '"Lambda.Unknown"' });
  });

  it('fails when nothing catches', async () => {
    const { executions, clock } = machineOf(task({ Retry: [{ ErrorEquals: ['Other'] }] }), failing(1));
    const execution = executions.start(ARN, 'e', '{}');
    await clock.settle();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.Unknown', cause: 'cause' });
  });

  it('fills JSONata arguments, output and variables', async () => {
    const { executions, clock, calls } = machineOf({
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: {
          ...invoke,
          Arguments: {
            FunctionName: 'f',
            Payload: '{% $merge([$states.input, {"name": $states.context.Execution.Name}]) %}',
          },
          Assign: { was: '{% $states.result.Payload %}' },
          Output: '{% $states.input.a %}',
          Next: 'Which',
        },
        Which: {
          Type: 'Choice',
          Choices: [{ Condition: "{% $was = 'done' and $states.input = 1 %}", Next: 'Yes' }],
          Default: 'No',
        },
        Yes: { Type: 'Pass', Output: { was: '{% $was %}', millis: '{% $millis() %}' }, End: true },
        No: { Type: 'Fail', Error: 'No' },
      },
    });
    const execution = executions.start(ARN, 'e', '{"a":1}');
    await clock.settle();
    expect(calls).toEqual([[0, { FunctionName: 'f', Payload: { a: 1, name: 'e' } }]]);
    expect(JSON.parse(execution.output!)).toEqual({ was: 'done', millis: START });
  });

  it('fills JSONPath parameters and result paths', async () => {
    const { executions, clock, calls } = machineOf({
      StartAt: 'T',
      States: {
        T: {
          ...invoke,
          Parameters: { FunctionName: 'f', 'Payload.$': '$.list[1]' },
          ResultSelector: { 'got.$': '$.Payload' },
          ResultPath: '$.task',
          End: true,
        },
      },
    });
    const execution = executions.start(ARN, 'e', '{"list":["x","y"]}');
    await clock.settle();
    expect(calls[0]![1]).toEqual({ FunctionName: 'f', Payload: 'y' });
    expect(JSON.parse(execution.output!)).toEqual({ list: ['x', 'y'], task: { got: 'done' } });
  });
});

describe('Map', () => {
  it('runs iterations side by side, as many as may be, and gives their outputs in the order of the items', async () => {
    // The first takes longest: each call waits as many seconds as its item says.
    const { executions, clock, calls, meter } = machineOf(
      mapOf({}, { MaxConcurrency: 2, Output: "{% {'got': $states.result} %}" }),
      (args) => ({ Payload: { n: args['n']! } }),
    );
    const execution = executions.start(ARN, 'e', '{"items":[30,10,10]}');
    await clock.advance(60_000);
    expect(calls.map(([at, { n }]) => [at, n])).toEqual([
      [10_000, 10],
      [20_000, 10],
      [30_000, 30],
    ]);
    expect(JSON.parse(execution.output!)).toEqual({ got: [30, 10, 10] });
    expect(meter.read().stateTransitions).toBe(3 * 2 + 1);
  });

  it('keeps what an iteration assigns inside it, and lets it read what was assigned outside', async () => {
    const { executions, clock, machine } = machineOf({
      QueryLanguage: 'JSONata',
      StartAt: 'Before',
      States: {
        Before: { Type: 'Pass', Assign: { sum: 1 }, Next: 'Each' },
        Each: {
          Type: 'Map',
          Items: [5, 6],
          ItemProcessor: {
            StartAt: 'Add',
            States: {
              Add: { Type: 'Pass', Assign: { sum: '{% $sum + $states.input %}' }, Next: 'Tell' },
              Tell: { Type: 'Pass', Output: '{% $sum %}', End: true },
            },
          },
          Output: "{% {'inside': $states.result, 'outside': $sum} %}",
          End: true,
        },
      },
    });
    const execution = executions.start(machine.arn, 'e', '{}');
    await clock.settle();
    expect(JSON.parse(execution.output!)).toEqual({ inside: [6, 7], outside: 1 });
  });

  it('of nothing gives nothing', async () => {
    const { executions, clock } = machineOf(mapOf());
    const execution = executions.start(ARN, 'e', '{"items":[]}');
    await clock.settle();
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '[]' });
  });

  it('ends all iterations when one fails, and can be tried again and caught as a whole', async () => {
    const { executions, clock, calls } = machineOf(
      mapOf(
        {},
        {
          Retry: [{ ErrorEquals: ['Lambda.Unknown'], MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'C' }],
        },
      ),
      () => {
        throw new StateFailure('Lambda.Unknown', 'cause');
      },
    );
    const execution = executions.start(ARN, 'e', '{"items":[60,2]}');
    await clock.advance(3_600_000);
    expect(calls.map(([at, { n }]) => [at, n])).toEqual([
      [2_000, 2],
      [5_000, 2],
    ]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '"Lambda.Unknown"' });
  });

  it('goes on after a restart with what is still to be done', async () => {
    const first = machineOf(mapOf());
    first.executions.start(ARN, 'e', '{"items":[90,10]}');
    await first.clock.advance(30_000);
    const second = machineOf(mapOf(), (args) => ({ Payload: { n: args['n']! } }));
    second.executions.restore(JSON.parse(JSON.stringify(first.executions.list())));
    await second.clock.advance(100_000);
    expect(second.calls.map(([at]) => at)).toEqual([90_000]);
    expect(second.executions.list()[0]!.status).toBe('SUCCEEDED');
  });
});

describe('StartExecution', () => {
  it('answers the same execution for the same name and input while it runs, and refuses it otherwise', async () => {
    const { executions, clock } = machineOf(waitFor({ Seconds: 60 }));
    const first = executions.start(ARN, 'e', '{"a":1}');
    expect(executions.start(ARN, 'e', '{"a":1}')).toBe(first);
    const again = (input: string) => () => executions.start(ARN, 'e', input);
    expect(again('{"a":2}')).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
    await clock.advance(60_000);
    expect(again('{"a":1}')).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
    await clock.advance(90 * 86_400_000);
    expect(again('{"a":1}')()).not.toBe(first);
  });

  it.each(['', 'a b', 'a:b', 'a/b', 'a#b', 'x'.repeat(81)])('refuses the name %j', (name) => {
    expect(() => machineOf(waitFor({ Seconds: 1 })).executions.start(ARN, name, '{}')).toThrow(
      expect.objectContaining({ code: 'InvalidName' }),
    );
  });

  it('refuses an input beyond 256 KiB', () => {
    expect(() =>
      machineOf(waitFor({ Seconds: 1 })).executions.start(ARN, 'e', JSON.stringify('x'.repeat(262_143))),
    ).toThrow('262144');
  });
});

it.each(['aws', 'aws-cn', 'aws-us-gov'])('calls functions in the partition %s', async (partition) => {
  const task = { ...invoke, Resource: `arn:${partition}:states:::lambda:invoke`, End: true };
  const { executions, clock, calls } = machineOf({ StartAt: 'A', States: { A: task } });
  executions.start(ARN, 'e', '{}');
  await clock.settle();
  expect(calls).toHaveLength(1);
});

it('redrives what has failed, with all its retries before it; nothing else, and not after 14 days', async () => {
  let isBroken = true;
  const { clock, executions } = machineOf(
    { StartAt: 'A', States: { A: { ...invoke, Retry: [{ ErrorEquals: ['Later'], MaxAttempts: 1 }], End: true } } },
    () => {
      if (isBroken) throw new StateFailure('Later', 'not yet');
      return { Payload: 'done' };
    },
  );
  const { arn } = executions.start(ARN, 'one', '{}');
  await clock.advance(10_000);
  expect(executions.get(arn)).toMatchObject({ status: 'FAILED', error: 'Later', transitions: 1 });
  executions.redrive(arn);
  await clock.advance(10_000);
  expect(executions.get(arn)).toMatchObject({ status: 'FAILED', transitions: 2 });
  isBroken = false;
  executions.redrive(arn);
  await clock.advance(10_000);
  expect(executions.get(arn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(executions.get(arn).error).toBeUndefined();
  expect(() => executions.redrive(arn)).toThrow(/not redrivable.*SUCCEEDED/);

  isBroken = true;
  const { arn: late } = executions.start(ARN, 'two', '{}');
  await clock.advance(15 * 86_400_000);
  expect(() => executions.redrive(late)).toThrow(/not redrivable/);
});

it.each<[string, object]>([
  ['Parallel', { StartAt: 'A', States: { A: { Type: 'Parallel', Branches: [], End: true } } }],
  ['a Map in JSONPath', { StartAt: 'A', States: { A: { Type: 'Map', End: true } } }],
  ['an ItemProcessor', { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Map', End: true } } }],
  ['a Map in mode DISTRIBUTED', mapOf({}, { ItemProcessor: { ...page(), ProcessorConfig: { Mode: 'DISTRIBUTED' } } })],
  ['ItemReader', mapOf({}, { ItemReader: {} })],
  ['state type Parallel (P)', mapOf({ P: { Type: 'Parallel' } })],
  [
    'dynamodb:putItem',
    { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'arn:aws:states:::dynamodb:putItem', End: true } } },
  ],
  ['HeartbeatSeconds', { StartAt: 'A', States: { A: { ...invoke, HeartbeatSeconds: 5, End: true } } }],
  ['$..book', { StartAt: 'A', States: { A: { ...invoke, Parameters: { 'x.$': '$..book' }, End: true } } }],
  [
    'States.Format',
    { StartAt: 'A', States: { A: { ...invoke, Parameters: { 'x.$': "States.Format('a')" }, End: true } } },
  ],
  ['$eval', waitFor({ Seconds: '{% $eval("1") %}' })],
  ['Expected', waitFor({ Seconds: '{% (1 + %}' })],
  ['exactly one', waitFor({ Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' })],
  ['Nowhere', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Nowhere' } } }],
])('refuses %s when the cloud boots', (name, definition) => {
  expect(() => readMachine(JSON.stringify(definition), 'm')).toThrow(name);
});
