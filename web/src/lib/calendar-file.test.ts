import { expect, it } from 'vitest';
import { calendarFile } from './calendar-file';

it('has an event for each flight, at the moments they are', () => {
  const flight = {
    flight_number: 'UD7',
    origin: 'ABE',
    destination: 'ORD',
    departs_at: '2026-12-05T06:55:00-05:00',
    arrives_at: '2026-12-05T07:50:00-06:00',
  };
  const file = calendarFile('KX7Q2M', [flight, { ...flight, flight_number: 'UD8' }], new Date('2026-11-23T00:00:00Z'));
  expect(file.match(/BEGIN:VEVENT/g)).toHaveLength(2);
  expect(file).toContain('DTSTART:20261205T115500Z\r\nDTEND:20261205T135000Z\r\n');
  expect(file).toContain('SUMMARY:UD7 ABE – ORD');
  expect(file.split('\r\n').every((line) => line.length <= 75)).toBe(true);
});
