/** Where things lie below a node's directory. */
import { join } from 'node:path';

/** The database. */
export function statePath(dbPath: string): string {
  return join(dbPath, 'state');
}

/** Translated code. */
export function modulesPath(dbPath: string): string {
  return join(dbPath, 'modules');
}

/** The state tree. */
export function stateTreePath(dbPath: string): string {
  return join(dbPath, 'state-tree');
}

/** What was read from Ethereum. */
export function relayerPath(dbPath: string): string {
  return join(dbPath, 'relayer');
}

/** What the committer has sent to Ethereum. */
export function committerPath(dbPath: string): string {
  return join(dbPath, 'committer', 'lane.jsonl');
}

/** The local DA layer. */
export function daPath(dbPath: string): string {
  return join(dbPath, 'da');
}

/** What is on its way to a DA layer. */
export function daJournalPath(dbPath: string, layer: string): string {
  return join(dbPath, 'da-journal', layer);
}

/** How far a follower has read a DA layer. */
export function daCursorPath(dbPath: string, layer: string): string {
  return join(dbPath, `da-follow-${layer}.json`);
}
