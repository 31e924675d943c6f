import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { quickly } from '../../shared/aws/quick-calls.ts';

export const dynamoClient = (): DynamoDBClient => quickly(new DynamoDBClient({}));

export const sqsClient = (config: SQSClientConfig = {}): SQSClient => quickly(new SQSClient(config));
