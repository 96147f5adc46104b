import { expect, test } from 'vitest';
import { edgesOf, nextLook } from './edges';

const at = (text: string) => Date.parse(`2026-11-24T${text}Z`);
const said = (moment: number | undefined) => moment && new Date(moment).toISOString().slice(11, 19);

test('a flight boards, leaves and arrives by the clock, as it is expected', () => {
  const flight = { estimated_departs_at: '2026-11-24T12:00:00Z', estimated_arrives_at: '2026-11-24T15:00:00+01:00' };
  expect(edgesOf(flight).map(said)).toEqual(['11:20:00', '12:00:00', '14:00:00']);
});

test('it is asked just after the next edge, and once more for a device whose clock is fast', () => {
  const edges = [at('14:00:00'), at('10:00:00')];
  expect(said(nextLook(edges, [], at('08:00:00')))).toBe('10:00:01');
  expect(said(nextLook(edges, [], at('10:00:01')))).toBe('10:01:00');
  expect(said(nextLook(edges, [], at('10:01:00')))).toBe('14:00:01');
  expect(nextLook(edges, [], at('14:01:00'))).toBeUndefined();
});

test('near a departure it is asked every minute, and not before nor long after', () => {
  const departs = [at('12:00:00')];
  expect(said(nextLook([], departs, at('06:00:00')))).toBe('11:00:00');
  expect(said(nextLook([], departs, at('11:30:20')))).toBe('11:31:20');
  expect(said(nextLook([], departs, at('12:29:30')))).toBe('12:30:30');
  expect(nextLook([], departs, at('12:30:00'))).toBeUndefined();
  expect(said(nextLook([at('12:30:00')], departs, at('12:29:30')))).toBe('12:30:01');
});
