import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import type { Check } from '../iam/statement.ts';
import type { Topics } from './topics.ts';

/** SNS Publish over its query protocol. */
export class SnsService implements AwsService {
  readonly protocol = 'awsQuery';
  readonly throttleCode = 'Throttled';
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  checks({ operation, body }: AwsCall): Check[] {
    return [{ action: `sns:${operation}`, resource: String(body['TopicArn'] ?? body['TargetArn'] ?? '*') }];
  }

  async answer({ operation, body, caller }: AwsCall): Promise<AwsAnswer> {
    if (operation !== 'Publish') throw new AwsError('InvalidAction', `The local cloud does not know SNS ${operation}`);
    const messageId = this.#topics.publish(String(body['TopicArn']), {
      message: String(body['Message']),
      subject: body['Subject'] as string | undefined,
      chain: caller.chain,
    });
    return {
      body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${messageId}</MessageId></PublishResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
    };
  }
}
