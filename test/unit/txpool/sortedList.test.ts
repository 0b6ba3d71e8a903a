import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_MAX, SortedList, type Verdict } from '../../../txpool/sortedList.ts';
import { mulberry } from '../../support/random.ts';

const SEED = 5_150;

test(`equals a sorted array, through splits and emptied chunks (seed ${SEED})`, () => {
  const random = mulberry(SEED);
  const list = new SortedList<number>((a, b) => a - b);
  let model: number[] = [];
  const valueMax = CHUNK_MAX * 6;
  for (let step = 0; step < 12_000; step += 1) {
    const value = Math.floor(random() * valueMax);
    const what = random();
    if (what < (step < 8_000 ? 0.75 : 0.2)) {
      list.add(value);
      if (!model.includes(value)) model.push(value);
    } else if (what < 0.999) {
      list.remove(value);
      model = model.filter((each) => each !== value);
    } else {
      const taken: number[] = [];
      const stopAt = Math.floor(random() * valueMax);
      const verdictOn = (each: number): Verdict =>
        each >= stopAt ? 'stop' : each % 3 === 0 ? 'keep' : 'take';
      list.sweep((each) => {
        const verdict = verdictOn(each);
        if (verdict === 'take') taken.push(each);
        return verdict;
      });
      assert.ok(taken.every((each, i) => i === 0 || each > (taken[i - 1] as number)));
      model = model.filter((each) => verdictOn(each) !== 'take');
    }
    if (step % 500 > 0) continue;
    model.sort((a, b) => a - b);
    assert.deepEqual([...list], model);
    assert.deepEqual([...list.backwards()].reverse(), model);
    assert.equal(list.length, model.length);
    assert.equal(list.has(value), model.includes(value));
  }
  assert.ok(model.length > CHUNK_MAX, 'several chunks were there');
});

test('a sweep that takes everything leaves an empty list', () => {
  const list = new SortedList<number>((a, b) => a - b);
  for (let i = 0; i < CHUNK_MAX * 3; i += 1) list.add(i);
  list.sweep(() => 'take');
  assert.equal(list.length, 0);
  assert.deepEqual([...list], []);
  list.add(1);
  assert.deepEqual([...list], [1]);
});
