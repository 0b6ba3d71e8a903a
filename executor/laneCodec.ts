/** Jobs and results of lanes as bytes. */
import type {
  AssetId,
  B256,
  BlobId,
  ContractId,
  Nonce,
  SlotKey,
  UtxoKey,
} from '../primitives/types.ts';
import type { ProgramState } from '../tx/receipt.ts';
import type { TxPointer, UtxoId } from '../tx/types.ts';
import type {
  ContractValues,
  LaneChanges,
  LaneJob,
  LaneResult,
  LaneTxResult,
} from './laneMessages.ts';
import type { BlockEnv, Changes, CoinRecord, ContractUtxo, MessageRecord } from './ports.ts';
import type { TxReads } from './runTx.ts';
import { WireReader, WireWriter } from './wire.ts';

const STATES: readonly ProgramState['type'][] = ['return', 'returnData', 'revert'];
const NO_STATE = 255;

/** Everything but the environment. */
export function encodeJob(job: LaneJob): Uint8Array<ArrayBuffer> {
  const w = new WireWriter();
  w.u32(job.blockNumber);
  w.u32(job.roundNumber);
  w.u32(job.raws.length);
  for (let i = 0; i < job.raws.length; i += 1) {
    w.bytes(job.raws[i]!);
    w.ascii(job.ids[i]!);
    w.u8(job.verified[i] === true ? 1 : 0);
    w.u32(job.txIndices[i]!);
  }
  w.list(job.known, job.known.length, (id) => w.ascii(id));
  w.list(job.coinPointers, job.coinPointers.length, (number) => w.i32(number));
  w.list(job.otherCoins, job.otherCoins.size, ([key, coin]) => {
    w.ascii(key);
    writeCoin(w, coin);
  });
  w.list(job.messages, job.messages.size, ([nonce, message]) => {
    w.ascii(nonce);
    writeMessage(w, message);
  });
  w.list(job.contractUtxos, job.contractUtxos.size, ([id, utxo]) => {
    w.ascii(id);
    writeUtxo(w, utxo);
  });
  w.list(job.codes, job.codes.size, ([id, code]) => {
    w.ascii(id);
    w.bytesOrNull(code);
  });
  w.list(job.expected, job.expected.length, (values) => writeValues(w, values));
  w.u8(job.readsDatabase ? 1 : 0);
  w.list(job.writes, job.writes.length, (values) => writeValues(w, values));
  w.u8(job.ahead ? 1 : 0);
  return w.finish();
}

/** The reverse. Transactions are windows into `bytes`. */
export function decodeJob(bytes: Uint8Array, env: BlockEnv | null): LaneJob {
  const r = new WireReader(bytes);
  const blockNumber = r.u32();
  const roundNumber = r.u32();
  const raws: Uint8Array[] = [];
  const ids: B256[] = [];
  const verified: boolean[] = [];
  const txIndices: number[] = [];
  for (let left = r.u32(); left > 0; left -= 1) {
    raws.push(r.bytes());
    ids.push(r.ascii<B256>());
    verified.push(r.u8() === 1);
    txIndices.push(r.u32());
  }
  return {
    blockNumber,
    roundNumber,
    env,
    raws,
    ids,
    verified,
    txIndices,
    known: r.list(() => r.ascii<B256>()),
    coinPointers: r.list(() => r.i32()),
    otherCoins: r.map(
      () => r.ascii<UtxoKey>(),
      () => readCoin(r),
    ),
    messages: r.map(
      () => r.ascii<Nonce>(),
      () => readMessage(r),
    ),
    contractUtxos: r.map(
      () => r.ascii<ContractId>(),
      () => readUtxo(r),
    ),
    codes: r.map(
      () => r.ascii<ContractId>(),
      () => r.bytesOrNull()?.slice() ?? null,
    ),
    expected: r.list(() => readValues(r)),
    readsDatabase: r.u8() === 1,
    writes: r.list(() => readValues(r)),
    ahead: r.u8() === 1,
  };
}

export function encodeResult({ txs, changes }: LaneResult): Uint8Array<ArrayBuffer> {
  const w = new WireWriter();
  w.list(txs, txs.length, (tx) => writeTxResult(w, tx));
  writeChanges(w, changes);
  return w.finish();
}

/** The reverse. */
export function decodeResult(bytes: Uint8Array): LaneResult {
  const r = new WireReader(bytes);
  return { txs: r.list(() => readTxResult(r)), changes: readChanges(r) };
}

function writeTxResult(w: WireWriter, tx: LaneTxResult): void {
  w.u8(tx.ok ? 1 : 0);
  w.f64(tx.runMs);
  w.textOrNull(tx.reason);
  if (!tx.ok) return;
  w.u8(tx.success ? 1 : 0);
  w.u8(tx.programState === null ? NO_STATE : STATES.indexOf(tx.programState.type));
  if (tx.programState?.type === 'returnData') w.ascii(tx.programState.digest);
  else if (tx.programState !== null) w.u64(tx.programState.value);
  w.u64(tx.totalGas);
  w.u64(tx.totalFee);
  w.u32(tx.sizeBytes);
  w.list(tx.messageIds, tx.messageIds.length, (id) => w.ascii(id));
  w.bytes(tx.raw);
  w.bytes(tx.receipts);
  w.u8(tx.effects === null ? 0 : 1);
  if (tx.effects === null) return;
  writeChanges(w, tx.effects.changes);
  writeTables(w, tx.effects.reads);
}

function readTxResult(r: WireReader): LaneTxResult {
  const ok = r.u8() === 1;
  const runMs = r.f64();
  const reason = r.textOrNull();
  if (!ok) return { ok, reason: reason ?? '', runMs };
  return {
    ok,
    runMs,
    reason,
    success: r.u8() === 1,
    programState: readState(r),
    totalGas: r.u64(),
    totalFee: r.u64(),
    sizeBytes: r.u32(),
    messageIds: r.list(() => r.ascii<B256>()),
    raw: r.bytes(),
    receipts: r.bytes(),
    effects: r.u8() === 0 ? null : { changes: readChanges(r), reads: readTables(r) },
  };
}

function readState(r: WireReader): ProgramState | null {
  const type = STATES[r.u8()];
  if (type === undefined) return null;
  return type === 'returnData' ? { type, digest: r.ascii() } : { type, value: r.u64() };
}

function writeChanges(w: WireWriter, changes: LaneChanges): void {
  writeContents(w, changes.contractCode);
  w.list(changes.contractSalt, changes.contractSalt.size, ([id, salt]) => {
    w.ascii(id);
    w.ascii(salt);
  });
  writeTables(w, changes);
  writeContents(w, changes.blobs);
}

function readChanges(r: WireReader): LaneChanges {
  const contractCode = readContents<ContractId>(r);
  const contractSalt = r.map(
    () => r.ascii<ContractId>(),
    () => r.ascii<B256>(),
  );
  return { contractCode, contractSalt, ...readTables(r), blobs: readContents<BlobId>(r) };
}

function writeTables(w: WireWriter, { slots, balances }: TxReads): void {
  const touched = new Set([...slots.keys(), ...balances.keys()]);
  w.list(touched, touched.size, (contractId) => {
    const ofContract = { slots: slots.get(contractId), balances: balances.get(contractId) };
    writeValues(w, { contractId, ...ofContract });
  });
}

type Tables = Pick<Changes, 'slots' | 'balances'>;

function readTables(r: WireReader): Tables {
  const into: Tables = { slots: new Map(), balances: new Map() };
  for (const { contractId, slots, balances } of r.list(() => readValues(r))) {
    if (slots !== undefined) into.slots.set(contractId, new Map(slots));
    if (balances !== undefined) into.balances.set(contractId, new Map(balances));
  }
  return into;
}

function writeContents(w: WireWriter, contents: ReadonlyMap<B256, Uint8Array>): void {
  w.list(contents, contents.size, ([id, bytes]) => {
    w.ascii(id);
    w.bytes(bytes);
  });
}

/** Copies: they outlive the buffer that they came in. */
function readContents<K extends B256>(r: WireReader): Map<K, Uint8Array> {
  return r.map(
    () => r.ascii<K>(),
    () => r.bytes().slice(),
  );
}

function writePointer(w: WireWriter, { blockHeight, txIndex }: TxPointer): void {
  w.u32(blockHeight);
  w.u32(txIndex);
}

function readPointer(r: WireReader): TxPointer {
  return { blockHeight: r.u32(), txIndex: r.u32() };
}

function writeCoin(w: WireWriter, { owner, amount, assetId, txPointer }: CoinRecord): void {
  w.ascii(owner);
  w.u64(amount);
  w.ascii(assetId);
  writePointer(w, txPointer);
}

function readCoin(r: WireReader): CoinRecord {
  return { owner: r.ascii(), amount: r.u64(), assetId: r.ascii(), txPointer: readPointer(r) };
}

function writeMessage(w: WireWriter, message: MessageRecord | null): void {
  w.u8(message === null ? 0 : 1);
  if (message === null) return;
  w.ascii(message.sender);
  w.ascii(message.recipient);
  w.ascii(message.nonce);
  w.u64(message.amount);
  w.bytes(message.data);
  w.u64(message.daHeight);
}

function readMessage(r: WireReader): MessageRecord | null {
  if (r.u8() === 0) return null;
  return {
    sender: r.ascii(),
    recipient: r.ascii(),
    nonce: r.ascii(),
    amount: r.u64(),
    data: r.bytes(),
    daHeight: r.u64(),
  };
}

function writeUtxo(w: WireWriter, utxo: ContractUtxo | null): void {
  w.u8(utxo === null ? 0 : 1);
  if (utxo === null) return;
  w.ascii(utxo.utxoId.txId);
  w.u32(utxo.utxoId.outputIndex);
  writePointer(w, utxo.txPointer);
}

function readUtxo(r: WireReader): ContractUtxo | null {
  if (r.u8() === 0) return null;
  const utxoId: UtxoId = { txId: r.ascii(), outputIndex: r.u32() };
  return { utxoId, txPointer: readPointer(r) };
}

function writeValues(w: WireWriter, { contractId, slots, balances }: ContractValues): void {
  w.ascii(contractId);
  w.u32(slots?.size ?? 0);
  for (const [key, value] of slots ?? []) {
    w.ascii(key);
    w.bytesOrNull(value);
  }
  w.u32(balances?.size ?? 0);
  for (const [key, value] of balances ?? []) {
    w.ascii(key);
    w.u8(value === null ? 0 : 1);
    if (value !== null) w.u64(value);
  }
}

/** Values are copies: they are kept longer than the buffer. Empty tables come back as absent. */
function readValues(r: WireReader): ContractValues {
  const contractId = r.ascii<ContractId>();
  const slots = r.map(
    () => r.ascii<SlotKey>(),
    () => r.bytesOrNull()?.slice() ?? null,
  );
  const balances = r.map(
    () => r.ascii<AssetId>(),
    () => (r.u8() === 1 ? r.u64() : null),
  );
  return {
    contractId,
    slots: slots.size === 0 ? undefined : slots,
    balances: balances.size === 0 ? undefined : balances,
  };
}
