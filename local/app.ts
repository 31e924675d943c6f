/**
 * The environment that `npm start` runs: the same stacks as everywhere, with a sender at an example domain and live
 * delivery, because whatever it sends ends in the capture server of this machine.
 */
import * as cdk from 'aws-cdk-lib';
import { GodwitEnvironment } from '../infra/index.ts';

const app = new cdk.App();
new GodwitEnvironment(app, {
  environment: 'local',
  config: {
    removalPolicy: 'destroy',
    delivery: { mode: 'live' },
    zone: 'Europe/Berlin',
    senders: [
      {
        id: 'shop',
        from: 'Wader & Reed <hello@mail.shop.example>',
        replyTo: 'service@shop.example',
        domain: 'mail.shop.example',
        dns: 'manual',
        postalAddress: 'Wader & Reed, 1 Harbour Road, 20457 Hamburg',
      },
    ],
    push: { app: '00000000000000000000000000000000' },
    sms: { senders: { DE: 'WADER', default: 'pool-00000000000000000000000000000000' }, maxPriceUsd: 1 },
  },
});
app.synth();
