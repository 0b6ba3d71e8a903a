/** The door for applications. */

export { CodedError } from '../primitives/errors.ts';
export type { AccessList } from '../tx/access.ts';
export { accessListOf } from '../tx/access.ts';
export type { CreateNodeOptions, EmbeddedNode, FundedAccount } from './createNode.ts';
export { createNode } from './createNode.ts';
