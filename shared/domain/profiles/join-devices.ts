import type { Device, Profile } from './profile.ts';

/** Of two words on one token the newer; at the same time, that it ended. All of both: only then merges commute. */
export function joinDevices(a: Profile['devices'], b: Profile['devices']): Pick<Profile, 'devices'> {
  if (a === undefined && b === undefined) return {};
  const joined = { ...a };
  for (const [token, device] of Object.entries(b ?? {})) {
    const other = Object.hasOwn(joined, token) ? joined[token]! : undefined;
    joined[token] = other === undefined || isNewer(device, other) ? device : other;
  }
  return { devices: joined };
}

function isNewer(one: Device, other: Device): boolean {
  if (one.at !== other.at) return one.at > other.at;
  if (one.off !== other.off) return one.off === true;
  return one.platform > other.platform;
}
