/** What is paid for: the number of an order beside a booking, or the hold itself. */
export type Due = number | 'hold';

interface Booking {
  status: string;
  orders: { order: number; status: string }[];
}

interface Payment {
  status: string;
  order?: number | null;
}

/** What a page that was opened to pay is about. A payment knows it for certain; undefined where nothing is due and nothing was. */
export function dueOf({ status, orders }: Booking, payment: Payment | undefined): Due | undefined {
  const of = payment && (payment.order ?? 'hold');
  if (payment && payment.status !== 'declined') return of;
  const open = orders.find((one) => one.status === 'open');
  if (open) return open.order;
  if (of !== undefined) return of;
  if (status !== 'confirmed' && status !== 'completed') return 'hold';
  const last = orders.reduce<Booking['orders'][number] | undefined>(
    (newest, one) => (newest && newest.order > one.order ? newest : one),
    undefined,
  );
  return last && last.status !== 'paid' ? last.order : undefined;
}

/**
 * How it stands with it, by the booking and not by the payment alone: an order that is not open any more was not always paid, and money that
 * came too late goes back.
 */
export function standing({ status, orders }: Booking, due: Due | undefined): 'due' | 'done' | 'over' | 'nothing' {
  if (due === undefined) return 'nothing';
  if (due === 'hold')
    return status === 'held' ? 'due' : status === 'confirmed' || status === 'completed' ? 'done' : 'over';
  const order = orders.find((one) => one.order === due);
  return order?.status === 'open' ? 'due' : order?.status === 'paid' ? 'done' : 'over';
}
