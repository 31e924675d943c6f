import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { textsOf } from '../shared/data/profile-item.ts';

/** Of a profile's item as a request has it, where bytes are base64 (DynamoDB API, low-level JSON). */
export function textsWritten(item: object): ReturnType<typeof textsOf> {
  const { z, ...rest } = item as Record<string, AttributeValue | { readonly B: string }>;
  const bytes = z && Buffer.from((z as { readonly B: string }).B, 'base64');
  return textsOf({ ...(rest as Record<string, AttributeValue>), ...(bytes && { z: { B: bytes } }) });
}
