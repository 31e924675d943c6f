import type { ImportKind } from './mapping.ts';
import { tellEvent } from './tell-event.ts';
import { tellItem } from './tell-item.ts';
import { tellList } from './tell-list.ts';
import { tellPinpoint } from './tell-pinpoint.ts';
import { tellProfile } from './tell-profile.ts';
import { tellSuppression } from './tell-suppression.ts';
import type { Tell } from './told.ts';

/** What rows of each kind tell. */
export const tellRow: Record<ImportKind, Tell> = {
  events: tellEvent,
  profiles: tellProfile,
  suppressions: tellSuppression,
  lists: tellList,
  items: tellItem,
  pinpoint: tellPinpoint,
};
