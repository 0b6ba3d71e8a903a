/**
 * What was read from Ethereum, in a database of its own beside the chain's: events by Ethereum
 * block, and how far everything has been read. Each page is one atomic write, so a node that is
 * killed goes on behind the last whole page.
 *
 * Keys: 1 | block u64 | index u32 → event; 2 → position; big endian, so key order is Ethereum's order.
 */
import type { RelayedEvent } from '../executor/relayed.ts';
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  readU64,
  writeU32,
  writeU64,
} from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { InboxJournal } from '../settlement/inbox.ts';
import { daHeightOf, type L1Block } from '../settlement/index.ts';
import { openDiskEngine } from '../state/engine/disk.ts';
import { openMemoryEngine } from '../state/engine/memory.ts';
import type { Engine } from '../state/engine/port.ts';

const EVENT_PREFIX = 1;
const POSITION_KEY: Uint8Array = Uint8Array.of(2);
const MESSAGE = 0;
const TRANSACTION = 1;
const B256_BYTES = 32;
/** Number, hash, chain id. */
const POSITION_BYTES = 8 + B256_BYTES + 8;

function u64(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  writeU64(out, 0, value);
  return out;
}

function eventKey(daHeight: bigint, index: number): Uint8Array {
  const key = new Uint8Array(13);
  key[0] = EVENT_PREFIX;
  writeU64(key, 1, daHeight);
  writeU32(key, 9, index);
  return key;
}

function encodeEvent(event: RelayedEvent): Uint8Array {
  if (event.type === 'transaction') {
    const head = [Uint8Array.of(TRANSACTION), hexToBytes(event.nonce), u64(event.maxGas)];
    return concatBytes(...head, event.raw);
  }
  const { sender, recipient, nonce, amount, data } = event.message;
  const ids = [sender, recipient, nonce].map((id) => hexToBytes(id));
  return concatBytes(Uint8Array.of(MESSAGE), ...ids, u64(amount), data);
}

function decodeEvent(daHeight: bigint, row: Uint8Array): RelayedEvent {
  const id = (at: number): `0x${string}` =>
    bytesToHex(row.subarray(1 + at * B256_BYTES, 1 + (at + 1) * B256_BYTES));
  if (row[0] === TRANSACTION && row.length >= 41) {
    const maxGas = readU64(row, 33);
    return { type: 'transaction', nonce: id(0), maxGas, raw: row.slice(41), daHeight };
  }
  if (row[0] === MESSAGE && row.length >= 105) {
    const message = {
      sender: id(0),
      recipient: id(1),
      nonce: id(2),
      amount: readU64(row, 97),
      data: row.slice(105),
      daHeight,
    };
    return { type: 'message', message };
  }
  throw corrupt('an event');
}

function corrupt(what: string): CodedError {
  return new CodedError(
    'RELAYER_JOURNAL_CORRUPT',
    `${what} in the relayer's database cannot be read: remove the directory "relayer" of the ` +
      'node; Ethereum is then read again',
  );
}

type Position = { readonly block: L1Block; readonly chainId: bigint };

function readPosition(engine: Engine): Position | null {
  const row = engine.get(POSITION_KEY);
  if (row === undefined) return null;
  if (row.length !== POSITION_BYTES) throw corrupt('the position');
  const block = { number: readU64(row, 0), hash: bytesToHex(row.subarray(8, 40)) };
  return { block, chainId: readU64(row, 40) };
}

/** Puts a page's events with their places; several of one block are in the order given. */
function eventRows(events: readonly RelayedEvent[]): [Uint8Array, Uint8Array][] {
  let daHeight = -1n;
  let index = 0;
  return events.map((event) => {
    index = daHeightOf(event) === daHeight ? index + 1 : 0;
    daHeight = daHeightOf(event);
    return [eventKey(daHeight, index), encodeEvent(event)];
  });
}

/** @param path directory; null: in memory. @throws CodedError STATE_…, RELAYER_JOURNAL_CORRUPT */
export async function openRelayerJournal(path: string | null): Promise<InboxJournal> {
  const engine = path === null ? openMemoryEngine(() => 1) : await openDiskEngine(path);
  let position = readPosition(engine);
  return {
    position: () => position?.block ?? null,
    chainId: () => position?.chainId ?? null,
    async append(to, events, chainId) {
      const row = concatBytes(u64(to.number), hexToBytes(to.hash), u64(chainId));
      await engine.write((batch) => {
        for (const [key, value] of eventRows(events)) batch.put(key, value);
        batch.put(POSITION_KEY, row);
      });
      position = { block: to, chainId };
    },
    async events(after, limit) {
      const rows = await engine.scan({
        prefix: Uint8Array.of(EVENT_PREFIX),
        after: eventKey(after, 0xffff_ffff),
        limit,
      });
      return rows.map(({ key, value }) => decodeEvent(readU64(key, 1), value));
    },
    countUpTo: counterOf(engine),
    close: () => engine.close(),
  };
}

/** Rows read in one step of counting. */
const COUNT_STEP = 10_000;

/** Counts on from the last answer when a later height is asked for, as it nearly always is. */
function counterOf(engine: Engine): (daHeight: bigint) => Promise<bigint> {
  const start = { daHeight: 0n, count: 0n, key: Uint8Array.of(EVENT_PREFIX) as Uint8Array };
  let known = start;
  return async (daHeight) => {
    let { count, key } = daHeight < known.daHeight ? start : known;
    for (;;) {
      const prefix = Uint8Array.of(EVENT_PREFIX);
      const rows = await engine.scan({ prefix, after: key, limit: COUNT_STEP });
      const counted = rows.filter((row) => readU64(row.key, 1) <= daHeight);
      count += BigInt(counted.length);
      key = counted.at(-1)?.key ?? key;
      if (rows.length < COUNT_STEP || counted.length < rows.length) break;
    }
    known = { daHeight, count, key };
    return count;
  };
}
