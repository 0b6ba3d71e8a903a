/** Errors of the wallet's command line. Codes that begin with `CLI_` end the program with 2. */
import { CodedError } from '../../primitives/errors.ts';

/** @throws CodedError CLI_USAGE always */
export function usage(message: string): never {
  throw new CodedError('CLI_USAGE', message);
}
