/** Bytecode with constants that the command line sets, and what lies beside it. */
import { access } from 'node:fs/promises';
import { CodedError } from '../../primitives/errors.ts';
import { type Abi, withConfigurables } from '../../sdk/abi/abi.ts';
import type { AbiValue } from '../../sdk/abi/encode.ts';
import { parseJson } from '../../sdk/abi/text.ts';
import { readAbi, readCode, readJson } from '../files.ts';
import { usage } from '../wallet/errors.ts';

export type BytecodeFlags = { readonly abi?: string; readonly configurables?: string };

/** Bad files and values of the user's are errors of usage, whoever finds them. */
export async function asInput<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code.startsWith('CLI_')) throw cause;
    throw new CodedError('CLI_ARGUMENT', cause.message, cause.context, cause);
  }
}

/** What `forc build` writes beside the bytecode; null: it is not there. */
export async function beside(bytecodePath: string, ending: string): Promise<string | null> {
  const path = `${bytecodePath.replace(/\.bin$/, '')}${ending}`;
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? path : null;
}

/** The ABI of the bytecode: the one that is named, or the one beside it; null: none. */
export async function abiOf(path: string, named: string | undefined): Promise<Abi | null> {
  const found = named ?? (await beside(path, '-abi.json'));
  return found === null ? null : readAbi(found);
}

/** @throws CodedError CLI_FILE, CLI_USAGE, CLI_ARGUMENT */
export async function readBytecode(path: string, flags: BytecodeFlags): Promise<Uint8Array> {
  const bytecode = await readCode(path, 'the bytecode');
  if (bytecode.length === 0) usage(`${path} is empty`);
  const { configurables } = flags;
  if (configurables === undefined) return bytecode;
  const abi = await abiOf(path, flags.abi);
  if (abi === null) return usage('--configurables needs --abi, which says where they are');
  const values = configurables.trimStart().startsWith('{')
    ? await asInput(() => parseJson(configurables))
    : await readJson(configurables, 'the configurables');
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    return usage('--configurables is an object such as {"FEE": 5}, or a file with one');
  }
  return asInput(() => withConfigurables(abi, bytecode, values as Record<string, AbiValue>));
}
