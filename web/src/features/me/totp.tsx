import { Trans, useLingui } from '@lingui/react/macro';
import { useMemo, useState } from 'react';
import { renderSVG } from 'uqr';
import { api, ask, type Schemas } from '../../api/client';
import { Field, Trouble } from '../../ui/parts';
import { fieldsOf } from '../../ui/sign-in-form';
import { useProven } from './proof';

interface TotpProps {
  added: (made: Schemas['SecondFactorAdded']) => void;
  close: () => void;
}

/** An authenticator app: what it is called here, then its first code. */
export function Totp({ added, close }: TotpProps) {
  const { t } = useLingui();
  const [begun, setBegun] = useState<Schemas['TotpBegun']>();
  const { mutation: begin, proof } = useProven({
    act: (name: string) => ask(api.POST('/api/v1/me/second-factors/totp', { body: { name } })),
    done: setBegun,
  });
  if (begun) return <Confirming begun={begun} added={added} close={close} />;
  return (
    <form
      className="max-w-md space-y-4 rounded-2xl border border-edge p-4"
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate((fieldsOf(event.currentTarget).name ?? '').trim());
      }}
    >
      {proof}
      {begin.error && !proof && <Trouble error={begin.error} />}
      <Field
        label={t`What is it called?`}
        name="name"
        defaultValue={t`My telephone`}
        help={t`So that you know it again in this list.`}
        maxLength={60}
        autoFocus
        required
      />
      <Buttons busy={begin.isPending} close={close} />
    </form>
  );
}

interface ConfirmingProps extends TotpProps {
  begun: Schemas['TotpBegun'];
}

function Confirming({ begun, added, close }: ConfirmingProps) {
  const { t } = useLingui();
  const { mutation: confirm, proof } = useProven({
    act: (code: string) =>
      ask(api.POST('/api/v1/me/second-factors/{id}/confirm', { params: { path: { id: begun.id } }, body: { code } })),
    done: added,
  });
  // Black on white in either scheme: apps read nothing else.
  const picture = useMemo(
    () => `data:image/svg+xml,${encodeURIComponent(renderSVG(begun.uri, { border: 3 }))}`,
    [begun.uri],
  );
  const secret = begun.secret.match(/.{1,4}/g)?.join(' ');
  return (
    <form
      className="rounded-2xl border border-edge p-4 sm:p-5"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate((fieldsOf(event.currentTarget).code ?? '').replaceAll(/\s/g, ''));
      }}
    >
      <div className="grid gap-5 sm:grid-cols-[12rem_1fr]">
        <img src={picture} alt={t`QR code for your authenticator app`} className="w-full max-w-48 rounded-xl" />
        <div className="min-w-0 space-y-4">
          <p>
            <Trans>
              Scan this with your authenticator app, or{' '}
              <a className="link" href={begun.uri}>
                open it on this device
              </a>
              . Then type the six digits that it shows.
            </Trans>
          </p>
          <details>
            <summary className="flex min-h-11 items-center font-semibold text-brand">
              <Trans>Type it instead</Trans>
            </summary>
            <code className="figures block rounded-xl bg-sunk p-3 font-sans text-lg font-semibold">{secret}</code>
          </details>
          {proof}
          {confirm.error && !proof && <Trouble error={confirm.error} />}
          <Field
            label={t`Code`}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
            autoFocus
            required
          />
          <p className="text-sm text-soft">
            <Trans>When it counts, everywhere else you are signed out.</Trans>
          </p>
          <Buttons busy={confirm.isPending} close={close} />
        </div>
      </div>
    </form>
  );
}

function Buttons({ busy, close }: { busy: boolean; close: () => void }) {
  return (
    <div className="flex flex-wrap gap-3">
      <button type="submit" className="btn btn-main" disabled={busy}>
        <Trans>Go on</Trans>
      </button>
      <button type="button" className="btn btn-quiet" onClick={close}>
        <Trans>Leave it</Trans>
      </button>
    </div>
  );
}
