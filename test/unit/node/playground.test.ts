/** The page draws types by introspection; it must ask deep enough for the deepest of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, type GraphQLType, isListType, isNonNullType, isObjectType } from 'graphql';
import { SDL } from '../../../node/graphql/schema.ts';
import { PLAYGROUND_HTML } from '../../../node/playground.ts';

function wrappings(type: GraphQLType): number {
  return isListType(type) || isNonNullType(type) ? 1 + wrappings(type.ofType) : 0;
}

test('the introspection of the page reaches the name below every list and non-null', () => {
  const schema = buildSchema(SDL);
  let deepest = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      deepest = Math.max(
        deepest,
        wrappings(field.type),
        ...field.args.map((a) => wrappings(a.type)),
      );
    }
  }
  const fragment = PLAYGROUND_HTML.slice(PLAYGROUND_HTML.indexOf('fragment T on __Type'));
  const asked = [...fragment.slice(0, fragment.indexOf(';')).matchAll(/ofType/g)].length;
  assert.ok(asked >= deepest, `asks ${asked} levels, the schema has ${deepest}`);
});

test('the page asks for no icon', () => {
  assert.match(PLAYGROUND_HTML, /<link rel="icon" href="data:,">/);
});
