import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type CanaryFlight, type CanaryPorts, flyCanary } from '../../shared/app/canary.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { secretStore } from '../../shared/data/secret-store.ts';
import { variables } from '../../shared/resources.ts';
import { required } from '../edge/environment.ts';
import { logWarning, metrics, publishMetrics } from '../edge/observe.ts';

const tables = new DynamoDBClient({});
const door = required(variables.ingestUrl);

const ports: CanaryPorts = {
  clock: () => Date.now(),
  secrets: secretStore(tables, required(variables.accessTable)),
  access: accessStore(tables, required(variables.accessTable)),
  // It only reads.
  journal: journal(tables, required(variables.journalTable), 1),
  metrics,
  async post(event, writeKey) {
    const headers = { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(10_000);
    return (await fetch(`${door}/v1/track`, { method: 'POST', headers, body: JSON.stringify(event), signal })).status;
  },
};

/** Every five minutes, by a schedule. A door that does not answer is an error of this function, and raises its alarm. */
export async function handler(): Promise<CanaryFlight> {
  try {
    const flight = await flyCanary(ports);
    if (flight.seen === false) logWarning('canary not seen', { stuck: flight.stuck, status: flight.status });
    if (flight.status !== 200) throw new Error(`the door answered ${flight.status}`);
    return flight;
  } finally {
    publishMetrics();
  }
}
