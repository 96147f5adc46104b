import { describe, expect, test } from 'vitest';
import { isComplete, numberOf, readAsked, writeAsked } from './state';

const TODAY = '2026-12-01';

describe('what flights are looked up', () => {
  test('a number is known however it is typed', () => {
    for (const typed of ['KR1', 'kr1', ' kr 001 ', 'KR-0001']) expect(numberOf(typed)).toBe('KR1');
    expect(numberOf('6e123')).toBe('6E123');
    expect(numberOf('KR12A')).toBe('KR12A');
    for (const typed of ['', 'KR', '1', 'KR0', 'KR12345', '123', 'KR1AB', 'KRX1']) expect(numberOf(typed)).toBe('');
  });

  test('it stands in the address, and comes back from there', () => {
    const number = { by: 'number', number: 'KR1', from: '', to: '', on: '2026-12-05' } as const;
    expect(readAsked(writeAsked(number), TODAY)).toEqual(number);
    const route = { by: 'route', number: '', from: 'JFK', to: 'LAX', on: '2026-12-05' } as const;
    expect(readAsked(writeAsked(route), TODAY)).toEqual(route);
  });

  test('what does not belong in an address is left out', () => {
    expect(readAsked({}, TODAY)).toEqual({ by: 'number', number: '', from: '', to: '', on: TODAY });
    expect(readAsked({ number: '<b>', on: '2026-02-30' }, TODAY)).toMatchObject({ number: '', on: TODAY });
    expect(readAsked({ from: 'jfk', to: 'LAX', number: 'KR1' }, TODAY)).toMatchObject({
      by: 'route',
      from: '',
      number: '',
    });
  });

  test('nothing is asked before it is known what', () => {
    const none = readAsked({}, TODAY);
    expect(isComplete(none)).toBe(false);
    expect(isComplete({ ...none, number: 'kr 1' })).toBe(true);
    expect(isComplete({ ...none, number: 'KR1', on: '' })).toBe(false);
    expect(isComplete({ ...none, by: 'route', from: 'JFK' })).toBe(false);
    expect(isComplete({ ...none, by: 'route', from: 'JFK', to: 'JFK' })).toBe(false);
    expect(isComplete({ ...none, by: 'route', from: 'JFK', to: 'LAX' })).toBe(true);
  });
});
