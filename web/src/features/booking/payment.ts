import { useQuery } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';

type Payment = Schemas['PaymentView'];

/** Whether it is known how a payment went. */
export const settled = (payment: Payment): boolean => payment.status === 'succeeded' || payment.status === 'declined';

/** Between two questions about what is not settled. */
export const WAIT_MS = 1_500;

/** How a payment stands, asked again until it is settled. */
export function usePayment(payment: { id: string } | undefined): Payment | undefined {
  return useQuery({
    queryKey: ['payment', payment?.id],
    queryFn: () => ask(api.GET('/api/v1/payments/{id}', { params: { path: { id: payment?.id ?? '' } } })),
    enabled: payment !== undefined,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && settled(query.state.data) ? false : WAIT_MS),
  }).data;
}
