import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Intake, intake } from '../../shared/app/intake.ts';
import { intakeStore } from '../../shared/data/intake-store.ts';
import { variables } from '../../shared/resources.ts';
import { required } from './environment.ts';
import { logFailure, metrics } from './observe.ts';

export const intakeFrom = (client: DynamoDBClient): Intake =>
  intake({
    store: intakeStore(client, required(variables.intakeTable), () => Date.now()),
    onLost: (error) => {
      metrics.count('IntakeLost');
      logFailure('not kept in the intake table', error);
    },
  });
