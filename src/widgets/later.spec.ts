import { isSameQuestion, laterOf } from './later';

const OLD = { filter: 'a', snapshot: { at: 1 }, note: null };

describe('isSameQuestion', () => {
  it('should look at neither snapshot, nor note, nor the order of keys', () => {
    const kept = { note: 'kept', snapshot: null, filter: 'a' };
    expect(isSameQuestion(OLD, kept)).toBe(true);
    expect(isSameQuestion(OLD, { ...OLD, filter: 'b' })).toBe(false);
    expect(isSameQuestion(undefined, null)).toBe(true);
    expect(isSameQuestion(OLD, null)).toBe(false);
  });
});

describe('laterOf', () => {
  it('should be what a page has kept since, of the same question', () => {
    const kept = { ...OLD, snapshot: { at: 2 }, selection: 'a1' };
    expect(laterOf(kept, OLD)).toBe(kept);
    expect(laterOf(OLD, kept)).toBe(kept);
    const other = { ...OLD, filter: 'b' };
    expect(laterOf(kept, other)).toBe(other);
    const none = { ...OLD, snapshot: null };
    expect(laterOf(kept, none)).toBe(kept);
    expect(laterOf({ ...OLD, snapshot: 'none' }, OLD)).toBe(OLD);
  });
});
