import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { api, ask, isRefusal } from '../../api/client';
import { askPasskey, hasPasskeys, isDismissed } from '../../lib/webauthn';
import { Icon } from '../../ui/icons';
import { Field, Skeleton, Trouble } from '../../ui/parts';
import { fieldsOf, Password } from '../../ui/sign-in-form';

const Sheet = lazy(async () => ({ default: (await import('../../ui/dialog')).Sheet }));
const Providers = lazy(() => import('../../ui/providers'));

export const secondFactors = queryOptions({
  queryKey: ['second-factors'],
  queryFn: () => ask(api.GET('/api/v1/me/second-factors')),
});

export const linkedProviders = queryOptions({
  queryKey: ['linked-providers'],
  queryFn: () => ask(api.GET('/api/v1/me/providers')),
});

interface Deed<V, R> {
  act: (value: V) => Promise<R>;
  /** What comes of it. */
  done?: (result: R, value: V) => void;
}

/**
 * Something that an open session alone must not do. Where the API wants to know again who it is (`step_up_required`), `proof` is the
 * dialog that asks, to be shown; once it is known, the same is done again.
 */
export function useProven<V, R>({ act, done }: Deed<V, R>) {
  const mutation = useMutation({ mutationFn: act, onSuccess: done });
  const proof: ReactNode = isRefusal(mutation.error, 'step_up_required') ? (
    <Prove close={mutation.reset} done={() => mutation.mutate(mutation.variables as V)} />
  ) : null;
  return { mutation, proof };
}

function Prove({ close, done }: { close: () => void; done: () => void }) {
  const { t } = useLingui();
  const factors = useQuery(secondFactors);
  const linked = useQuery(linkedProviders);
  const error = factors.error ?? linked.error;
  return (
    <Suspense>
      <Sheet title={t`Is it you?`} close={close}>
        <p className="mb-5">
          <Trans>
            What you are about to do is for you alone. Show once more that it is you; it counts for some minutes.
          </Trans>
        </p>
        {error ? (
          <Trouble error={error} />
        ) : !factors.data || !linked.data ? (
          <Skeleton className="h-32" />
        ) : factors.data.second_factors.length > 0 ? (
          <BySecondFactor kinds={factors.data.second_factors.map((one) => one.kind)} done={done} />
        ) : linked.data.has_password ? (
          <ByPassword done={done} />
        ) : (
          <Again />
        )}
      </Sheet>
    </Suspense>
  );
}

function ByPassword({ done }: { done: () => void }) {
  const { t } = useLingui();
  const prove = useMutation({
    mutationFn: (password: string) => ask(api.POST('/api/v1/me/proof', { body: { password } })),
    onSuccess: done,
  });
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        // A dialog stands in the form that it was opened from, as React sees it.
        event.stopPropagation();
        prove.mutate(fieldsOf(event.currentTarget).password ?? '');
      }}
    >
      {prove.error && <Trouble error={prove.error} />}
      <Password label={t`Password`} autoComplete="current-password" />
      <button type="submit" className="btn btn-main w-full" disabled={prove.isPending}>
        <Trans>Go on</Trans>
      </button>
    </form>
  );
}

function BySecondFactor({ kinds, done }: { kinds: string[]; done: () => void }) {
  const { t } = useLingui();
  const prove = useMutation({
    mutationFn: (text: string) => {
      const typed = text.replaceAll(/\s/g, '');
      const body = /^\d{6}$/.test(typed) ? { code: typed } : { recovery_code: typed };
      return ask(api.POST('/api/v1/me/proof', { body }));
    },
    onSuccess: done,
  });
  const touch = useMutation({
    mutationFn: async () => {
      const { options } = await ask(api.POST('/api/v1/me/proof/options'));
      await ask(api.POST('/api/v1/me/proof', { body: { passkey: await askPasskey(options) } }));
    },
    onSuccess: done,
  });
  return (
    <div className="space-y-5">
      {kinds.includes('passkey') && hasPasskeys() && (
        <>
          {touch.error && !isDismissed(touch.error) && <Trouble error={touch.error} />}
          <button
            type="button"
            className="btn btn-main w-full"
            disabled={touch.isPending}
            onClick={() => touch.mutate()}
          >
            <Icon name="key" />
            <Trans>Use a passkey</Trans>
          </button>
        </>
      )}
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          prove.mutate(fieldsOf(event.currentTarget).code ?? '');
        }}
      >
        {prove.error && <Trouble error={prove.error} />}
        <Field
          label={t`Code`}
          name="code"
          help={
            kinds.includes('totp')
              ? t`Six digits of your authenticator app, or a recovery code`
              : t`One of your recovery codes`
          }
          autoComplete="one-time-code"
          required
        />
        <button type="submit" className="btn btn-quiet w-full" disabled={prove.isPending}>
          <Trans>Go on</Trans>
        </button>
      </form>
    </div>
  );
}

/** Neither a password nor a second factor: signing in once more is the proof. */
function Again() {
  return (
    <div className="space-y-4">
      <p>
        <Trans>Your account has no password. Sign in again the way you did; you come back here.</Trans>
      </p>
      <Suspense fallback={<Skeleton className="h-12" />}>
        <Providers after={location.pathname} />
      </Suspense>
    </div>
  );
}
