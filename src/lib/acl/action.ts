export type Action = 'publish' | 'subscribe';

/** The member of a record that holds the entries for an action. */
export const LIST_OF = { publish: 'publish_acl', subscribe: 'subscribe_acl' } as const;
