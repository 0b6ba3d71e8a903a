/** Access lists for running ahead: what transactions are expected to touch of what they declare. */
import type { AccessList } from '../tx/access.ts';
import type { Expectation } from './methods.ts';

export type Speculation = {
  /** Transactions that are expected to write nothing to a contract are its readers. */
  readonly readers: boolean;
  /** Contracts are shared slot by slot, and balance by balance. */
  readonly slots: boolean;
};

/**
 * `access` with contracts as readable, or in parts, where `expect` has an expectation. A transaction
 * of which nothing is known writes the whole contract: it shares it with nobody.
 */
export function relaxedAccess(
  access: AccessList,
  speculation: Speculation,
  expect: (contractKey: `c:0x${string}`) => Expectation | null,
): AccessList {
  const writes: string[] = [];
  const reads: string[] = [...access.reads];
  for (const key of access.writes) {
    const expected = isContract(key) && !access.creates.includes(key) ? expect(key) : null;
    if (expected === null || !(speculation.slots || (speculation.readers && !expected.writes))) {
      writes.push(key);
      continue;
    }
    reads.push(key);
    if (!speculation.slots) continue;
    for (const part of expected.writtenKeys) writes.push(`${key}/${part}`);
    for (const part of expected.readKeys) reads.push(`${key}/${part}`);
  }
  const { creates, barrier, blobBarrier } = access;
  return { writes, reads, creates, barrier, blobBarrier };
}

function isContract(key: string): key is `c:0x${string}` {
  return key.startsWith('c:');
}
