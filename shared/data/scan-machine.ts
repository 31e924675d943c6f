import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ScanMachine } from '../app/scans/scan-kind.ts';
import { awsCall } from './aws-call.ts';

export function scanMachine(client: SFNClient, stateMachineArn: string): ScanMachine {
  return {
    async start(name, execution) {
      const input = JSON.stringify(execution);
      try {
        await awsCall(client.send(new StartExecutionCommand({ stateMachineArn, name, input })));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
  };
}
