import type { ShownProvider } from '../../shared/app/sending/show-sending.ts';
import { connectProject } from '../config/project.ts';
import { verb } from '../verb.ts';

type Remote = Omit<ShownProvider, 'outage'> & {
  readonly outage: { readonly why: string; readonly since: string; readonly tryAt: string } | null;
};

export const sending = verb({
  name: 'sending',
  takes: '',
  summary: 'rates, warm-ups and outages: how fast what is sent',
  options: {},
  words: [0, 0],
  async run(call) {
    const { api } = connectProject(call);
    const { data } = await api.get<{ data: readonly Remote[] }>('/v1/sending');
    const text = data.length === 0 ? ['no rate is set, no sender is new, and every provider works'] : data.map(lineOf);
    return { exit: 0, text, json: { data } };
  },
});

function lineOf({ channel, sender, perSecond, outage, warmUp }: Remote): string {
  const parts = [
    ...(perSecond === null ? [] : [`${perSecond} a second`]),
    ...(warmUp === null ? [] : [`warm-up ${warmUp.day}: ${warmUp.taken} of ${warmUp.places}`]),
    ...(outage === null ? [] : [`parked since ${outage.since} (${outage.why}), next try ${outage.tryAt}`]),
  ];
  return `${sender === null ? channel : `${channel} ${sender}`}: ${parts.join('; ')}`;
}
