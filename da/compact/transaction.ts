/**
 * The compact form of executed transactions, for both directions (`coder.ts`).
 *
 * What follows from something else is left out: owner, amount and asset of a coin that an earlier
 * transaction made, the id of that transaction, the amount of a change output but for the fee, the
 * index of a contract's output. What remains goes into the stream of its kind.
 */
import type { B256 } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { TX_KIND } from '../../tx/codec/transaction.ts';
import type {
  ChargeableTx,
  CoinInput,
  ContractInput,
  Input,
  MessageInput,
  MintTx,
  Output,
  Policies,
  StorageSlot,
  Transaction,
  UpgradePurpose,
} from '../../tx/types.ts';
import { frameInvalid } from '../bytes.ts';
import type { Coder } from './coder.ts';

type Chargeable = Pick<ChargeableTx, 'policies' | 'inputs' | 'outputs' | 'witnesses'>;

const KINDS: readonly Transaction['type'][] = (
  Object.entries(TX_KIND) as [Transaction['type'], number][]
)
  .sort(([, a], [, b]) => a - b)
  .map(([kind]) => kind);
const INPUT_KINDS = ['coin', 'contract', 'message'] as const;
const OUTPUT_KINDS = ['coin', 'contract', 'change', 'variable', 'contractCreated'] as const;
const POLICY_KEYS = ['tip', 'witnessLimit', 'maturity', 'maxFee', 'expiration', 'owner'] as const;
const SIGNATURE_BYTES = 64;
/** In place of what execution fills in. */
const NO_RESULTS = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 } as const;
const NO_PLACE = {
  utxoId: { txId: ZERO_B256, outputIndex: 0 },
  txPointer: { blockHeight: 0, txIndex: 0 },
} as const;

function kind<const T extends readonly string[]>(
  c: Coder,
  kinds: T,
  value: T[number] | undefined,
): T[number] {
  const read = kinds[c.shape(value === undefined ? undefined : kinds.indexOf(value))];
  if (read === undefined) throw frameInvalid('a transaction has an unknown form', 0);
  return read;
}

function flag(c: Coder, value: boolean | undefined): boolean {
  return c.shape(value === undefined ? undefined : value ? 1 : 0) === 1;
}

function list<T>(c: Coder, values: readonly T[] | undefined, code: (value?: T) => T): T[] {
  const count = c.shape(values?.length);
  const read: T[] = [];
  for (let i = 0; i < count; i++) read.push(code(values?.[i]));
  return read;
}

/** One of the ids at hand by its place, or any other. */
function oneOf(c: Coder, near: readonly B256[], value: B256 | undefined): B256 {
  const choice = c.shape(value === undefined ? undefined : near.indexOf(value) + 1);
  if (choice === 0) return c.id(value);
  const id = near[choice - 1];
  if (id === undefined) throw frameInvalid('a transaction refers to an id that it lacks', 0);
  return id;
}

function codePredicate(
  c: Coder,
  input: CoinInput | MessageInput | undefined,
): Pick<CoinInput, 'witnessIndex' | 'predicateGasUsed' | 'predicate' | 'predicateData'> {
  const signed = flag(c, input === undefined ? undefined : input.predicate.length === 0);
  if (signed) {
    const empty = new Uint8Array(0);
    const witnessIndex = c.shape(input?.witnessIndex);
    return { witnessIndex, predicateGasUsed: 0n, predicate: empty, predicateData: empty };
  }
  return {
    witnessIndex: 0,
    predicateGasUsed: c.big('gas', input?.predicateGasUsed),
    predicate: c.text(input?.predicate),
    predicateData: c.text(input?.predicateData),
  };
}

function codeCoin(c: Coder, input: CoinInput | undefined): CoinInput {
  if (flag(c, input === undefined ? undefined : c.spent(input) !== null)) {
    const { txId, output, blockHeight, txIndex, outputIndex } = c.pointer(input);
    if (output.type === 'contract' || output.type === 'contractCreated') {
      throw frameInvalid('a coin is made from an output that is none', 0);
    }
    const { to: owner, amount, assetId } = output;
    const utxoId = { txId, outputIndex };
    const txPointer = { blockHeight, txIndex };
    const rest = codePredicate(c, input);
    return { type: 'coin', utxoId, owner, amount, assetId, txPointer, ...rest };
  }
  return {
    type: 'coin',
    utxoId: { txId: c.id(input?.utxoId.txId), outputIndex: codeU(c, input?.utxoId.outputIndex) },
    owner: c.id(input?.owner),
    amount: c.amount(input?.amount),
    assetId: c.id(input?.assetId),
    txPointer: codePlace(c, input?.txPointer),
    ...codePredicate(c, input),
  };
}

function codeU(c: Coder, value: number | undefined): number {
  return c.number('number', value);
}

function codePlace(c: Coder, place: CoinInput['txPointer'] | undefined): CoinInput['txPointer'] {
  return { blockHeight: codeU(c, place?.blockHeight), txIndex: codeU(c, place?.txIndex) };
}

function codeContractInput(
  c: Coder,
  input: Omit<ContractInput, 'type'> | undefined,
): ContractInput {
  const contractId = c.id(input?.contractId);
  if (c.form.leavesResultsOut) return { type: 'contract', ...NO_RESULTS, ...NO_PLACE, contractId };
  const given: ContractInput | undefined = input && { type: 'contract', ...input };
  const known = flag(c, given === undefined ? undefined : c.spent(given) !== null);
  let roots: readonly B256[] = [];
  let place: Pick<ContractInput, 'utxoId' | 'txPointer'>;
  if (known) {
    const { txId, output, blockHeight, txIndex, outputIndex } = c.pointer(given);
    place = { utxoId: { txId, outputIndex }, txPointer: { blockHeight, txIndex } };
    if (output.type === 'contract') roots = [output.balanceRoot, output.stateRoot];
    if (output.type === 'contractCreated') roots = [ZERO_B256, output.stateRoot];
  } else {
    const txId = c.id(input?.utxoId.txId);
    const utxoId = { txId, outputIndex: codeU(c, input?.utxoId.outputIndex) };
    place = { utxoId, txPointer: codePlace(c, input?.txPointer) };
  }
  const balanceRoot = oneOf(c, roots, input?.balanceRoot);
  const stateRoot = oneOf(c, roots, input?.stateRoot);
  return { type: 'contract', ...place, balanceRoot, stateRoot, contractId };
}

function codeMessage(c: Coder, input: MessageInput | undefined): MessageInput {
  return {
    type: 'message',
    sender: c.id(input?.sender),
    recipient: c.id(input?.recipient),
    amount: c.amount(input?.amount),
    nonce: c.literal(input?.nonce),
    data: c.text(input?.data),
    ...codePredicate(c, input),
  };
}

function codeInput(c: Coder, input: Input | undefined): Input {
  const type = kind(c, INPUT_KINDS, input?.type);
  if (type === 'coin') return codeCoin(c, input as CoinInput | undefined);
  if (type === 'contract') return codeContractInput(c, input as ContractInput | undefined);
  return codeMessage(c, input as MessageInput | undefined);
}

/** What a change output would hold without a fee. */
function unspent(inputs: readonly Input[], outputs: readonly Output[], assetId: B256): bigint {
  let amount = 0n;
  for (const input of inputs) {
    if (input.type === 'coin' && input.assetId === assetId) amount += input.amount;
    if (input.type === 'message') amount += input.amount;
  }
  for (const output of outputs) {
    if (output.type === 'coin' && output.assetId === assetId) amount -= output.amount;
  }
  return amount;
}

function codeOutput(
  c: Coder,
  inputs: readonly Input[],
  output: Output | undefined,
  before: readonly Output[],
): Output {
  const type = kind(c, OUTPUT_KINDS, output?.type);
  if (type === 'contract') {
    const given = output as Extract<Output, { type: 'contract' }> | undefined;
    const inputIndex = c.shape(given?.inputIndex);
    if (c.form.leavesResultsOut) return { type, inputIndex, ...NO_RESULTS };
    const of = inputs[inputIndex];
    const roots = of?.type === 'contract' ? [of.balanceRoot, of.stateRoot] : [];
    const balanceRoot = oneOf(c, roots, given?.balanceRoot);
    return { type, inputIndex, balanceRoot, stateRoot: oneOf(c, roots, given?.stateRoot) };
  }
  if (type === 'contractCreated') {
    const given = output as Extract<Output, { type: 'contractCreated' }> | undefined;
    return { type, contractId: c.id(given?.contractId), stateRoot: c.id(given?.stateRoot) };
  }
  const given = output as Extract<Output, { type: 'coin' }> | undefined;
  const coins = inputs.filter((input) => input.type === 'coin');
  const to = oneOf(c, [...new Set(coins.map(({ owner }) => owner))], given?.to);
  const assetId = oneOf(c, [...new Set(coins.map((coin) => coin.assetId))], given?.assetId);
  if (type !== 'change') return { type, to, assetId, amount: c.amount(given?.amount) };
  const rest = unspent(inputs, before, assetId);
  const fee = c.signed('fee', given === undefined ? undefined : rest - given.amount);
  return { type, to, assetId, amount: BigInt.asUintN(64, rest - fee) };
}

function codeWitness(c: Coder, witness: Uint8Array | undefined): Uint8Array {
  const isSignature = flag(c, witness && witness.length === SIGNATURE_BYTES);
  return isSignature ? c.signature(witness) : c.text(witness);
}

function codePolicies(c: Coder, policies: Policies | undefined): Policies {
  const read: Policies = {};
  for (const key of POLICY_KEYS) {
    const value = policies?.[key];
    if (!flag(c, policies === undefined ? undefined : value !== undefined)) continue;
    read[key] = c.big('policy', value);
  }
  return read;
}

function codeChargeable(c: Coder, tx: Chargeable | undefined): Chargeable {
  const policies = codePolicies(c, tx?.policies);
  const inputs = list(c, tx?.inputs, (input) => codeInput(c, input));
  const before: Output[] = [];
  const outputs = list(c, tx?.outputs, (output) => {
    const read = codeOutput(c, inputs, output, before);
    before.push(read);
    return read;
  });
  const witnesses = list(c, tx?.witnesses, (witness) => codeWitness(c, witness));
  return { policies, inputs, outputs, witnesses };
}

function codePurpose(c: Coder, purpose: UpgradePurpose | undefined): UpgradePurpose {
  const type = kind(c, ['consensusParameters', 'stateTransition'], purpose?.type);
  if (type === 'stateTransition') {
    const given = purpose as Extract<UpgradePurpose, { root: B256 }> | undefined;
    return { type, root: c.literal(given?.root) };
  }
  const given = purpose as Extract<UpgradePurpose, { checksum: B256 }> | undefined;
  return { type, witnessIndex: c.shape(given?.witnessIndex), checksum: c.literal(given?.checksum) };
}

function codeSlot(c: Coder, slot: StorageSlot | undefined): StorageSlot {
  return { key: c.id(slot?.key), value: c.id(slot?.value) };
}

function codeMint(c: Coder, tx: MintTx | undefined): MintTx {
  const given = tx?.outputContract;
  const inputContract = codeContractInput(c, tx?.inputContract);
  const { type: _, ...bare } = inputContract;
  const roots = [bare.balanceRoot, bare.stateRoot];
  const isBare = c.form.leavesResultsOut;
  return {
    type: 'mint',
    txPointer: codePlace(c, tx?.txPointer),
    inputContract: bare,
    outputContract: {
      inputIndex: codeU(c, given?.inputIndex),
      balanceRoot: isBare ? ZERO_B256 : oneOf(c, roots, given?.balanceRoot),
      stateRoot: isBare ? ZERO_B256 : oneOf(c, roots, given?.stateRoot),
    },
    mintAmount: c.big('fee', tx?.mintAmount),
    mintAssetId: c.id(tx?.mintAssetId),
    gasPrice: c.big('gas', tx?.gasPrice),
  };
}

/** One transaction; the form it has, of {@link KINDS}, is in its shape. */
export function codeTransaction(c: Coder, tx: Transaction | undefined): Transaction {
  const type = kind(c, KINDS, tx?.type);
  switch (type) {
    case 'mint':
      return codeMint(c, tx as MintTx | undefined);
    case 'script': {
      const given = tx as Extract<Transaction, { type: 'script' }> | undefined;
      const scriptGasLimit = c.big('gas', given?.scriptGasLimit);
      const script = c.text(given?.script);
      const scriptData = c.text(given?.scriptData);
      const receiptsRoot = c.form.leavesResultsOut ? ZERO_B256 : c.id(given?.receiptsRoot);
      const rest = codeChargeable(c, given);
      return { type, scriptGasLimit, receiptsRoot, script, scriptData, ...rest };
    }
    case 'create': {
      const given = tx as Extract<Transaction, { type: 'create' }> | undefined;
      const bytecodeWitnessIndex = c.shape(given?.bytecodeWitnessIndex);
      const salt = c.id(given?.salt);
      const storageSlots = list(c, given?.storageSlots, (slot) => codeSlot(c, slot));
      return { type, bytecodeWitnessIndex, salt, storageSlots, ...codeChargeable(c, given) };
    }
    case 'upgrade': {
      const given = tx as Extract<Transaction, { type: 'upgrade' }> | undefined;
      return { type, purpose: codePurpose(c, given?.purpose), ...codeChargeable(c, given) };
    }
    case 'upload': {
      const given = tx as Extract<Transaction, { type: 'upload' }> | undefined;
      const root = c.id(given?.root);
      const witnessIndex = c.shape(given?.witnessIndex);
      const subsectionIndex = codeU(c, given?.subsectionIndex);
      const subsectionsNumber = codeU(c, given?.subsectionsNumber);
      const proofSet = list(c, given?.proofSet, (hash) => c.id(hash));
      const numbers = { root, witnessIndex, subsectionIndex, subsectionsNumber };
      return { type, ...numbers, proofSet, ...codeChargeable(c, given) };
    }
    case 'blob': {
      const given = tx as Extract<Transaction, { type: 'blob' }> | undefined;
      const blobId = c.literal(given?.blobId);
      return {
        type,
        blobId,
        witnessIndex: c.shape(given?.witnessIndex),
        ...codeChargeable(c, given),
      };
    }
  }
}
