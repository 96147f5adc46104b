interface Flight {
  flight_number: string;
  origin: string;
  destination: string;
  departs_at: string;
  arrives_at: string;
}

const utc = (time: string): string => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** Texts of a calendar file escape what means something there (RFC 5545, section 3.3.11). */
const escaped = (text: string): string => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

/** A calendar file with an event for each flight (RFC 5545). Times are in UTC: every calendar shows them where it is. */
export function calendarFile(locator: string, flights: Flight[], made: Date): string {
  const events = flights.flatMap((flight) => [
    'BEGIN:VEVENT',
    `UID:${locator}-${flight.flight_number}-${flight.departs_at.slice(0, 10)}@udaan`,
    `DTSTAMP:${utc(made.toISOString())}`,
    `DTSTART:${utc(flight.departs_at)}`,
    `DTEND:${utc(flight.arrives_at)}`,
    `SUMMARY:${escaped(`${flight.flight_number} ${flight.origin} – ${flight.destination}`)}`,
    `DESCRIPTION:${escaped(locator)}`,
    'END:VEVENT',
  ]);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Udaan//Web//EN', ...events, 'END:VCALENDAR', ''].join('\r\n');
}
