import type { Escaping } from '../render/liquid.ts';

export interface ContentPart {
  readonly escaping: Escaping;
  readonly required?: true;
  /** Goes into a header: one line. */
  readonly singleLine?: true;
  readonly maxCharacters: number;
  /** Of what was rendered, unless it is empty. */
  readonly form?: { readonly what: string; test(text: string): boolean };
}

/** What decisions, policies and templates must know of a channel; how it sends is its adapter's (shared/channels/). */
export interface ChannelSpec {
  /** Absent: messages find their way without an address. */
  readonly address?: {
    /** Where it lies in the profile. */
    readonly trait: string;
    /** Also, and first, the customer's devices (domain/profiles/devices.ts): one message goes to all of them. */
    readonly ofDevices?: true;
    /** What it must be, for whoever has to mend it. */
    readonly form: string;
    /** As it is compared and hashed; undefined for what is none. */
    normalise(address: unknown): string | undefined;
  };
  /** Systems are spared no messages: caps, quiet hours and age are about people, and nothing needs to be granted. */
  readonly reaches: 'people' | 'systems';
  /** Handing a message over again under the same id changes nothing, so what is unknown is sent again (G3). */
  readonly repeatable?: true;
  /** What was handed over has arrived, and nobody else tells so. */
  readonly arrivesAtHandOver?: true;
  /** Its provider tells of every message what became of it, under our id, and gives its own. */
  readonly isToldOf?: true;
  /** A variant needs one of them at least. */
  readonly anyOf?: readonly string[];
  /** What a variant of a template may have. */
  readonly parts: { readonly [part: string]: ContentPart };
}
