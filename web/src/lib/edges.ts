/** When something changes by the clock alone, of which nobody sends word: when to ask again. */

const MINUTE_MS = 60_000;
/** Near a departure it is asked every minute: from an hour before until it should be known that it has left. */
const NEAR_MS = { before: 60 * MINUTE_MS, after: 30 * MINUTE_MS };

/** Boarding begins this long before departure, where the staff say nothing (docs/api.md). */
const BOARDING_MS = 40 * MINUTE_MS;

interface Times {
  estimated_departs_at: string;
  estimated_arrives_at: string;
}

/** When a flight goes on to its next state, if nobody says otherwise: boarding, departed, arrived. */
export function edgesOf({ estimated_departs_at, estimated_arrives_at }: Times): number[] {
  const departs = Date.parse(estimated_departs_at);
  return [departs - BOARDING_MS, departs, Date.parse(estimated_arrives_at)];
}

/**
 * The next moment to ask at: just after the next edge, a minute later once more, as the clock of a device may be fast, and every minute
 * near a departure. Undefined where nothing is ahead.
 */
export function nextLook(edges: number[], departures: number[], now: number): number | undefined {
  const after = edges.flatMap((edge) => [edge + 1000, edge + MINUTE_MS]);
  const near = departures.flatMap((departs) => {
    const [from, until] = [departs - NEAR_MS.before, departs + NEAR_MS.after];
    return now >= until ? [] : [Math.max(from, now + MINUTE_MS)];
  });
  const ahead = [...after, ...near].filter((moment) => moment > now);
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}
