/** The reference's words for a missing row; older SDKs look for them. */
import { CodedError, type ErrorContext } from '../../primitives/errors.ts';

export function notFound(table: string, context: ErrorContext = {}): CodedError {
  const name = `fuel_core_storage::tables::${table}`;
  return new CodedError('NOT_FOUND', `resource was not found in table \`${name}\``, context);
}
