/**
 * The pool's refusals. Codes are API; texts are those of the reference, because clients match on
 * them: a submit error's message and the reason of a squeezed-out status.
 *
 * | code                | meaning                                             |       |
 * |---------------------|-----------------------------------------------------|-------|
 * | POOL_BLACKLISTED    | an input is on the operator's blacklist             | final |
 * | POOL_COLLIDED       | the pool holds a better one for the same thing      | retry |
 * | POOL_DEPENDENCY     | its place in the chain of pool transactions is bad  | retry |
 * | POOL_DUPLICATE      | already in the pool or in a block                   | final |
 * | POOL_FULL           | no room, and nothing cheaper to remove              | retry |
 * | POOL_INPUT          | an input does not exist or does not match           | final |
 * | POOL_INVALID        | breaks the protocol's rules                         | final |
 * | POOL_MAX_FEE        | max fee below the price of the next block           | retry |
 * | POOL_MINT           | users cannot mint                                   | final |
 * | POOL_QUEUE_FULL     | too many are being verified                         | retry |
 * | POOL_SPENT          | the input was spent a moment ago                    | final |
 * | POOL_STOPPED        | the node is going down                              | retry |
 * | POOL_WASM           | upgrade to a bytecode that is absent or bad         | final |
 *
 * @source texts: fuel-core 0.48.2, fuel-core-txpool
 */
import { CodedError } from '../primitives/errors.ts';
import type { BlobId, ContractId, Hex, Nonce, TxId, UtxoKey } from '../primitives/types.ts';

/** Ids in `(id: …)` print without their prefix. */
function bare(id: Hex): string {
  return id.slice(2);
}

function input(text: string): CodedError {
  return new CodedError('POOL_INPUT', `Transaction input validation failed: ${text}`);
}
function dependency(text: string): CodedError {
  return new CodedError('POOL_DEPENDENCY', `Transaction dependency error: ${text}`);
}
function collided(text: string): CodedError {
  return new CodedError('POOL_COLLIDED', `Transaction collided: ${text}`);
}
function blacklisted(text: string): CodedError {
  return new CodedError('POOL_BLACKLISTED', `Blacklisted error: ${text}`);
}
const better = 'already exists and is more worth it';

/** One function per refusal; each returns the error for the caller to throw. */
export const refusal = {
  mint: (): CodedError => new CodedError('POOL_MINT', 'Mint transaction is not allowed'),
  /** `debug`: the reference's debug text of the check error. */
  invalid: (debug: string): CodedError =>
    new CodedError('POOL_INVALID', `Invalid transaction data: ${debug}`),
  maxFee: (minimalGasPrice: bigint, maxGasPrice: bigint): CodedError =>
    new CodedError(
      'POOL_MAX_FEE',
      "The provided max fee can't cover the transaction cost. " +
        `The minimal gas price should be ${minimalGasPrice}, while it is ${maxGasPrice}`,
      { minimalGasPrice, maxGasPrice },
    ),
  wasm: (fault: string): CodedError =>
    new CodedError('POOL_WASM', `Error with Wasm validity: ${fault}`),
  maxGasZero: (): CodedError => input("Max gas can't be 0"),
  duplicate: (id: TxId): CodedError =>
    new CodedError(
      'POOL_DUPLICATE',
      `Transaction input validation failed: Transaction id already exists (id: ${bare(id)})`,
    ),
  full: (): CodedError =>
    new CodedError('POOL_FULL', 'Pool limit is hit, try to increase gas_price'),
  queueFull: (): CodedError =>
    new CodedError('POOL_QUEUE_FULL', 'Request failed to be sent because service queue is full'),
  stopped: (): CodedError =>
    new CodedError('POOL_STOPPED', 'Unable send a request because service is closed'),

  blacklistedCoin: (key: UtxoKey): CodedError =>
    blacklisted(`The UTXO \`${bare(key)}\` is blacklisted`),
  blacklistedOwner: (address: Hex): CodedError =>
    blacklisted(`The owner \`${bare(address)}\` is blacklisted`),
  blacklistedContract: (id: ContractId): CodedError =>
    blacklisted(`The contract \`${bare(id)}\` is blacklisted`),
  blacklistedMessage: (nonce: Nonce): CodedError =>
    blacklisted(`The message \`${bare(nonce)}\` is blacklisted`),

  wrongOwner: (): CodedError =>
    input('Input output mismatch. Coin owner is different from expected input'),
  wrongAmount: (): CodedError =>
    input('Input output mismatch. Coin output does not match expected input'),
  wrongAssetId: (): CodedError =>
    input('Input output mismatch. Coin output asset_id does not match expected inputs'),
  contractOutput: (): CodedError =>
    input('Input output mismatch. Expected coin but output is contract'),
  changeOrVariable: (): CodedError => input('Input dependent on a Change or Variable output'),
  coinMismatch: (): CodedError => input('Input coin does not match the values from database'),
  messageMismatch: (): CodedError => input('Input message does not match the values from database'),
  messageUnknown: (nonce: Nonce): CodedError =>
    input(`Message id ${nonce} does not match any received message from the DA layer.`),
  blobTaken: (id: BlobId): CodedError => input(`BlobId is already taken ${id}`),
  coinMissing: (key: UtxoKey): CodedError => input(`UTXO (id: ${bare(key)}) does not exist`),
  contractMissing: (id: ContractId): CodedError => input(`UTXO input does not exist: ${id}`),
  coinSpent: (key: UtxoKey): CodedError =>
    new CodedError('POOL_SPENT', `The UTXO input ${key} was already spent`),
  messageSpent: (nonce: Nonce): CodedError =>
    new CodedError('POOL_SPENT', `The message input ${nonce} was already spent`),

  collisionIsDependency: (): CodedError => dependency('Collision is also a dependency'),
  chainTooBig: (): CodedError => dependency('Transaction chain dependency is already too big'),
  diamond: (): CodedError =>
    dependency(
      'The dependent transaction creates a diamond problem, ' +
        'causing cycles in the dependency graph.',
    ),
  dependsOnBlob: (): CodedError => dependency('The transaction depends on a blob transaction'),

  collidedCoin: (key: UtxoKey): CodedError =>
    collided(`Transaction with the same UTXO (id: ${bare(key)}) ${better}`),
  collidedContract: (id: ContractId): CodedError =>
    collided(`Transaction that create the same contract (id: ${bare(id)}) ${better}`),
  collidedBlob: (id: BlobId): CodedError =>
    collided(`Transaction that use the same blob (id: ${bare(id)}) ${better}`),
  collidedMessage: (nonce: Nonce): CodedError =>
    collided(`Transaction that use the same message (id: ${bare(nonce)}) ${better}`),
  collidedMany: (): CodedError =>
    collided('This transaction have dependencies and is colliding with multiple transactions'),
} as const;

/** Reasons of squeezed-out statuses. */
export const squeezedOutReason = {
  /** `by`: the transaction that took its place. */
  lessWorth: (by: TxId): string =>
    'Transaction is removed: Transaction was removed because it was less worth than a new one ' +
    `(id: ${bare(by)}) that has been inserted`,
  expired: (): string =>
    'Transaction is removed: Transaction expired because it exceeded the configured ' +
    'time to live `tx-pool-ttl`.',
  /** `error`: the executor's text. */
  skipped: (error: string): string =>
    `Transaction has been skipped during block insertion: ${error}`,
  parentSkipped: (parent: TxId, error: string): string =>
    'Transaction has been skipped during block insertion: ' +
    `Parent transaction with id: ${bare(parent)}, was removed because of: ${error}`,
} as const;
