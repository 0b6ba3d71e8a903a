/**
 * Why a transaction is not included: the executor's error texts, which users see as the reason of
 * a squeezed-out transaction and clients match.
 *
 * @source fuel-core-types 0.48.2, display forms
 */
import type { BlockHeight, ContractId, Nonce, TxId, UtxoKey } from '../primitives/types.ts';

/** Texts by the reference's names. */
export const skipText = {
  transactionIdCollision: (id: TxId): string => `Transaction id was already used: ${id}`,
  transactionExpired: (expiration: bigint, height: BlockHeight): string =>
    `The expiration block height ${expiration} of the transaction is more than the current ` +
    `block height ${height}`,
  coinMismatch: (key: UtxoKey): string =>
    `The input coin(${key}) doesn't match the coin from database`,
  coinDoesNotExist: (key: UtxoKey): string => `The specified coin(${key}) doesn't exist`,
  messageSpendTooEarly: (nonce: Nonce): string =>
    `Message(${nonce}) is not yet spendable, as it's DA height is newer than this block allows`,
  messageMissing: (nonce: Nonce): string =>
    `The specified message(${nonce}) doesn't exist, possibly because it was already spent`,
  messageMismatch: (nonce: Nonce): string =>
    `The input message(${nonce}) doesn't match the relayer message`,
  messageAlreadySpent: (nonce: Nonce): string => `message already spent ${nonce}`,
  contractDoesNotExist: (id: ContractId): string => `The specified contract(${id}) doesn't exist`,
  outputAlreadyExists: 'output already exists',
  feeOverflow: 'The computed fee caused an integer overflow',
  gasOverflow: (reason: string, augend: bigint, addend: bigint): string =>
    `The computed gas caused an integer overflow. reason: ${reason}, Augend: ${augend}, ` +
    `Addend: ${addend}`,
  insufficientMaxFee: (fromPolicies: bigint, fromGasPrice: bigint): string =>
    `InsufficientMaxFee { max_fee_from_policies: ${fromPolicies}, ` +
    `max_fee_from_gas_price: ${fromGasPrice} }`,
  /** `error`: the interpreter's display text. */
  vmExecution: (id: TxId, error: string): string =>
    `Transaction(${id}) execution error: "Execution error: ${error}"`,
  /** `debug`: one-line debug form of the check error. */
  validity: (debug: string): string => `Transaction validity: ${prettyDebug(debug)}`,
  workerDied: 'EXECUTION_WORKER_DIED: the transaction ended two execution threads; not included',
} as const;

/** Rust's `{:#?}` form of a value, from its `{:?}` form. Texts in quotes are left alone. */
export function prettyDebug(debug: string): string {
  let out = '';
  let depth = 0;
  let quoted = false;
  const newLine = (): string => `\n${'    '.repeat(depth)}`;
  for (let i = 0; i < debug.length; i += 1) {
    const c = debug.charAt(i);
    if (c === '"' && debug.charAt(i - 1) !== '\\') quoted = !quoted;
    if (quoted) out += c;
    else if ((c === '{' && debug.startsWith('{ ', i)) || c === '(' || c === '[') {
      depth += 1;
      out += c + newLine();
      if (c === '{') i += 1;
    } else if (c === ',' && debug.charAt(i + 1) === ' ') {
      out += c + newLine();
      i += 1;
    } else if (c === ' ' && debug.charAt(i + 1) === '}') {
      depth -= 1;
      out += `,${newLine()}}`;
      i += 1;
    } else if (c === ')' || c === ']') {
      depth -= 1;
      out += `,${newLine()}${c}`;
    } else out += c;
  }
  return out;
}
