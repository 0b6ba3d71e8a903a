/** One transaction: what it wants, what became of it, what it ran. */

import { grouped } from '../../format.ts';
import { query, restOrNull, subscribe } from '../api.ts';
import { type Child, el, say } from '../dom.ts';
import {
  amountOf,
  badge,
  blockLink,
  bytes,
  card,
  chain,
  facts,
  link,
  soft,
  when,
  wholeId,
} from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { codeOf } from './code.ts';
import { inputsTable, outputsTable } from './inputsOutputs.ts';
import { receiptsList } from './receipts.ts';
import { type CallTree, callTree } from './trace.ts';
import { type Status, TRANSACTION, type Tx } from './transactionQuery.ts';
import { kindOf } from './txKinds.ts';

const FINAL: ReadonlySet<string> = new Set(['SuccessStatus', 'FailureStatus', 'SqueezedOutStatus']);

/** A block maker that takes no fees. */
const NOBODY = `0x${'0'.repeat(64)}`;

const WATCH = `subscription Watch($id: TransactionId!) {
  statusChange(id: $id, includePreconfirmation: true) { type: __typename }
}`;

async function find(id: string): Promise<Tx> {
  if (!/^0x[0-9a-f]{64}$/i.test(id)) throw new NotFound(`“${id}” is no transaction id`);
  const { transaction } = await query<{ transaction: Tx | null }>(TRANSACTION, { id });
  if (transaction === null) throw new NotFound(`There is no transaction ${id}`);
  return transaction;
}

function statusBadge(status: Status | null): HTMLElement {
  switch (status?.type) {
    case 'SuccessStatus':
      return badge('success', 'good');
    case 'PreconfirmationSuccessStatus':
      return badge('success, block in the making', 'wait');
    case 'FailureStatus':
      return badge(`failed: ${status.reason}`, 'bad');
    case 'PreconfirmationFailureStatus':
      return badge(`failed: ${status.reason}, block in the making`, 'bad');
    case 'SqueezedOutStatus':
      return badge(`dropped: ${status.reason}`, 'bad');
    case 'SubmittedStatus':
      return badge('waits in the pool', 'wait');
    default:
      return badge('no status', 'plain');
  }
}

function statusFacts(tx: Tx): HTMLElement {
  const { status } = tx;
  return facts([
    ['Id', wholeId(tx.id, 'transaction id')],
    ['Kind', kindOf(tx)],
    ['Status', el('span', { id: 'status' }, statusBadge(status))],
    status?.blockHeight === undefined ? null : ['Block', blockLink(status.blockHeight)],
    status?.time === undefined ? null : ['Time', when(status.time)],
    status?.totalGas === undefined ? null : ['Gas used', grouped(status.totalGas)],
    status?.totalFee === undefined ? null : ['Fee', amountOf(status.totalFee, chain.base)],
    tx.scriptGasLimit === null ? null : ['Script gas limit', grouped(tx.scriptGasLimit)],
  ]);
}

function policies(tx: Tx): HTMLElement | null {
  const given = Object.entries(tx.policies ?? {}).filter(([, value]) => value !== null);
  if (given.length === 0) return null;
  const names: Readonly<Record<string, string>> = {
    tip: 'Tip',
    witnessLimit: 'Witness limit (bytes)',
    maturity: 'Not before block',
    maxFee: 'Fee at most',
  };
  return card(
    'Policies',
    facts(
      given.map(([name, value]) => {
        const isAmount = name === 'tip' || name === 'maxFee';
        const text = value as string;
        return [names[name] ?? name, isAmount ? amountOf(text, chain.base) : grouped(text)];
      }),
    ),
  );
}

function program(tx: Tx): HTMLElement | null {
  if (tx.script === null) return null;
  return card(
    'Script',
    codeOf(tx.script, 'script'),
    el('h3', {}, 'Script data'),
    el('p', {}, bytes(tx.scriptData ?? '0x', 'script data')),
  );
}

/** What the kinds other than scripts carry. */
function carried(tx: Tx): HTMLElement | null {
  const pairs: (readonly [string, Child])[] = [];
  if (tx.salt !== null) pairs.push(['Salt', wholeId(tx.salt, 'salt')]);
  if (tx.blobId !== null) pairs.push(['Blob', wholeId(tx.blobId, 'blob id', 'blob')]);
  if (tx.bytecodeRoot !== null) pairs.push(['Bytecode root', wholeId(tx.bytecodeRoot, 'root')]);
  if (tx.subsectionIndex !== null) {
    const part = `${Number(tx.subsectionIndex) + 1} of ${tx.subsectionsNumber}`;
    pairs.push(['Part of the upload', part]);
  }
  if (tx.upgradePurpose !== null) {
    const { type, checksum, root } = tx.upgradePurpose;
    pairs.push(['Upgrades', type === 'StateTransitionPurpose' ? 'state transition' : 'parameters']);
    pairs.push(['Checksum', wholeId(checksum ?? root ?? '', 'checksum')]);
  }
  if (tx.mintAmount !== null) {
    pairs.push(['Fees of the block', amountOf(tx.mintAmount, chain.base)]);
    pairs.push(['Gas price', grouped(tx.mintGasPrice ?? '0')]);
    const to = tx.inputContract?.contractId ?? NOBODY;
    const isPaid = to !== NOBODY;
    pairs.push([
      'To',
      isPaid ? wholeId(to, 'contract id', 'contract') : 'nobody: no contract is set',
    ]);
  }
  if (tx.storageSlots !== null) {
    pairs.push([
      `Storage slots (${tx.storageSlots.length})`,
      tx.storageSlots.map((slot) => el('div', { class: 'id' }, slot)),
    ]);
  }
  return pairs.length === 0 ? null : card('Carries', facts(pairs));
}

/** The API gives small numbers as text. */
const isBytecode = (tx: Tx, i: number): boolean =>
  tx.isCreate && tx.bytecodeWitnessIndex !== null && Number(tx.bytecodeWitnessIndex) === i;

function rest(tx: Tx): HTMLElement {
  const witnesses = tx.witnesses ?? [];
  return card(
    'Witnesses and bytes',
    witnesses.length === 0
      ? soft('No witnesses.')
      : facts(
          witnesses.map((hex, i) => [
            `Witness ${i}`,
            isBytecode(tx, i) ? ['bytecode ', codeOf(hex, 'bytecode')] : bytes(hex, `witness ${i}`),
          ]),
        ),
    facts([['Whole transaction', bytes(tx.rawPayload, 'transaction')]]),
  );
}

async function trace(tx: Tx): Promise<HTMLElement | null> {
  if (tx.isMint || tx.status?.blockHeight === undefined) return null;
  const found = await restOrNull<CallTree>(`/trace/${tx.id}`);
  return found === null ? null : callTree(found);
}

/** Draws again when something happened to the transaction. */
function watch(tx: Tx, place: Place): void {
  if (tx.status !== null && FINAL.has(tx.status.type)) return;
  const before = tx.status?.type;
  subscribe<{ statusChange: { type: string } }>(WATCH, { id: tx.id }, place.signal, (data) => {
    if (data.statusChange.type === before) return;
    say(`The status changed: ${data.statusChange.type}`);
    place.again();
  }).catch(() => {
    // The reader left, or the node did: the banner tells.
  });
}

/** @see View */
export async function transaction(place: Place): Promise<Drawn> {
  const tx = await find(place.args[0] ?? '');
  watch(tx, place);
  const traced = await trace(tx);
  const receipts = tx.status?.receipts ?? tx.status?.early ?? [];
  const isOrdered = tx.status?.blockHeight !== undefined || tx.status?.type === 'SubmittedStatus';
  return {
    title: `Transaction`,
    content: [
      card(
        'Status',
        statusFacts(tx),
        // A mint runs after all others.
        isOrdered && !tx.isMint && el('p', {}, link(`parallel/tx/${tx.id}`, 'Who waited for whom')),
      ),
      carried(tx),
      tx.isMint ? null : card(`Inputs (${tx.inputs?.length ?? 0})`, inputsTable(tx.inputs ?? [])),
      tx.isMint ? null : card(`Outputs (${tx.outputs.length})`, outputsTable(tx.outputs)),
      traced,
      tx.isScript && card(`Receipts (${receipts.length})`, receiptsList(receipts)),
      program(tx),
      policies(tx),
      rest(tx),
    ],
  };
}
