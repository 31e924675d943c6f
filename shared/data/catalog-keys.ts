import type { DocumentKind } from '../app/catalog/ports.ts';

/**
 * The catalog table:
 *
 *   pk                 sk                     what
 *   heads#<kind>       <id>                   head: state, live version, ETag
 *   <kind>#<id>        draft                  the draft of a journey
 *   <kind>#<id>        v#000000007            an immutable version
 *   journey#<id>       plan#<id>              a publish plan; one that was not applied expires (ttl)
 *   journey#<id>       approval#<etag>#<who>  of a draft; expires (ttl)
 *   proposals          <id>                   a change of what is sent that nobody else has approved; expires (ttl)
 *   proposals          <id>#<who>             of a proposal; expires (ttl)
 *   <kind>#<id>        t#000000000000123      a draft as a test run has it, version -123; expires
 *   live               <kind>#<id>            what is live and decided by, document included: one Query loads it all
 *   live               plan#<journey>         the plans that move people into newer versions of it
 *   epoch              epoch                  grows by one with every change of the `live` partition
 *   switches           <target>               kill switches
 *   audit#2026-11      <instant>#<nonce>      which change made which version and epoch
 *
 * Documents are stored as JSON text: one attribute is quicker to (un)marshal than a map of hundreds, and the text
 * comes back as it was.
 */
export const liveKey = 'live';
export const epochKey = { pk: 'epoch', sk: 'epoch' } as const;
export const switchesKey = 'switches';

export const headKey = (kind: DocumentKind, id: string) => ({ pk: `heads#${kind}`, sk: id });
export const draftKey = (id: string) => ({ pk: `journey#${id}`, sk: 'draft' });
export const versionKey = (kind: DocumentKind, id: string, version: number) => ({
  pk: `${kind}#${id}`,
  sk: version < 0 ? `t#${String(-version).padStart(15, '0')}` : `v#${String(version).padStart(9, '0')}`,
});
export const liveItemKey = (kind: DocumentKind, id: string) => ({ pk: liveKey, sk: `${kind}#${id}` });
export const planKey = (journey: string, id: string) => ({ pk: `journey#${journey}`, sk: `plan#${id}` });
export const approvalKey = (journey: string, etag: string, who: string) => ({
  pk: `journey#${journey}`,
  sk: `approval#${etag}#${who}`,
});
export const proposalKey = (id: string, who?: string) => ({
  pk: 'proposals',
  sk: who === undefined ? id : `${id}#${who}`,
});
export const livePlansKey = (journey: string) => ({ pk: liveKey, sk: `plan#${journey}` });
export const auditMonthKey = (month: string) => `audit#${month}`;
