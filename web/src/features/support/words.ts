import { useLingui } from '@lingui/react/macro';

export const CATEGORIES = [
  'booking',
  'payment',
  'refund',
  'disruption',
  'baggage',
  'check_in',
  'assistance',
  'account',
  'other',
] as const;

/** What a question is about. */
export function useCategories(): Record<string, string> {
  const { t } = useLingui();
  return {
    booking: t`A booking`,
    payment: t`A payment`,
    refund: t`Money back`,
    disruption: t`A late or cancelled flight`,
    baggage: t`Baggage`,
    check_in: t`Check-in`,
    assistance: t`Help at the airport or on board`,
    account: t`My account`,
    other: t`Something else`,
  };
}

/** Whose turn it is. */
export function useStates(): Record<string, string> {
  const { t } = useLingui();
  return {
    open: t`We answer next`,
    waiting_staff: t`We answer next`,
    waiting_customer: t`Answered`,
    resolved: t`Settled`,
    closed: t`Closed`,
  };
}

export const TONES: Record<string, 'good' | 'note' | 'plain'> = {
  open: 'plain',
  waiting_staff: 'plain',
  waiting_customer: 'note',
  resolved: 'good',
  closed: 'plain',
};
