/** Policies on the wire: a bit set in the header, then one word for each set bit. */
import type { Policies } from '../types.ts';
import type { Reader } from './reader.ts';
import { decodeError } from './reader.ts';
import type { Writer } from './writer.ts';

/** Policies in the order of their bits, from bit 0. */
export const POLICY_KEYS: readonly (keyof Policies)[] = [
  'tip',
  'witnessLimit',
  'maturity',
  'maxFee',
  'expiration',
  'owner',
];

const U32_MAX = 0xffff_ffffn;

/** The bit set of the policies that are present. */
export function policyBits(policies: Policies): number {
  let bits = 0;
  if (policies.tip !== undefined) bits |= 1;
  if (policies.witnessLimit !== undefined) bits |= 2;
  if (policies.maturity !== undefined) bits |= 4;
  if (policies.maxFee !== undefined) bits |= 8;
  if (policies.expiration !== undefined) bits |= 16;
  if (policies.owner !== undefined) bits |= 32;
  return bits;
}

/** How many policies are present. */
export function policyCount(policies: Policies): number {
  let count = 0;
  for (let bits = policyBits(policies); bits !== 0; bits &= bits - 1) count++;
  return count;
}

/** @throws CodedError TX_DECODE on bits that no policy has. */
export function readPolicyBits(r: Reader): number {
  const bits = r.u32();
  if (bits > 63) throw decodeError('Unknown("Invalid policies bits")', r.pos - 8);
  return bits;
}

/** @throws CodedError TX_DECODE */
export function readPolicyValues(r: Reader, bits: number): Policies {
  const policies: Policies = {};
  for (let i = 0; i < POLICY_KEYS.length; i++) {
    if ((bits & (1 << i)) !== 0) policies[POLICY_KEYS[i]!] = r.u64();
  }
  if ((policies.maturity ?? 0n) > U32_MAX) {
    throw decodeError('Unknown("The maturity in more than `u32::MAX`")', r.pos);
  }
  if ((policies.expiration ?? 0n) > U32_MAX) {
    throw decodeError('Unknown("The expiration in more than `u32::MAX`")', r.pos);
  }
  return policies;
}

/** Appends the values of the policies that are present. */
export function writePolicyValues(w: Writer, policies: Policies): void {
  for (const key of POLICY_KEYS) {
    const value = policies[key];
    if (value !== undefined) w.u64(value);
  }
}
