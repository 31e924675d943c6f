import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { scanning } from '../../shared/resources.ts';
import type { EnvironmentContext } from '../context.ts';
import { duties } from '../functions.ts';
import type { Handler } from './handler.ts';
import { patientRetry } from './patient-retry.ts';

/**
 * A job that looks at every profile: sleeps until it begins, then scans the segments of the table side by side.
 *
 * Input: a ScanExecution (shared/app/scans/scan-kind.ts). What was done is written down by the function, page by page:
 * here is only who calls it again. A call works for 14 minutes (at 5 MB a second, 4 GB of its segment), and an execution
 * has room for `scanning.callsPerExecution` of them, because its history ends at 25,000 events (Step Functions,
 * "Service quotas") and a call is at most nine; the next execution goes on.
 */
export class ProfileScan extends Construct {
  constructor(scope: Construct, id: string, context: EnvironmentContext, scanProfiles: Handler) {
    super(scope, id);
    const functionArn = context.functionArn(this, 'scan-profiles');
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': cdk.Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new iam.PolicyStatement({ sid: 'ScanProfiles', actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    );
    const machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName: context.physicalName('profile-scan'),
      stateMachineType: sfn.StateMachineType.STANDARD,
      role,
      definitionBody: sfn.DefinitionBody.fromString(
        cdk.Stack.of(this).toJsonString(definition(cdk.Stack.of(this).partition, functionArn)),
      ),
    });
    machine.node.addDependency(scanProfiles);
  }
}

function definition(partition: string, functionArn: string) {
  const task = (Payload: object) => ({
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: functionArn, Payload },
    // Tasks have no time-out of their own (Step Functions, "Best practices").
    TimeoutSeconds: duties['scan-profiles'].timeoutSeconds + 10,
    // Every part may be done again.
    Retry: patientRetry,
  });
  const caught = [
    {
      ErrorEquals: ['States.ALL'],
      Assign: { error: '{% $states.errorOutput.Error %}' },
      Output: '{% $states.input %}',
      Next: 'MarkFailed',
    },
  ];
  const hasRoom = `$states.input.calls < $floor(${scanning.callsPerExecution} / $states.input.segments)`;
  return {
    Comment: 'Scans all profiles, segment by segment',
    QueryLanguage: 'JSONata',
    StartAt: 'Sleep',
    States: {
      Sleep: { Type: 'Wait', Timestamp: '{% $states.input.begin %}', Next: 'Segments' },
      Segments: {
        Type: 'Map',
        Items: '{% [0..$states.input.segments - 1] %}',
        ItemSelector: {
          job: '{% $states.input.job %}',
          run: '{% $states.input.run %}',
          segments: '{% $states.input.segments %}',
          segment: '{% $states.context.Map.Item.Value %}',
          calls: 0,
        },
        MaxConcurrency: 40,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Scan',
          States: {
            Scan: {
              ...task({
                do: 'scan',
                job: '{% $states.input.job %}',
                run: '{% $states.input.run %}',
                segment: '{% $states.input.segment %}',
              }),
              Output: "{% $merge([$states.input, $states.result.Payload, { 'calls': $states.input.calls + 1 }]) %}",
              Next: 'More',
            },
            More: {
              Type: 'Choice',
              Choices: [
                { Condition: `{% $states.input.next = 'more' and ${hasRoom} %}`, Next: 'Scan' },
                { Condition: `{% $states.input.next = 'wait' and ${hasRoom} %}`, Next: 'Pace' },
              ],
              Default: 'Through',
            },
            Pace: { Type: 'Wait', Seconds: '{% $states.input.seconds %}', Next: 'Scan' },
            Through: { Type: 'Succeed', Output: {} },
          },
        },
        Output: '{% $states.input %}',
        Catch: caught,
        Next: 'Finish',
      },
      Finish: {
        ...task({
          do: 'finish',
          job: '{% $states.input.job %}',
          run: '{% $states.input.run %}',
          round: '{% $states.input.round %}',
        }),
        Output: {},
        Catch: caught,
        End: true,
      },
      MarkFailed: {
        ...task({ do: 'fail', job: '{% $states.input.job %}', error: '{% $error %}' }),
        Output: {},
        Next: 'Failed',
      },
      // So that the alarm on failed executions sees it.
      Failed: { Type: 'Fail', Error: '{% $error %}' },
    },
  };
}
