import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ConsentStore } from '../app/ports.ts';
import type { ConsentReader, KeptStatement } from '../app/profiles/ports.ts';
import { type ConsentStatement, statementId } from '../domain/messaging/consent-statement.ts';
import { consentItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { heldIn } from './profile-history.ts';
import { PROFILE_KEY, type StoredKind } from './stored-kind.ts';

/** Append-only: a statement that is there stays as it was recorded first. One write unit for each, and nothing else pays. */
export function consentStore(client: DynamoDBClient, table: string): ConsentStore & ConsentReader {
  return {
    async put(key, statement) {
      const Item = { ...marshall(statement), ...consentItem(key, statementId(statement)) };
      const command = { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' };
      try {
        await awsCall(client.send(new PutItemCommand(command)));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    // None of them expires.
    statementsOf: (key) => heldIn(client, table, key, toStatement, 0),
  };
}

function toStatement(item: Record<string, AttributeValue>): KeptStatement {
  const { pk, sk, ...statement } = unmarshall(item);
  return { key: pk as string, id: sk as string, statement: statement as ConsentStatement };
}

export const consentKinds: readonly StoredKind[] = [
  {
    kind: 'consent-statement',
    table: 'consents',
    key: { partition: PROFILE_KEY, sort: /^\d{4}-[^|]+Z\|[\w-]+$/ },
    what: 'What a customer said once of a consent: to what, when, where, and to which words',
    personalData: 'erase',
    found: { by: 'profile' },
    kept: 'until deleted',
  },
];
