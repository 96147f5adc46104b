import { describe, expect, it } from 'vitest';
import { addressOf, asKind, isComplete, kindOf, parseAddress, readQuery, readResults, writeResults } from './search';

const there = { from: 'JFK', to: 'LAX', on: '2026-12-05' };
const back = { from: 'LAX', to: 'JFK', on: '2026-12-12' };

describe('a search in the address', () => {
  it('comes back as it was', () => {
    const address =
      '?trip=JFK.LAX.2026-12-05~LAX.JFK.2026-12-12&adults=2&children=1&infants=1&cabin=business&sort=price&stops=1&departs=06:00-12:00&airline=UD&max=50000&bag=1&refundable=1&chosen=off_Ab-_.0';
    const state = readResults(parseAddress(address.slice(1)));
    expect(state.legs).toEqual([there, back]);
    expect(addressOf(writeResults(state))).toBe(address);
  });

  it('reads hostile addresses as empty ones', () => {
    const state = readResults(
      parseAddress(
        'trip=<b>.jfk.2026-99-99&adults=99&children=-1&infants=8&cabin=cargo&sort=x&stops=7&max=1e9&chosen=evil~off_a b',
      ),
    );
    expect(state).toMatchObject({ adults: 1, children: 0, infants: 1, cabin: 'economy', sort: 'best', chosen: [] });
    expect(state.legs).toEqual([{ from: '', to: '', on: '' }]);
    expect(state.filters.stops).toBeUndefined();
  });

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
