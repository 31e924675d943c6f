const DAY_SECONDS = 86_400;
const input = '{% $states.input %}';

const invoke = (functionArn: string, payload: object, rest: object) => ({
  ...{ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' },
  Arguments: { FunctionName: functionArn, Payload: payload },
  ...rest,
});

/** One state per step of the journey: what a person draws in Workflow Studio. */
export function stepsMachine(sendArn: string, readArn: string) {
  const message = (Next: string) => invoke(sendArn, { to: '{% $states.input.email %}' }, { Output: input, Next });
  const wait = (days: number, Next: string) => ({ Type: 'Wait', Seconds: days * DAY_SECONDS, Next });
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'One',
    States: {
      One: message('ADay'),
      ADay: wait(1, 'Two'),
      Two: message('ThreeDays'),
      ThreeDays: wait(3, 'Three'),
      Three: message('AWeek'),
      AWeek: wait(7, 'ReadPlan'),
      ReadPlan: invoke(
        readArn,
        { userId: '{% $states.input.userId %}' },
        { Output: '{% $states.result.Payload %}', Next: 'Check' },
      ),
      Check: {
        Type: 'Choice',
        Choices: [{ Condition: "{% $states.input.plan = 'gold' %}", Next: 'Gold' }],
        Default: 'Ended',
      },
      Gold: { Type: 'Succeed' },
      Ended: { Type: 'Succeed' },
    },
  };
}

/** One machine for all journeys: a task does what comes next and says how long to wait, until there is nothing left. */
export function interpreterMachine(interpretArn: string) {
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'Interpret',
    States: {
      Interpret: invoke(interpretArn, { state: input } as object, {
        Output: '{% $states.result.Payload %}',
        Next: 'IsOver',
      }),
      IsOver: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input.isOver %}', Next: 'Ended' }],
        Default: 'Sleep',
      },
      Sleep: { Type: 'Wait', Seconds: '{% $states.input.seconds %}', Next: 'Interpret' },
      Ended: { Type: 'Succeed' },
    },
  };
}
