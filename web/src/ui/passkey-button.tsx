import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { api, ask } from '../api/client';
import { askPasskey, hasPasskeys, isDismissed } from '../lib/webauthn';
import { Icon } from './icons';
import { Trouble } from './parts';

interface PasskeyButtonProps {
  options: object;
  token: string;
  enter: () => Promise<void>;
}

/** The second factor of a sign-in, by a passkey. */
export default function PasskeyButton({ options, token, enter }: PasskeyButtonProps) {
  const use = useMutation({
    mutationFn: async () => {
      const passkey = await askPasskey(options);
      await ask(api.POST('/api/v1/session/second-factor', { body: { login_token: token, passkey } }));
      await enter();
    },
  });
  if (!hasPasskeys()) return null;
  return (
    <div className="space-y-3">
      {use.error && !isDismissed(use.error) && <Trouble error={use.error} />}
      <button type="button" className="btn btn-main w-full" disabled={use.isPending} onClick={() => use.mutate()}>
        <Icon name="key" />
        <Trans>Use a passkey</Trans>
      </button>
    </div>
  );
}
