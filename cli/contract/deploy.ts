/** `fuelrail deploy`: a contract onto a chain. */
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { withConfigurables } from '../../sdk/abi/abi.ts';
import type { AbiValue } from '../../sdk/abi/encode.ts';
import { parseJson } from '../../sdk/abi/text.ts';
import { signPlan } from '../../sdk/client/assemble.ts';
import {
  type Deployment,
  deployedId,
  parseStorageSlots,
  planDeploy,
} from '../../sdk/client/deploy.ts';
import { readAbi, readCode, readJson } from '../files.ts';
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
import { usage } from '../wallet/errors.ts';
import { planLines, sendPlan } from './send.ts';

export type DeployFlags = WalletFlags & {
  readonly account: string;
  readonly abi?: string;
  readonly storageSlots?: string;
  readonly configurables?: string;
  readonly salt: string;
  readonly dryRun?: boolean;
};

function saltOf(text: string): B256 {
  if (text === 'random') return bytesToHex(new Uint8Array(randomBytes(32)));
  return text === '0' ? ZERO_B256 : parseId('--salt', text);
}

/** Bad files of the user's are errors of usage, whoever finds them. */
async function asInput<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code.startsWith('CLI_')) throw cause;
    throw new CodedError('CLI_ARGUMENT', cause.message, cause.context, cause);
  }
}

async function bytecodeOf(path: string, flags: DeployFlags): Promise<Uint8Array> {
  const bytecode = await readCode(path, 'the bytecode');
  if (bytecode.length === 0) usage(`${path} is empty`);
  if (flags.configurables === undefined) return bytecode;
  const abiPath = flags.abi ?? (await beside(path, '-abi.json'));
  if (abiPath === null) return usage('--configurables needs --abi, which says where they are');
  const abi = await readAbi(abiPath);
  const isInline = flags.configurables.trimStart().startsWith('{');
  const values = isInline
    ? await asInput(() => parseJson(flags.configurables ?? ''))
    : await readJson(flags.configurables, 'the configurables');
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    return usage('--configurables is an object such as {"FEE": 5}, or a file with one');
  }
  return asInput(() => withConfigurables(abi, bytecode, values as Record<string, AbiValue>));
}

/** What `forc build` writes beside the bytecode; null: it is not there. */
async function beside(bytecodePath: string, ending: string): Promise<string | null> {
  const path = `${bytecodePath.replace(/\.bin$/, '')}${ending}`;
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? path : null;
}

async function slotsOf(path: string | null): Promise<Deployment['storageSlots']> {
  if (path === null) return [];
  const json = await readJson(path, 'the storage slots');
  return asInput(() => parseStorageSlots(json));
}

/** `fuelrail deploy` */
export async function deploy(path: string, flags: DeployFlags): Promise<void> {
  const bytecode = await bytecodeOf(path, flags);
  const slotsPath = flags.storageSlots ?? (await beside(path, '-storage_slots.json'));
  const storageSlots = await slotsOf(slotsPath === 'none' ? null : slotsPath);
  const salt = saltOf(flags.salt);
  const deployment = { bytecode, salt, storageSlots };
  const about = { contractId: deployedId(deployment), salt, codeBytes: bytecode.length };
  const client = clientOf(flags);
  const index = parseIndex(flags.account);
  const from = await addressOf(flags, index);
  const plan = await planDeploy(client, from, deployment).catch((cause: unknown) => {
    const isTaken = cause instanceof CodedError && cause.code === 'CONTRACT_EXISTS';
    if (!isTaken) throw cause;
    const hint = `${about.contractId} is deployed already; for another one add --salt random`;
    throw new CodedError('CONTRACT_EXISTS', hint, {}, cause);
  });
  const lines = [
    `deploy ${bytecode.length} bytes of code`,
    slotsPath === null || slotsPath === 'none'
      ? '  storage is empty at first'
      : `  ${storageSlots.length} storage slots of ${slotsPath}`,
    `contract ${plan.contractId}`,
    ...planLines(plan),
  ].join('\n');
  const planned = { ...about, id: plan.id, maxFee: plan.maxFee, accessList: plan.access.writes };
  if (flags.dryRun) {
    print(flags, { ...planned, status: 'not sent' }, `${lines}\nnothing was sent`);
    return;
  }
  if (!flags.json) process.stdout.write(`${lines}\n`);
  await confirm('Sign and send?', flags.yes === true);
  const { secret } = await unlock(flags, index);
  const status = await sendPlan(client, plan, signPlan(plan, secret), flags);
  if (status.type === 'failure') {
    throw new CodedError('TX_FAILED', `transaction ${plan.id} failed: ${status.reason}`);
  }
  const { blockHeight, totalFee } = status;
  print(
    flags,
    { ...planned, status: status.type, blockHeight, totalFee },
    `done in block ${blockHeight}, fee ${totalFee}\ncontract ${plan.contractId}`,
  );
}
