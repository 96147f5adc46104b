import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { useTitle } from '../../lib/title';
import { Field, Notice, Trouble } from '../../ui/parts';
import { fieldsOf } from '../../ui/sign-in-form';

/** Asks for a mail; whether the address has an account is told to its owner alone. The mail's link opens the page for the new password. */
export default function Forgotten() {
  const { t } = useLingui();
  useTitle(t`Password forgotten`);
  const send = useMutation({
    mutationFn: (email: string) => ask(api.POST('/api/v1/password/forgotten', { body: { email } })),
  });
  return (
    <div className="page max-w-md py-10">
      <h1 className="display mb-6 text-4xl">
        <Trans>A new password</Trans>
      </h1>
      {send.isSuccess ? (
        <Notice tone="good" icon="check">
          <Trans>If the address has an account, a mail with a link is on its way. It is good for 30 minutes.</Trans>
        </Notice>
      ) : (
        <form
          className="panel space-y-4 p-5 shadow-card sm:p-7"
          onSubmit={(event) => {
            event.preventDefault();
            send.mutate(fieldsOf(event.currentTarget).email ?? '');
          }}
        >
          {send.error && <Trouble error={send.error} />}
          <Field label={t`E-mail`} name="email" type="email" autoComplete="username" required />
          <button type="submit" className="btn btn-main w-full" disabled={send.isPending}>
            <Trans>Send me a link</Trans>
          </button>
        </form>
      )}
    </div>
  );
}
