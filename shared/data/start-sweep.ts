import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { StartSweep } from '../app/sweep.ts';
import { awsCall } from './aws-call.ts';

/** Asynchronous: Lambda keeps the event and tries again by itself (Lambda, "Invoking a function asynchronously"). */
export const startSweep =
  (client: LambdaClient, functionName: string): StartSweep =>
  async (epoch, journey) => {
    const Payload = JSON.stringify({ epoch, journey });
    await awsCall(client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload })));
  };
