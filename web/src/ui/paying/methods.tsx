import { useLingui } from '@lingui/react/macro';
import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';

/** What can be paid with here. */
export const offered = queryOptions({
  queryKey: ['methods'],
  queryFn: () => ask(api.GET('/api/v1/payments/methods')),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What somebody kept for later payments. */
export const savedMethods = queryOptions({
  queryKey: ['saved-methods'],
  queryFn: async () => (await ask(api.GET('/api/v1/me/payment-methods'))).payment_methods,
});

const BRANDS: Record<string, string> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
  rupay: 'RuPay',
  apple_pay: 'Apple Pay',
  google_pay: 'Google Pay',
};

/** What a kept method is called: its brand, and the last digits that tell it from others. */
export function useMethodName(): (method: Schemas['MethodView']) => string {
  const { t } = useLingui();
  return ({ type, brand, last4 }) => {
    const name = (brand && (BRANDS[brand] ?? brand)) || (type === 'bank' ? t`Bank account` : t`Card`);
    return last4 ? t`${name} ending in ${last4}` : name;
  };
}
