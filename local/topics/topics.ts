import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { FunctionPool } from '../functions/function-pool.ts';
import { invokeLater } from '../functions/invoke-later.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { functionNameOf, type ResourcePolicies } from '../iam/resource-policies.ts';
import type { Ids } from '../ids.ts';
import type { Meter } from '../meter.ts';
import type { Chain, MessageAttribute } from '../queues/message.ts';
import type { QueueStore } from '../queues/queue-store.ts';

interface Subscription {
  topicArn: string;
  arn: string;
  protocol: 'sqs' | 'lambda';
  endpoint: string;
  raw: boolean;
}

export interface TopicSurroundings {
  clock: VirtualClock;
  ids: Ids;
  meter: Meter;
  queues: QueueStore;
  pools: Map<string, FunctionPool>;
  policies: ResourcePolicies;
  log: (line: string) => void;
}

export interface Publication {
  message: string;
  subject?: string | undefined;
  attributes?: Record<string, MessageAttribute>;
  chain?: Chain;
}

/** SNS topics and their subscriptions to queues and functions. */
export class Topics {
  readonly #topics: Set<string>;
  readonly #subscriptions: Subscription[];
  readonly #around: TopicSurroundings;

  constructor(assembly: ResolvedAssembly, around: TopicSurroundings) {
    this.#around = around;
    this.#topics = new Set(assembly.ofType('AWS::SNS::Topic').map((topic) => topic.arn));
    this.#subscriptions = assembly.ofType('AWS::SNS::Subscription').flatMap((resource) => {
      const { Protocol, TopicArn, Endpoint, RawMessageDelivery, FilterPolicy } = resource.properties;
      if (FilterPolicy !== undefined)
        throw new Error(`${resource.logicalId}: filter policies are not known to the local cloud`);
      // People who are told about alarms; nothing here raises one.
      if (Protocol === 'email' || Protocol === 'email-json' || Protocol === 'sms') return [];
      if (Protocol !== 'sqs' && Protocol !== 'lambda')
        throw new Error(`${resource.logicalId}: the protocol ${String(Protocol)} is not known to the local cloud`);
      const endpoint = String(Endpoint);
      if (Protocol === 'sqs' && !around.queues.byArn(endpoint))
        throw new Error(`${resource.logicalId}: the queue ${endpoint} is not in the assembly`);
      if (endpoint.endsWith('.fifo'))
        throw new Error(`${resource.logicalId}: a standard topic cannot feed a FIFO queue (SNS developer guide)`);
      return [
        {
          topicArn: String(TopicArn),
          arn: `${String(TopicArn)}:${resource.name}`,
          protocol: Protocol,
          endpoint,
          raw: RawMessageDelivery === true,
        },
      ];
    });
  }

  publish(topicArn: string, publication: Publication): string {
    if (!this.#topics.has(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', 404);
    const messageId = this.#around.ids.uuid();
    this.#around.meter.publish();
    for (const subscription of this.#subscriptions) {
      if (subscription.topicArn === topicArn) this.#deliver(subscription, messageId, publication);
    }
    return messageId;
  }

  /** As a service, for one of its resources. One that may not publish is not told; neither is anybody on AWS. */
  publishAs(service: string, sourceArn: string, topicArn: string, publication: Publication): void {
    const obstacle = this.#around.policies.forbidsPublishing(service, sourceArn, topicArn);
    if (obstacle === undefined) this.publish(topicArn, publication);
    else this.#around.log(`topic ${topicArn}: ${obstacle} does not let ${service} publish`);
  }

  #deliver(subscription: Subscription, messageId: string, publication: Publication): void {
    const { queues, pools, policies, clock, log } = this.#around;
    const { topicArn, endpoint } = subscription;
    const notification = {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: topicArn,
      ...(publication.subject !== undefined && { Subject: publication.subject }),
      Message: publication.message,
      Timestamp: new Date(clock.now()).toISOString(),
      SignatureVersion: '1',
      Signature: 'local',
      SigningCertURL: 'https://sns.us-east-1.amazonaws.com/local.pem',
      UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    };
    if (subscription.protocol === 'lambda') {
      const pool = pools.get(functionNameOf(endpoint));
      if (!pool || !policies.mayInvoke('sns.amazonaws.com', pool.definition.name, topicArn)) {
        log(`topic ${topicArn}: may not invoke ${endpoint}`);
        return;
      }
      const record = {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: notification,
      };
      if (pool.admits(publication.chain))
        invokeLater(pool, JSON.stringify({ Records: [record] }), clock, publication.chain);
      return;
    }
    const queue = queues.byArn(endpoint)!;
    if (!policies.mayDeliver(topicArn, queue.settings)) {
      log(`topic ${topicArn}: the policy of ${queue.settings.name} does not let it deliver`);
      return;
    }
    queue.send({
      // Raw delivery drops the envelope, and the SNS message id with it [N1].
      body: subscription.raw ? publication.message : JSON.stringify(notification),
      attributes: subscription.raw ? (publication.attributes ?? {}) : {},
      chain: publication.chain,
    });
  }
}
