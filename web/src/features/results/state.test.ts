import { describe, expect, it } from 'vitest';
import { addressOf, parseAddress } from '../../lib/search';
import { countFilters, NO_FILTERS, readResults, wanted, writeResults } from './state';

const there = { from: 'JFK', to: 'LAX', on: '2026-12-05' };
const back = { from: 'LAX', to: 'JFK', on: '2026-12-12' };

describe('a list of flights in the address', () => {
  it('comes back as it was', () => {
    const address =
      '?trip=JFK.LAX.2026-12-05~LAX.JFK.2026-12-12&adults=2&children=1&infants=1&cabin=business&sort=price&stops=1&departs=06:00-12:00&arrives=18:00-24:00&airline=UD~KR&via=ATL~ORD&avoid=DFW&max=50000&minutes=600&connection=60-180&bag=1&refundable=1&chosen=off_Ab-_.0';
    const state = readResults(parseAddress(address.slice(1)));
    expect(state.legs).toEqual([there, back]);
    expect(addressOf(writeResults(state))).toBe(address);
  });

  it('reads hostile addresses as empty ones', () => {
    const state = readResults(
      parseAddress(
        'trip=<b>.jfk.2026-99-99&adults=99&children=-1&infants=8&cabin=cargo&sort=x&stops=7&max=1e9&minutes=-5&connection=x&airline=<b>~UD~UD&via=atl~DFW&chosen=evil~off_a b',
      ),
    );
    expect(state).toMatchObject({ adults: 1, children: 0, infants: 1, cabin: 'economy', sort: 'best', chosen: [] });
    expect(state.legs).toEqual([{ from: '', to: '', on: '' }]);
    expect(state.filters).toEqual({ ...NO_FILTERS, airlines: ['UD'], via: ['DFW'] });
  });

  it('counts each filter that is set once', () => {
    expect(countFilters(NO_FILTERS)).toBe(0);
    expect(countFilters({ ...NO_FILTERS, airlines: ['UD', 'KR'], maxMinutes: 600, bag: true })).toBe(3);
  });

  it('asks for what narrows it, and for nothing that does not', () => {
    const asked = (address: string) => wanted(readResults(parseAddress(address)));
    expect(asked('')).toEqual({ sort: 'best' });
    expect(asked('departs=00:00-06:00&arrives=18:00-24:00&connection=-120')).toEqual({
      sort: 'best',
      departs_before: '06:00',
      arrives_after: '18:00',
      max_connection: '120',
    });
    expect(asked('airline=UD~KR&via=ATL&avoid=DFW~ORD&minutes=600&connection=60-')).toEqual({
      sort: 'best',
      airlines: 'UD,KR',
      via: 'ATL',
      exclude_via: 'DFW,ORD',
      max_duration: 600,
      min_connection: '60',
    });
  });
});
