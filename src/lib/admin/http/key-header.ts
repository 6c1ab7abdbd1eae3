/** How an API key travels: as the user name of Basic authorization, or in a header of its own. */
export type ApiKeyHeader = 'basic' | 'x-api-key';
