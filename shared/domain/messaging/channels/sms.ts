import { normalisePhone } from '../../../kernel/addresses.ts';
import type { ChannelSpec } from './spec.ts';

export const sms: ChannelSpec = {
  address: { trait: 'phone', form: 'a number in E.164 form, +14155550100', normalise: normalisePhone },
  reaches: 'people',
  parts: { text: { escaping: 'none', required: true, maxCharacters: 1_600 } },
};
