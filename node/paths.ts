/** Where things lie below a node's directory. */
import { join } from 'node:path';

/** The database. */
export function statePath(dbPath: string): string {
  return join(dbPath, 'state');
}

/** The local DA layer. */
export function daPath(dbPath: string): string {
  return join(dbPath, 'da');
}
