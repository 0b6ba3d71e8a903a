/** The project's own contracts, as they are committed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from './anvil.ts';
import { ROOT } from './nodeProcess.ts';

const artifact = (name: string): Artifact =>
  JSON.parse(
    readFileSync(join(ROOT, 'settlement', 'contracts', 'artifacts', `${name}.json`), 'utf8'),
  ) as Artifact;

export const SETTLEMENT: Artifact = artifact('Settlement');
export const INBOX: Artifact = artifact('Inbox');
export const PROBE: Artifact = artifact('Probe');
