import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { isLost, type Schemas } from '../../api/client';
import { useProfile } from '../../api/hooks';
import { Field, Notice, Price, Skeleton, Trouble } from '../../ui/parts';
import { isAnswered } from '../../ui/paying/answered';
import { offered as offeredQuery, savedMethods, useMethodName } from '../../ui/paying/methods';
import { digitsOf, grouped, mayBeCard } from '../../ui/paying/number';
import { StripeFields, type Tokens } from '../../ui/paying/stripe-fields';
import { TEST_NUMBERS } from '../../ui/paying/test-numbers';

/** Why a payment was refused is said above the form. */
const said = () => undefined;

interface PayFormProps {
  due: Schemas['Money'];
  busy: boolean;
  pay: (method: Schemas['MethodBody']) => Promise<unknown>;
}

/** What is typed into Stripe's fields, whichever of our ways it turns out to be. */
const AT_STRIPE = 'stripe';

/**
 * Ways to pay that can be offered here: a card's number is typed into a field of ours where only test numbers are taken, and else into
 * Stripe's; where neither is set up, what needs a token is not offered.
 */
export function PayForm({ due, busy, pay }: PayFormProps) {
  const { t } = useLingui();
  const offered = useQuery(offeredQuery);
  const me = useProfile();
  const saved = useQuery({ ...savedMethods, enabled: Boolean(me.data) });
  const nameOf = useMethodName();
  const [chosen, setChosen] = useState<string>();
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState(false);
  const tokens = useRef<Tokens>(null);
  const [isUsable, setUsable] = useState(false);
  // Between a press and the payment a token is made; a second press meanwhile is none.
  const [making, setMaking] = useState(false);
  // What is chosen at first is known before anything is shown; once shown, nothing comes between it and whoever types.
  const shown = useRef(false);
  const first = useRef<string>(undefined);
  shown.current ||= Boolean(offered.data) && !me.isLoading && !saved.isLoading;
  if (isLost(offered)) return <Trouble error={offered.error} retry={() => offered.refetch()} />;
  if (!offered.data || !shown.current) return <Skeleton className="h-48" />;
  const { fields, test_numbers } = offered.data;
  const methods = offered.data.methods.filter((one) => !one.currency || one.currency === due.currency);
  const typed = fields === 'stripe' ? methods.filter((one) => one.needs_token).map((one) => one.type) : [];
  const usable = methods
    .filter((one) => !one.needs_token || (one.type === 'card' && fields === 'own'))
    .map((one) => one.type);
  const kept = saved.data?.filter((one) => one.status === 'ready') ?? [];
  const ways = [...kept.map((one) => one.id), ...(typed.length > 0 ? [AT_STRIPE] : []), ...usable];
  // Ways that are learned of later are offered, and not chosen for whoever was typing.
  first.current ??= ways[0];
  const method = [chosen, first.current].find((one) => one && ways.includes(one)) ?? ways[0];
  const card = kept.length > 0 ? t`Another card` : t`Card`;
  const names: Record<string, string> = {
    card,
    [AT_STRIPE]: typed.includes('bank') ? t`Card or bank account` : card,
    upi: t`UPI`,
    ...Object.fromEntries(kept.map((one) => [one.id, nameOf(one.method)])),
  };
  const atStripe = method === AT_STRIPE;
  const isBusy = busy || making;
  const payByToken = async () => {
    setMaking(true);
    try {
      const made = await tokens.current?.make();
      if (!made) return;
      await pay(made);
      tokens.current?.forget();
    } catch (error) {
      // Why it was refused is said above the form.
      if (isAnswered(error)) tokens.current?.forget();
    } finally {
      setMaking(false);
    }
  };
  const submit = () => {
    setAsked(true);
    if (isBusy) return;
    if (atStripe) void payByToken();
    else if (kept.some((one) => one.id === method)) void pay({ type: 'saved', saved_method: method }).catch(said);
    else if (method !== 'card') void pay({ type: method ?? 'upi' }).catch(said);
    else if (mayBeCard(number)) void pay({ type: 'card', number: digitsOf(number) }).catch(said);
  };
  if (ways.length === 0) {
    return (
      <Notice tone="note">
        <Trans>No way to pay here can be used yet. Your booking is kept; nothing was charged.</Trans>
      </Notice>
    );
  }
  return (
    <form
      className="panel space-y-4 p-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <fieldset>
        <legend className="mb-2 text-lg font-semibold">
          <Trans>How do you pay?</Trans>
        </legend>
        <div className="flex flex-wrap gap-2">
          {ways.map((type) => (
            <label
              key={type}
              className="flex min-h-12 min-w-32 cursor-pointer items-center gap-3 rounded-xl border-[1.5px] border-field px-4 font-semibold has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring"
            >
              <input
                type="radio"
                name="method"
                className="size-5 accent-brand"
                checked={method === type}
                onChange={() => setChosen(type)}
              />
              {names[type] ?? type}
            </label>
          ))}
        </div>
      </fieldset>
      {method === 'card' && (
        <Field
          label={t`Card number`}
          inputMode="numeric"
          autoComplete="cc-number"
          value={number}
          error={asked && !mayBeCard(number) ? t`A card number has 12 to 19 digits` : undefined}
          onChange={(event) => {
            setChosen('card');
            setNumber(grouped(event.target.value));
          }}
        />
      )}
      {typed.length > 0 && (atStripe || tokens.current) && (
        // Stays once it was shown: what was typed in is there again when somebody comes back to it.
        <div hidden={!atStripe}>
          <StripeFields at={offered.data} types={typed} due={due} tokens={tokens} usable={setUsable} />
        </div>
      )}
      {test_numbers && (
        <p className="rounded-xl bg-sunk p-3 text-sm">
          <Trans>
            A demo: no money moves. {TEST_NUMBERS.good} pays, {TEST_NUMBERS.asks} asks your bank first,{' '}
            {TEST_NUMBERS.declined} is declined.
          </Trans>
        </p>
      )}
      <button type="submit" className="btn btn-main w-full text-lg" disabled={isBusy || (atStripe && !isUsable)}>
        {isBusy ? (
          <Trans>Paying …</Trans>
        ) : (
          <Trans>
            Pay <Price money={due} />
          </Trans>
        )}
      </button>
    </form>
  );
}
