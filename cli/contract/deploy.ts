/** `fuelrail deploy`: a contract onto a chain. */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Address, type B256, ZERO_B256 } from '../../primitives/types.ts';
import { signPlan } from '../../sdk/client/assemble.ts';
import { type Blob, getCodeLimits, hasBlob, planBlob, splitCode } from '../../sdk/client/blobs.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import {
  type Deployment,
  type DeployPlan,
  parseStorageSlots,
  planDeploy,
} from '../../sdk/client/deploy.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { readJson } from '../files.ts';
import { progressOnTerminal } from '../progress.ts';
import { confirm } from '../wallet/ask.ts';
import {
  addressOf,
  clientOf,
  parseId,
  parseIndex,
  print,
  unlock,
  type WalletFlags,
} from '../wallet/context.ts';
import { explainMissing } from '../wallet/funds.ts';
import { asInput, beside, readBytecode } from './configurables.ts';
import { planLines, sendPlan } from './send.ts';

export type DeployFlags = WalletFlags & {
  readonly account: string;
  readonly abi?: string;
  readonly storageSlots?: string;
  readonly configurables?: string;
  readonly salt: string;
  readonly dryRun?: boolean;
  readonly blobs?: boolean;
};

type ChargeablePlan = Parameters<typeof signPlan>[0];

function saltOf(text: string): B256 {
  if (text === 'random') return bytesToHex(new Uint8Array(randomBytes(32)));
  return text === '0' ? ZERO_B256 : parseId('--salt', text);
}

async function slotsOf(path: string | null): Promise<Deployment['storageSlots']> {
  if (path === null) return [];
  const json = await readJson(path, 'the storage slots');
  return asInput(() => parseStorageSlots(json));
}

type Account = {
  readonly client: Client;
  readonly from: Address;
  readonly flags: DeployFlags;
};

/** What is deployed: the code itself, or a loader of blobs that the chain may have already. */
async function piecesOf(
  client: Client,
  bytecode: Uint8Array,
  flags: DeployFlags,
): Promise<{ code: Uint8Array; missing: readonly Blob[] }> {
  const limits = await getCodeLimits(client);
  const fits = bytecode.length <= limits.contractBytesMax;
  if (fits && flags.blobs !== true) return { code: bytecode, missing: [] };
  const { loader, blobs } = splitCode(bytecode, limits.blobBytesMax);
  const different = new Map(blobs.map((blob) => [blob.id, blob]));
  const missing: Blob[] = [];
  for (const blob of different.values()) {
    if (!(await hasBlob(client, blob.id))) missing.push(blob);
  }
  return { code: loader, missing };
}

/** Errors of planning, as one reads them here. */
const explained =
  (client: Client) =>
  async (cause: unknown): Promise<never> => {
    const isTaken = cause instanceof CodedError && cause.code === 'CONTRACT_EXISTS';
    if (!isTaken) return explainMissing(cause, (await getChainInfo(client)).baseAssetId);
    const hint = `${cause.message.split(' ')[0]} is deployed already; for another one add --salt random`;
    throw new CodedError('CONTRACT_EXISTS', hint, {}, cause);
  };

async function send(
  { client, flags }: Account,
  plan: ChargeablePlan,
  secret: Uint8Array,
): Promise<{ blockHeight: number; totalFee: bigint }> {
  const status = await sendPlan(client, plan, signPlan(plan, secret), flags);
  if (status.type === 'success') return status;
  throw new CodedError('TX_FAILED', `transaction ${plan.id} failed: ${status.reason}`);
}

/** Brings the blobs onto the chain, one after the other. @returns the fees */
async function sendBlobs(
  account: Account,
  blobs: readonly Blob[],
  secret: Uint8Array,
): Promise<bigint> {
  const progress = progressOnTerminal({ total: blobs.length, unit: 'blobs' });
  let fees = 0n;
  for (const blob of blobs) {
    const plan = await planBlob(account.client, account.from, blob).catch(
      explained(account.client),
    );
    progress.hide();
    fees += (await send(account, plan, secret)).totalFee;
    progress.advance(1);
  }
  progress.end();
  return fees;
}

/** `fuelrail deploy` */
export async function deploy(path: string, flags: DeployFlags): Promise<void> {
  const bytecode = await readBytecode(path, flags);
  const slotsPath = flags.storageSlots ?? (await beside(path, '-storage_slots.json'));
  const storageSlots = await slotsOf(slotsPath === 'none' ? null : slotsPath);
  const salt = saltOf(flags.salt);
  const client = clientOf(flags);
  const index = parseIndex(flags.account);
  const from = await addressOf(flags, index);
  const account = { client, from, flags };
  const { code, missing } = await piecesOf(client, bytecode, flags);
  const deployment = { bytecode: code, salt, storageSlots };
  const planContract = (): Promise<DeployPlan> =>
    planDeploy(client, from, deployment).catch(explained(client));
  const plan = await planContract();
  const isSplit = code !== bytecode;
  const lines = [
    `deploy ${bytecode.length} bytes of code`,
    ...(isSplit
      ? [`  in blobs, of which the chain lacks ${missing.length}; each costs a fee`]
      : []),
    slotsPath === null || slotsPath === 'none'
      ? '  storage is empty at first'
      : `  ${storageSlots.length} storage slots of ${slotsPath}`,
    `contract ${plan.contractId}`,
    ...planLines(plan),
  ].join('\n');
  const planned = {
    contractId: plan.contractId,
    salt,
    codeBytes: bytecode.length,
    blobs: missing.map(({ id }) => id),
    id: plan.id,
    maxFee: plan.maxFee,
    accessList: plan.access.writes,
  };
  if (flags.dryRun) {
    print(flags, { ...planned, status: 'not sent' }, `${lines}\nnothing was sent`);
    return;
  }
  if (!flags.json) process.stdout.write(`${lines}\n`);
  await confirm('Sign and send?', flags.yes === true);
  const { secret } = await unlock(flags, index);
  const blobFees = await sendBlobs(account, missing, secret);
  // The blobs spent the coins that the plan counted on.
  const last = missing.length === 0 ? plan : await planContract();
  const { blockHeight, totalFee } = await send(account, last, secret);
  const fee = totalFee + blobFees;
  print(
    flags,
    { ...planned, id: last.id, status: 'success', blockHeight, totalFee: fee },
    `done in block ${blockHeight}, fee ${fee}\ncontract ${plan.contractId}`,
  );
}
