/** The door for applications. */
export { createNode } from './createNode.ts';
export type { CreateNodeOptions, EmbeddedNode, FundedAccount } from './createNode.ts';
export { CodedError } from '../primitives/errors.ts';
export { accessListOf } from '../tx/access.ts';
export type { AccessList } from '../tx/access.ts';
