import { useLingui } from '@lingui/react/macro';
import type { Cabin } from '../lib/search';

export function useCabinNames(): Record<Cabin, string> {
  const { t } = useLingui();
  return { economy: t`Economy`, premium_economy: t`Premium economy`, business: t`Business`, first: t`First` };
}

export function usePassengerNames(): Record<string, string> {
  const { t } = useLingui();
  return { adult: t`Adult`, child: t`Child`, infant: t`Infant` };
}

/** A booking's state in a word. */
export function useStatusNames(): Record<string, string> {
  const { t } = useLingui();
  return {
    held: t`Held, not paid`,
    confirmed: t`Confirmed`,
    completed: t`Flown`,
    expired: t`Expired`,
    cancelled: t`Cancelled`,
  };
}

/** What a flight is doing. */
export function useFlightNames(): Record<string, string> {
  const { t } = useLingui();
  return {
    scheduled: t`On time`,
    delayed: t`Delayed`,
    boarding: t`Boarding`,
    departed: t`Departed`,
    arrived: t`Arrived`,
    cancelled: t`Cancelled`,
  };
}
