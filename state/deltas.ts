/**
 * What a block changed beyond its transactions' bytes, as a row of the chain store: enough to bring
 * the state tree from one block to the next at any later time.
 */
import type { InboxEntry, SealedBlock } from '../executor/ports.ts';
import { ByteCursor, ByteParts, b256, u8, u32, u64, type ValueCodec } from './fields.ts';
import { type RestChange, restChanges } from './restTree.ts';

export type BlockDelta = {
  readonly inbox: readonly InboxEntry[];
  readonly rest: readonly RestChange[];
};

const FORCED = 0;
const MESSAGE = 1;

/** The delta of a block that has just been executed. */
export function deltaOf({ inbox = [], changes }: SealedBlock): BlockDelta {
  return { inbox, rest: restChanges(changes) };
}

function writeEntry(parts: ByteParts, entry: InboxEntry): void {
  if (entry.type === 'transaction') {
    parts.field(u8, FORCED);
    return;
  }
  const { sender, recipient, nonce, amount, daHeight, data } = entry.message;
  parts.field(u8, MESSAGE).field(b256, sender).field(b256, recipient).field(b256, nonce);
  parts.field(u64, amount).field(u64, daHeight).sized(data);
}

function readEntry(from: ByteCursor): InboxEntry {
  if (from.field(u8) === FORCED) return { type: 'transaction' };
  const [sender, recipient, nonce] = [from.field(b256), from.field(b256), from.field(b256)];
  const [amount, daHeight] = [from.field(u64), from.field(u64)];
  const data = from.sized().slice();
  return { type: 'message', message: { sender, recipient, nonce, amount, daHeight, data } };
}

export const deltaForm: ValueCodec<BlockDelta> = {
  encode({ inbox, rest }) {
    const parts = new ByteParts().field(u32, inbox.length);
    for (const entry of inbox) writeEntry(parts, entry);
    parts.field(u32, rest.length);
    for (const { key, value } of rest) {
      parts.sized(key).field(u8, value === null ? 0 : 1);
      if (value !== null) parts.sized(value);
    }
    return parts.done();
  },
  decode(bytes) {
    const from = new ByteCursor(bytes, 'delta of a block');
    const inbox: InboxEntry[] = [];
    for (let left = from.field(u32); left > 0; left--) inbox.push(readEntry(from));
    const rest: RestChange[] = [];
    for (let left = from.field(u32); left > 0; left--) {
      const key = from.sized().slice();
      rest.push({ key, value: from.field(u8) === 0 ? null : from.sized().slice() });
    }
    from.end();
    return { inbox, rest };
  },
};
