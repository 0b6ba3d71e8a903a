/**
 * Replays whole chains that were recorded from the reference node and compares everything:
 *
 *     npm run replay -- <chain.json.gz …> [--workers N] [--vm-rules auto|0.66] [--engine E]
 *
 * Every block is executed from the recorded transactions with the fields cleared that execution
 * fills, at the recorded time, signed with the recorded key, and committed.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { LaneRunner } from '../../executor/block.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import type { BlockEnv, ExecutedTx, SealedBlock, TxToExecute } from '../../executor/ports.ts';
import { sealBlock } from '../../executor/seal.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { executeBlock } from '../../executor/validate.ts';
import { bytesToHex, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { type Address, type AssetId, ZERO_B256 } from '../../primitives/types.ts';
import { parseChainConfig } from '../../state/chainConfig.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { openChainStore } from '../../state/open.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { parseStateConfig } from '../../state/stateConfig.ts';
import type { ChainStore } from '../../state/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { computeHeader } from '../../tx/header.ts';
import { prepareForExecution, txId } from '../../tx/id.ts';
import { type LosslessJson, parseLosslessJson } from '../../tx/json.ts';
import type { ChargeableTx, MintTx } from '../../tx/types.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { rulesFor } from '../../vm/rules.ts';
import { useEngineUnderTest } from '../support/engineOption.ts';
import {
  consensusForm,
  headerForm,
  programStateForm,
  receiptForm,
  withoutNulls,
} from './chainForm.ts';
import { asArray, asObject, asString, type Json, type JsonObject, jsonDifference } from './json.ts';

/** What comes out: number of comparisons that held, and the text of those that did not. */
export type ReplayResult = { readonly passed: number; readonly failures: readonly string[] };

type Rules = 'auto' | '0.66';

/** The SDK that recorded the chains writes an empty JSON text where the bytecode should be. */
const RECORDED_BYTECODE: Uint8Array = utf8('""');

class Checks {
  passed: number = 0;
  readonly failures: string[] = [];

  equal(what: string, ours: Json | undefined, theirs: Json | undefined): void {
    const difference = jsonDifference(ours, theirs);
    if (difference === null) this.passed += 1;
    else this.failures.push(`${what}${difference}`);
  }
}

function readSnapshotOf(file: string, text: string, bytecode: Uint8Array): Snapshot {
  const lossless = parseLosslessJson(text) as { readonly [key: string]: LosslessJson };
  return {
    chainConfig: parseChainConfig(`${file}:chainConfig`, lossless['chainConfig']!, bytecode),
    stateConfig: parseStateConfig(`${file}:stateConfig`, lossless['stateConfig']!),
  };
}

function flagOf(chain: JsonObject, name: string): string {
  const flags = asArray(chain['flags']).map(String);
  return asString(flags[flags.indexOf(name) + 1], name);
}

/** As a user would have submitted it. */
function submittedForm(tx: ChargeableTx): ChargeableTx {
  const cleared = prepareForExecution(tx);
  return {
    ...cleared,
    inputs: cleared.inputs.map((input, i) => {
      const before = tx.inputs[i];
      if (input.type === 'contract' || before === undefined || before.type === 'contract') {
        return input;
      }
      // The user states the gas of predicates.
      return { ...input, predicateGasUsed: before.predicateGasUsed };
    }),
  };
}

function recordedTxs(block: JsonObject, chainId: bigint): { txs: TxToExecute[]; mint: MintTx } {
  const txs: TxToExecute[] = [];
  let mint: MintTx | null = null;
  for (const recorded of asArray(block['transactions'])) {
    const raw = hexToBytes(asString(asObject(recorded, 'transaction')['rawPayload'], 'rawPayload'));
    const { tx } = decodeTx(raw);
    if (tx.type === 'mint') mint = tx;
    else {
      const cleared = submittedForm(tx);
      const id = txId(cleared, chainId);
      txs.push({ id, tx: cleared, raw: encodeTx(cleared), verified: false });
    }
  }
  if (mint === null) throw new Error('a recorded block has no mint');
  return { txs, mint };
}

function compareTx(
  checks: Checks,
  at: string,
  ours: ExecutedTx | undefined,
  theirs: JsonObject,
): void {
  checks.equal(`${at} id`, ours?.id, theirs['id']);
  if (ours === undefined) return;
  checks.equal(`${at} raw`, bytesToHex(ours.raw), theirs['rawPayload']);
  const status = asObject(theirs['status'], 'status');
  checks.equal(
    `${at} status`,
    ours.success ? 'SuccessStatus' : 'FailureStatus',
    status['__typename'],
  );
  checks.equal(`${at} totalGas`, ours.totalGas.toString(), status['totalGas']);
  checks.equal(`${at} totalFee`, ours.totalFee.toString(), status['totalFee']);
  checks.equal(`${at} programState`, programStateForm(ours.programState), status['programState']);
  if (!ours.success) checks.equal(`${at} reason`, ours.reason, status['reason']);
  const receipts = asArray(status['receipts']).map((r) => withoutNulls(asObject(r, 'receipt')));
  checks.equal(`${at} receipts`, ours.receipts.map(receiptForm), receipts);
}

function compareBlock(checks: Checks, ours: SealedBlock, theirs: JsonObject): void {
  const at = `block ${ours.header.height}`;
  const header = asObject(theirs['header'], 'header');
  for (const [name, value] of Object.entries(headerForm(ours.header))) {
    checks.equal(`${at} ${name}`, value, header[name]);
  }
  checks.equal(`${at} consensus`, consensusForm(ours.consensus), theirs['consensus']);
  const recorded = asArray(theirs['transactions']);
  checks.equal(`${at} transaction count`, ours.transactions.length, recorded.length);
  recorded.forEach((tx, i) => {
    compareTx(checks, `${at} tx ${i}`, ours.transactions[i], asObject(tx, 'transaction'));
  });
}

async function compareBalances(
  checks: Checks,
  store: ChainStore,
  chain: JsonObject,
): Promise<void> {
  for (const row of asArray(chain['balances'])) {
    const [owner, asset, amount] = asArray(row).map(String);
    const ours = await store.balanceOf(owner as Address, asset as AssetId);
    checks.equal(`balance of ${owner} in ${asset}`, ours.toString(), amount);
  }
}

function envFor(store: ChainStore, recorded: JsonObject, mint: MintTx, rules: Rules): BlockEnv {
  const header = asObject(recorded['header'], 'header');
  const height = Number(asString(header['height'], 'height'));
  const version = Number(asString(header['consensusParametersVersion'], 'parameters version'));
  const params = store.consensusParameters(version);
  if (params === null) throw new Error(`no consensus parameters ${version}`);
  return {
    height,
    time: BigInt(asString(header['time'], 'time')),
    daHeight: BigInt(asString(header['daHeight'], 'daHeight')),
    prevRoot: store.blocksRoot(height - 1),
    gasPrice: mint.gasPrice,
    coinbaseRecipient: mint.inputContract.contractId,
    consensusParametersVersion: version,
    stateTransitionVersion: Number(asString(header['stateTransitionBytecodeVersion'], 'version')),
    params,
    rules: rulesFor(params, rules),
    utxoValidation: true,
  };
}

/** Replays one recorded chain. @throws on a file that cannot be read, and on a block that fails */
export function replay(path: string, runner: LaneRunner, rules: Rules): Promise<ReplayResult> {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return replayText(basename(path), text, { runner, rules });
}

/** As {@link replay}, from the text of the file. `bytecode`: that of the snapshot. */
export async function replayText(
  name: string,
  text: string,
  how: {
    readonly runner: LaneRunner;
    readonly rules: Rules;
    readonly bytecode?: Uint8Array;
    /** The recording node was built without a relayer: its inbox root is zero. */
    readonly isWithoutRelayer?: boolean;
  },
): Promise<ReplayResult> {
  const { runner, rules, bytecode = RECORDED_BYTECODE, isWithoutRelayer = false } = how;
  const chain = JSON.parse(text) as JsonObject;
  const checks = new Checks();
  const genesis = genesisBlock(readSnapshotOf(name, text, bytecode));
  const [first, ...rest] = asArray(chain['blocks']).map((block) => asObject(block, 'block'));
  compareBlock(checks, genesis, first!);
  const store = await (await openChainStore({ engine: 'memory' })).initialise(genesis);
  const secret = hexToBytes(flagOf(chain, '--consensus-key'));
  try {
    for (const recorded of rest) {
      const version = store.latest.consensusParametersVersion;
      const { chainId } = store.consensusParameters(version)!;
      const { txs, mint } = recordedTxs(recorded, chainId);
      const env = envFor(store, recorded, mint, rules);
      const executed = await executeBlock(env, txs, store, runner);
      const header = isWithoutRelayer
        ? computeHeader({ ...executed.header, eventInboxRoot: ZERO_B256 })
        : executed.header;
      const block = sealBlock({ ...executed, header }, secret);
      compareBlock(checks, block, recorded);
      await store.commitBlock(block);
    }
    await compareBalances(checks, store, chain);
  } finally {
    await store.close();
  }
  return { passed: checks.passed, failures: checks.failures };
}

/** Failures that are printed for one file. */
const SHOWN_MAX = 10;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      workers: { type: 'string', default: '0' },
      'vm-rules': { type: 'string', default: 'auto' },
      engine: { type: 'string' },
      'engine-seed': { type: 'string' },
    },
  });
  const workerCount = Number(values.workers);
  const rules = values['vm-rules'];
  if (positionals.length === 0 || (rules !== 'auto' && rules !== '0.66')) {
    console.error(
      'usage: replay <chain.json.gz …> [--workers N] [--vm-rules auto|0.66] ' +
        '[--engine auto|interpreter|jit|random] [--engine-seed N]',
    );
    process.exit(2);
  }
  useEngineUnderTest(process.argv.slice(2));
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const runner =
    workerCount > 0
      ? createPoolRunner(
          { workerCount, workerUrl, use: 'always', batchTxCountMax: 4 },
          { partition: partitionByAccess },
        )
      : createSerialRunner();
  let passed = 0;
  let failed = 0;
  for (const path of positionals) {
    const result = await replay(path, runner, rules);
    for (const failure of result.failures.slice(0, SHOWN_MAX)) console.log(`  ${failure}`);
    console.log(`${basename(path)}: ${result.passed} passed, ${result.failures.length} failed`);
    passed += result.passed;
    failed += result.failures.length;
  }
  console.log(`${passed} passed, ${failed} failed`);
  await runner.close();
  process.exit(failed === 0 ? 0 : 1);
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(basename(process.argv[1]))) {
  await main();
}
