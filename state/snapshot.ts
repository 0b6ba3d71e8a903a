/**
 * A snapshot directory: metadata, chain configuration, state.
 * @source fuel-core-chain-config 0.48.2 (behaviour)
 */

import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CodedError } from '../primitives/errors.ts';
import { type LosslessJson, parseLosslessJson } from '../tx/json.ts';
import type { ChainConfig } from './chainConfig.ts';
import { parseChainConfig } from './chainConfig.ts';
import {
  isPresent,
  type Located,
  member,
  parseLargeJson,
  snapshotInvalid,
  textOf,
} from './jsonFields.ts';
import type { ImportListener, StateConfig } from './stateConfig.ts';
import { parseStateConfig } from './stateConfig.ts';

export type Snapshot = { readonly chainConfig: ChainConfig; readonly stateConfig: StateConfig };

const METADATA_FILE = 'metadata.json';
const BYTECODE_FILE = 'state_transition_bytecode.wasm';

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function readJson(path: string, parse: (text: string) => LosslessJson): LosslessJson {
  const file = basename(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw snapshotInvalid(file, '', `cannot be read: ${why}; check the --snapshot directory`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw snapshotInvalid(file, '', `is not JSON: ${error.message}`);
  }
}

function readBytecode(chainConfigPath: string): Uint8Array {
  const path = join(dirname(chainConfigPath), BYTECODE_FILE);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (isMissing(error)) return new Uint8Array(0);
    const why = error instanceof Error ? error.message : String(error);
    throw snapshotInvalid(BYTECODE_FILE, '', `cannot be read: ${why}`);
  }
}

/**
 * Reads a snapshot directory whole.
 * @param tell hears how far it is
 * @throws CodedError SNAPSHOT_INVALID; its message names the file, the field, and what it must be
 */
export function readSnapshot(dir: string, tell?: ImportListener): Snapshot {
  const metadata: Located = {
    file: METADATA_FILE,
    path: '',
    value: readJson(join(dir, METADATA_FILE), parseLosslessJson),
  };
  const encoding = member(metadata, 'table_encoding');
  const json = member(encoding, 'Json');
  if (!isPresent(json)) {
    throw snapshotInvalid(
      METADATA_FILE,
      'table_encoding',
      'must have the member Json; export the snapshot in the JSON encoding',
    );
  }
  const chainPath = resolve(dir, textOf(member(metadata, 'chain_config')));
  const statePath = resolve(dir, textOf(member(json, 'filepath')));
  return {
    chainConfig: parseChainConfig(
      basename(chainPath),
      readJson(chainPath, parseLosslessJson),
      readBytecode(chainPath),
    ),
    stateConfig: parseStateConfig(basename(statePath), readJson(statePath, parseLargeJson), tell),
  };
}
