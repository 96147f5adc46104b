import { describe, expect, it } from 'vitest';
import { asKind, isComplete, kindOf, readQuery } from './search';

const there = { from: 'JFK', to: 'LAX', on: '2026-12-05' };
const back = { from: 'LAX', to: 'JFK', on: '2026-12-12' };

describe('a search in the address', () => {
  it('keeps a party within what can be sold', () => {
    const party = readQuery({ trip: '', adults: '5', children: '9', infants: '9' });
    expect(party).toMatchObject({ adults: 5, children: 4, infants: 5 });
  });

  it('has six legs at most', () => {
    expect(readQuery({ trip: 'A.B.C~'.repeat(9) }).legs).toHaveLength(6);
  });
});

describe('kinds of trips', () => {
  it('are told by their legs', () => {
    expect(kindOf([there])).toBe('one-way');
    expect(kindOf([there, back])).toBe('return');
    expect(kindOf([there, { ...back, to: 'BOS' }])).toBe('multi');
  });
  it('turn into each other', () => {
    expect(asKind([there], 'return')).toEqual([there, { ...back, on: '2026-12-12' }]);
    expect(asKind([there, back], 'one-way')).toEqual([there]);
    expect(asKind([there, back], 'multi')).toEqual([there, { ...back, to: '' }]);
  });
  it('are complete when every leg is, in the order of dates', () => {
    const query = { adults: 1, children: 0, infants: 0, cabin: 'economy' as const };
    expect(isComplete({ ...query, legs: [there, back] })).toBe(true);
    expect(isComplete({ ...query, legs: [there, { ...back, on: '2026-12-01' }] })).toBe(false);
    expect(isComplete({ ...query, legs: [{ ...there, to: 'JFK' }] })).toBe(false);
  });
});
