/** What of a listed record is a column and can be filtered by, in the words of CSV. */
export const LIST_FIELDS = [
  'mountpoint',
  'client_id',
  'username',
  'passhash',
  'publish_acl',
  'subscribe_acl',
  'problems',
] as const;
export type ListField = (typeof LIST_FIELDS)[number];
