/**
 * Headers and what blocks take in from the settlement layer, in compact form, for both directions:
 * mostly differences to the header before.
 */
import type { BlockHeader } from '../../tx/block.ts';
import type { HeaderFields } from '../../tx/header.ts';
import type { DaInboxEvent } from '../block.ts';
import { frameInvalid } from '../bytes.ts';
import type { Coder } from './coder.ts';

/** A header without what follows from the block's transactions and its place in the frame. */
export type CompactHeader = Omit<HeaderFields, 'transactionsRoot' | 'height'>;

/**
 * @param header what is written; undefined when reading
 * @param previous the header before in the same frame
 */
export function codeHeader(
  c: Coder,
  header: BlockHeader | undefined,
  previous: CompactHeader | null,
): CompactHeader {
  const number = (value: number | undefined): number => c.number('header', value);
  const difference = (now: bigint | undefined, before: bigint): bigint =>
    before + c.signed('header', now === undefined ? undefined : now - before);
  return {
    daHeight: difference(header?.daHeight, previous?.daHeight ?? 0n),
    consensusParametersVersion: number(header?.consensusParametersVersion),
    stateTransitionBytecodeVersion: number(header?.stateTransitionBytecodeVersion),
    transactionsCount: number(header?.transactionsCount),
    messageReceiptCount: number(header?.messageReceiptCount),
    messageOutboxRoot: c.id(header?.messageOutboxRoot),
    eventInboxRoot: c.id(header?.eventInboxRoot),
    prevRoot: c.literal(header?.prevRoot),
    time: difference(header?.time, previous?.time ?? 0n),
  };
}

/** Most events of one block. */
export const INBOX_EVENTS_MAX = 65_536;

function codeEvent(c: Coder, event: DaInboxEvent | undefined, blockDaHeight: bigint): DaInboxEvent {
  const given = event?.type === 'message' ? event.message : event;
  const isMessage = c.number('header', event && (event.type === 'message' ? 1 : 0)) === 1;
  const below = given && blockDaHeight - given.daHeight;
  const daHeight = blockDaHeight - c.signed('header', below);
  const nonce = c.literal(given?.nonce);
  if (isMessage) {
    const message = event?.type === 'message' ? event.message : undefined;
    const sender = c.id(message?.sender);
    const recipient = c.id(message?.recipient);
    const amount = c.amount(message?.amount);
    const data = c.bytes(message?.data);
    return { type: 'message', message: { sender, recipient, nonce, amount, data, daHeight } };
  }
  const forced = event?.type === 'transaction' ? event : undefined;
  const maxGas = c.big('gas', forced?.maxGas);
  return { type: 'transaction', nonce, maxGas, raw: c.bytes(forced?.raw), daHeight };
}

/** What a block took in. @throws CodedError DA_FRAME_INVALID */
export function codeInbox(
  c: Coder,
  events: readonly DaInboxEvent[] | undefined,
  blockDaHeight: bigint,
): DaInboxEvent[] {
  const count = c.number('header', events?.length);
  if (count > INBOX_EVENTS_MAX) throw frameInvalid('a block takes in too many events', 0);
  const read: DaInboxEvent[] = [];
  for (let i = 0; i < count; i++) read.push(codeEvent(c, events?.[i], blockDaHeight));
  return read;
}
