/** Keys of access lists for people. */

/** What an access key stands for. */
export type KeyKind = 'contract' | 'coin' | 'message' | 'blob' | 'order';

export type ReadableKey = {
  readonly kind: KeyKind;
  /** Full id: a contract, `0x<transaction>:<output index>`, a nonce, a blob. */
  readonly id: string;
  /** `contract 0x1234…abcd`. */
  readonly text: string;
};

/** Stands for "everybody behind an upgrade, an upload, a blob or a deployment waits". */
export const ORDER_KEY = 'o:';

const KINDS: Readonly<Record<string, KeyKind>> = {
  c: 'contract',
  u: 'coin',
  m: 'message',
  b: 'blob',
  o: 'order',
};
/** Hex digits of an output index at the end of a UTXO key. */
const INDEX_DIGITS = 4;

/** `0x1234…abcd`. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id;
}

/** @param key as in `AccessList`, or {@link ORDER_KEY} */
export function readableKey(key: string): ReadableKey {
  const kind = KINDS[key[0] ?? ''] ?? 'order';
  const rest = key.slice(2);
  if (kind === 'order') {
    return { kind, id: '', text: 'an upgrade, upload, blob or deployment before it' };
  }
  if (kind !== 'coin') return { kind, id: rest, text: `${kind} ${shortId(rest)}` };
  const txId = rest.slice(0, -INDEX_DIGITS);
  const index = Number.parseInt(rest.slice(-INDEX_DIGITS), 16);
  return { kind, id: `${txId}:${index}`, text: `coin ${shortId(txId)}:${index}` };
}
