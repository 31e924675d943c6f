/**
 * Ids that faulty clients send for everybody. One mailbox group would collect the events of all customers and stop
 * the whole queue behind it (protocol.md, Hot ids).
 */
const placeholders = new Set([
  ...['null', 'nil', 'undefined', 'none', 'nan', 'n/a', 'unknown', 'true', 'false'],
  ...['anonymous', 'guest', 'visitor', 'userid', 'user_id', 'anonymousid', 'anonymous_id'],
  ...['0', '-1', '-', '[object object]', '{}', '[]', '""', "''", '00000000-0000-0000-0000-000000000000'],
]);

export const isPlaceholderId = (id: string): boolean => placeholders.has(id.trim().toLowerCase());
