/** An object in Discord's JSON, with the fields that libraries read. */
export type Json = Readonly<Record<string, unknown>>;

/** Discord's form of ISO 8601. */
export const iso = (wallMs: number): string => new Date(wallMs).toISOString().replace('Z', '000+00:00');
