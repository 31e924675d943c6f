/** Words beside the refs and `vars.*` that every part of a template may use. */
export const builtInWords = ['unsubscribe_url', 'postal_address', 'preheader'] as const;
