/** Files that people hand to commands: bytecode, JSON, ABIs. */
import { readFile } from 'node:fs/promises';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { type Abi, parseAbi } from '../sdk/abi/abi.ts';
import { parseJson } from '../sdk/abi/text.ts';

const HEX_TEXT = /^\s*(0x)?([0-9a-f]{2})+\s*$/i;

async function read(path: string, what: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (code ?? String(cause));
    throw new CodedError('CLI_FILE', `cannot read ${what} ${path}: ${why}`, { path }, cause);
  }
}

/** A file of bytes or of hex. @throws CodedError CLI_FILE */
export async function readCode(path: string, what: string): Promise<Uint8Array> {
  const bytes = await read(path, what);
  const text = new TextDecoder('latin1').decode(bytes);
  return HEX_TEXT.test(text) ? hexToBytes(text.trim()) : bytes;
}

/** @throws CodedError CLI_FILE also when it is no JSON; integers beyond 2^53 are `bigint` */
export async function readJson(path: string, what: string): Promise<unknown> {
  const text = new TextDecoder().decode(await read(path, what));
  try {
    return parseJson(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('CLI_FILE', `${what} ${path}: ${why}`, { path }, cause);
  }
}

/** @throws CodedError CLI_FILE when it cannot be read or is no ABI */
export async function readAbi(path: string): Promise<Abi> {
  const json = await readJson(path, 'the ABI');
  try {
    return parseAbi(json);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new CodedError('CLI_FILE', `${path}: ${cause.message}`, { path }, cause);
  }
}
