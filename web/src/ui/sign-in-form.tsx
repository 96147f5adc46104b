import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, ask, Refusal, type Schemas } from '../api/client';
import { forgetAnswers } from '../api/owner';
import { forgetPasses } from '../lib/pass-store';
import { Field, Trouble } from './parts';

const OtherWays = lazy(() => import('./other-ways'));
const PasskeyButton = lazy(() => import('./passkey-button'));

/** Takes the fields of a form by their names. */
export const fieldsOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));

/** After signing in nothing that was asked before counts: it was asked by nobody. */
function useEnter(then: () => void) {
  const client = useQueryClient();
  return async () => {
    forgetAnswers(client);
    // Whoever was signed in here before may have been somebody else, whose session ended by itself.
    await forgetPasses();
    await client.invalidateQueries({ queryKey: ['profile'] });
    then();
  };
}

interface SignInProps {
  then: () => void;
  /** Where somebody goes on who comes back from a provider's page. */
  after?: string;
}

/** E-mail and password, and the second factor of those who have one; or a passkey or a provider in their place. */
export function SignInForm({ then, after = `${location.pathname}${location.search}` }: SignInProps) {
  const { t } = useLingui();
  const [second, setSecond] = useState<Schemas['SecondFactorRequired']>();
  const enter = useEnter(then);
  const sign = useMutation({
    mutationFn: async (fields: Record<string, string>) => {
      const body = { email: fields.email ?? '', password: fields.password ?? '' };
      const answer = await ask(api.POST('/api/v1/session', { body }));
      if (answer && 'login_token' in answer) setSecond(answer as Schemas['SecondFactorRequired']);
      else await enter();
    },
  });
  if (second) return <SecondFactor required={second} enter={enter} />;
  return (
    <>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          sign.mutate(fieldsOf(event.currentTarget));
        }}
      >
        {sign.error && <Trouble error={sign.error} />}
        <Field label={t`E-mail`} name="email" type="email" autoComplete="username" required />
        <Password label={t`Password`} autoComplete="current-password" />
        <button type="submit" className="btn btn-main w-full" disabled={sign.isPending}>
          <Trans>Sign in</Trans>
        </button>
        <p className="text-sm">
          <Link to="/forgotten" className="link">
            <Trans>Password forgotten?</Trans>
          </Link>
        </p>
      </form>
      <Suspense>
        <OtherWays enter={enter} after={after} />
      </Suspense>
    </>
  );
}

interface PasswordProps {
  label: string;
  autoComplete: string;
  help?: string;
  name?: string;
}

/** A password that can be pasted, kept by the browser, and looked at. */
export function Password({ label, autoComplete, help, name = 'password' }: PasswordProps) {
  const [shown, setShown] = useState(false);
  return (
    <div>
      <Field
        label={label}
        name={name}
        type={shown ? 'text' : 'password'}
        autoComplete={autoComplete}
        help={help}
        required
      />
      <label className="mt-1 inline-flex min-h-9 cursor-pointer items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-brand"
          checked={shown}
          onChange={(event) => setShown(event.target.checked)}
        />
        <Trans>Show the password</Trans>
      </label>
    </div>
  );
}

function SecondFactor({ required, enter }: { required: Schemas['SecondFactorRequired']; enter: () => Promise<void> }) {
  const { t } = useLingui();
  const check = useMutation({
    mutationFn: async ({ code = '' }: Record<string, string>) => {
      const typed = code.replaceAll(/\s/g, '');
      const proof = /^\d{6}$/.test(typed) ? { code: typed } : { recovery_code: typed };
      await ask(api.POST('/api/v1/session/second-factor', { body: { login_token: required.login_token, ...proof } }));
      await enter();
    },
  });
  const { kinds, login_token, passkey } = required;
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        check.mutate(fieldsOf(event.currentTarget));
      }}
    >
      {check.error && <Trouble error={check.error} />}
      {passkey && (
        <Suspense>
          <PasskeyButton options={passkey} token={login_token} enter={enter} />
        </Suspense>
      )}
      <Field
        label={t`Code`}
        name="code"
        help={
          kinds.includes('totp')
            ? t`Six digits of your authenticator app, or a recovery code`
            : t`One of your recovery codes`
        }
        autoComplete="one-time-code"
        autoFocus
        required
      />
      <button type="submit" className="btn btn-main w-full" disabled={check.isPending}>
        <Trans>Go on</Trans>
      </button>
    </form>
  );
}

/** A new account. A demo signs in at once; elsewhere the mail's link comes first, whether or not the address had an account. */
export function SignUpForm({ then }: { then: () => void }) {
  const { t } = useLingui();
  const enter = useEnter(then);
  const register = useMutation({
    mutationFn: async (fields: Record<string, string>) => {
      const [email, password, name] = [fields.email ?? '', fields.password ?? '', fields.name ?? ''];
      await ask(api.POST('/api/v1/register', { body: { email, password, name } }));
      try {
        await ask(api.POST('/api/v1/session', { body: { email, password } }));
      } catch (error) {
        if (error instanceof Refusal && error.code === 'wrong_credentials') return email;
        throw error;
      }
      await enter();
      return undefined;
    },
  });
  if (register.data)
    return (
      <div className="space-y-3" role="status">
        <p className="font-semibold">
          <Trans>Look at your mail</Trans>
        </p>
        <p>
          <Trans>We wrote to {register.data}. Open the link in that mail, then sign in.</Trans>
        </p>
      </div>
    );
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        register.mutate(fieldsOf(event.currentTarget));
      }}
    >
      {register.error && <Trouble error={register.error} />}
      <Field label={t`Name`} name="name" autoComplete="name" required />
      <Field label={t`E-mail`} name="email" type="email" autoComplete="username" required />
      <Password
        label={t`Password`}
        autoComplete="new-password"
        help={t`15 characters or more; a few words do well. Any characters, any script.`}
      />
      <button type="submit" className="btn btn-main w-full" disabled={register.isPending}>
        <Trans>Make the account</Trans>
      </button>
    </form>
  );
}
