import { describe, expect, it } from 'vitest';
import {
  addDays,
  clock,
  clockBeside,
  daysBetween,
  formatDay,
  formatMinutes,
  formatMoment,
  formatMonth,
  isDay,
  minuteOfDay,
  minutesBetween,
  onClockOf,
} from './time';

describe('times of flights', () => {
  it('are the clock on the wall, whatever the zone of the browser', () => {
    expect(clock('2026-12-05T05:55:00-05:00')).toBe('05:55');
    expect(clock('2026-12-05T23:05:00+05:30')).toBe('23:05');
    expect(minuteOfDay('2026-12-05T23:05:00+05:30')).toBe(1385);
  });
  it('are as far apart as their offsets say', () => {
    expect(minutesBetween('2026-12-05T05:55:00-05:00', '2026-12-05T07:00:00-06:00')).toBe(125);
  });
  it('count days across months and nights when clocks change', () => {
    expect(daysBetween('2026-12-31', '2027-01-01')).toBe(1);
    expect(daysBetween('2026-10-31', '2026-11-02')).toBe(2);
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(daysBetween('2026-12-05', '2026-12-04')).toBe(-1);
  });
  it('knows which days there are', () => {
    expect(isDay('2026-02-29')).toBe(false);
    expect(isDay('2028-02-29')).toBe(true);
    expect(isDay('tomorrow')).toBe(false);
  });
  it('reads in both languages', () => {
    expect(formatDay('2026-12-05', 'en')).toBe('Sat, 5 Dec');
    expect(formatDay('2026-12-05', 'hi')).toContain('दिस');
    expect(formatMinutes(125, 'en')).toBe('2h 5m');
    expect(formatMinutes(45, 'en')).toBe('45m');
    expect(formatMinutes(120, 'hi')).toMatch(/^2 /);
  });
});

it('a moment is shown on the clock of the airport it is about', () => {
  expect(onClockOf('2026-11-24T22:20:00-05:00', '2026-11-25T02:40:00Z')).toBe('2026-11-24T21:40:00-05:00');
  expect(onClockOf('2026-11-24T00:10:00+05:30', '2026-11-23T18:00:00Z')).toBe('2026-11-23T23:30:00+05:30');
  expect(onClockOf('2026-11-24T22:20:00Z', '2026-11-24T21:40:00Z')).toBe('2026-11-24T21:40:00Z');
});

it('a time of another day than the one that is shown says its day', () => {
  expect(clockBeside('2026-11-24T00:10:00+05:30', '2026-11-23T23:30:00+05:30', 'en')).toBe('23 Nov, 23:30');
  expect(clockBeside('2026-11-24T22:20:00-05:00', '2026-11-24T21:40:00-05:00', 'en')).toBe('21:40');
  expect(clockBeside('2026-12-31T23:30:00Z', '2027-01-01T00:40:00Z', 'hi')).toMatch(/^1 जन.*, 00:40$/);
});

it('a moment of another year says which', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  expect(formatMoment('2026-06-05T10:30:00Z', 'en', now)).not.toMatch(/20\d\d/);
  expect(formatMoment('2024-06-05T10:30:00Z', 'en', now)).toContain('2024');
});

it('months are said in words', () => {
  expect(formatMonth('2026-06', 'en')).toBe('June 2026');
  expect(formatMonth('2026-12', 'hi')).toBe('दिसंबर 2026');
});
