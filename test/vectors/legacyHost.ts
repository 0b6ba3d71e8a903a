/**
 * Where the reference's in-memory storage under the old rules (fuel-vm 0.65.0) is unlike the
 * storage of a node, which we follow. Vectors that depend on it cannot be compared:
 *
 * - SCWQ: a node answers "all were set" about the cleared slots only; the in-memory storage answers
 *   no as soon as any other slot exists, of any contract; and a slot stays when a contract before
 *   it has one of the same key.
 * - A range past the last key: a node fails, so the transaction is not included; the in-memory
 *   storage stops at the end.
 */
import type { Machine } from '../../vm/machine.ts';
import { KEY_END, keyNumber, keyOf } from '../../vm/ops/slotKey.ts';
import type { HostStorage } from './host.ts';

/** Result of `checkVector` when the reference's answer comes from its test storage. */
export const NOT_COMPARABLE = 'not comparable';

const SCWQ = 0x37;
/** `0x` and 64 digits. */
const ID_LENGTH = 66;
const COUNT_MAX = 1_000_000;

/** Looks at every instruction before it runs, for a SCWQ on which the two storages disagree. */
export class LegacyHostWatch {
  disagrees = false;
  readonly #storage: HostStorage;

  constructor(storage: HostStorage) {
    this.#storage = storage;
  }

  step(m: Machine): void {
    const pc = m.num(3);
    if (m.contract === null || m.checkRead(pc, 4) !== 0) return;
    const word = m.view.getUint32(pc);
    if (word >>> 24 !== SCWQ) return;
    const at = m.num((word >>> 18) & 63);
    const count = m.num((word >>> 6) & 63);
    if (m.checkRead(at, 32) !== 0 || count > COUNT_MAX) return;
    this.#judge(m.contract, keyNumber(m.read32(at)), count);
  }

  /** Does what the in-memory storage does, and compares status and removed slots. */
  #judge(contract: string, start: bigint, count: number): void {
    const wanted = new Set<string>();
    for (let i = 0; i < count && start + BigInt(i) < KEY_END; i++) {
      wanted.add(keyOf(start + BigInt(i)));
    }
    const { slots } = this.#storage;
    const isEverySet = [...wanted].every((key) => slots.has(contract + key));
    const left = new Set(wanted);
    let isOnlyThese = true;
    for (const slot of [...slots.keys()].sort()) {
      const [owner, key] = [slot.slice(0, ID_LENGTH), slot.slice(ID_LENGTH)];
      const isOwn = owner === contract;
      const isFirst = left.delete(key);
      if (!isOwn || !isFirst) isOnlyThese = false;
      // Another contract's slot of the same key came first: ours would stay.
      if (isOwn && !isFirst && wanted.has(key)) this.disagrees = true;
    }
    if (isEverySet !== (isOnlyThese && left.size === 0)) this.disagrees = true;
  }
}
