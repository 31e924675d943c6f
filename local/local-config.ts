import type { GodwitEnvironmentProps } from '../infra/index.ts';

/**
 * The environment that `npm start` runs: the same stacks as everywhere, with a sender at an example domain and live
 * delivery, because whatever it sends ends in the capture server of this machine.
 */
export const localConfig: GodwitEnvironmentProps['config'] = {
  removalPolicy: 'destroy',
  delivery: { mode: 'live' },
  // `godwit login --aws` with the local cloud's own credentials: access key id OPERATOR, secret `local`.
  roles: { operator: ['arn:aws:iam::000000000000:user/operator'] },
  // A week goes by in seconds here, with two thousand of them. The function is there, and can be called.
  canary: false,
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
};
