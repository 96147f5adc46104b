import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, ask, hasPass, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { saveFile } from '../../lib/save';
import { formatMoment } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { Notice, Trouble } from '../../ui/parts';

interface TakeAlongProps {
  booking: string;
  pass: Schemas['BoardingPass'];
}

/** Other places for a pass: the wallet of a telephone, and whoever travels along. */
export default function TakeAlong({ booking, pass }: TakeAlongProps) {
  const place = { id: booking, segment: pass.segment, passenger: pass.passenger };
  return (
    <section className="panel space-y-4 p-5">
      <h2 className="text-lg">
        <Trans>
          Take it along: {pass.given_name}, {pass.flight_number}
        </Trans>
      </h2>
      <div className="grid gap-3 sm:grid-cols-2">
        <Apple place={place} name={`${pass.flight_number}-${pass.given_name}.pkpass`} />
        <Google place={place} />
      </div>
      <Share place={place} />
    </section>
  );
}

interface Place {
  id: string;
  segment: number;
  passenger: number;
}

/** Where passes are signed by nobody that a telephone trusts, it is said before anybody tries. */
function SelfTest({ children }: { children: ReactNode }) {
  return (
    <Notice tone="note">
      <p className="text-sm">
        <Trans>
          This Udaan is not registered with the makers of wallets: the pass is signed by a self-test, and no telephone
          takes it.
        </Trans>
      </p>
      {children}
    </Notice>
  );
}

function Apple({ place, name }: { place: Place; name: string }) {
  const take = useMutation({
    mutationFn: async () => {
      const question = api.GET('/api/v1/bookings/{id}/boarding-passes/{segment}/{passenger}/apple-wallet', {
        params: { path: place },
        parseAs: 'blob',
      });
      const file = (await ask(question)) as unknown as Blob;
      const { response } = await question;
      return { file, at: response.url, isTest: response.headers.get('Udaan-Signed-By') === 'self_test' };
    },
    onSuccess: ({ file, at, isTest }) => {
      if (isTest) return;
      // Telephones put it into the wallet where it comes from the server; without a session's cookie it would not come.
      if (hasPass(place.id)) saveFile(file, name);
      else location.assign(at);
    },
  });
  return (
    <div className="space-y-3">
      <button type="button" className="btn btn-quiet w-full" disabled={take.isPending} onClick={() => take.mutate()}>
        <Icon name="wallet" />
        <span lang="en">Apple Wallet</span>
      </button>
      {take.error && <Trouble error={take.error} />}
      {take.data?.isTest && (
        <SelfTest>
          <button type="button" className="link min-h-11 text-sm" onClick={() => saveFile(take.data.file, name)}>
            <Trans>Save the file all the same</Trans>
          </button>
        </SelfTest>
      )}
    </div>
  );
}

function Google({ place }: { place: Place }) {
  const take = useMutation({
    mutationFn: () =>
      ask(
        api.GET('/api/v1/bookings/{id}/boarding-passes/{segment}/{passenger}/google-wallet', {
          params: { path: place },
        }),
      ),
  });
  // The link has the pass in it: it is for its passenger, and no page that it leads to learns where it stood.
  const link = (className: string, text: ReactNode) => (
    <a href={take.data?.url} target="_blank" rel="noreferrer" className={className}>
      {text}
    </a>
  );
  const isTest = take.data?.signed_by === 'self_test';
  return (
    <div className="space-y-3">
      {take.data && !isTest ? (
        link(
          'btn btn-main w-full',
          <>
            <Icon name="wallet" />
            <Trans>Open Google Wallet</Trans>
          </>,
        )
      ) : (
        <button type="button" className="btn btn-quiet w-full" disabled={take.isPending} onClick={() => take.mutate()}>
          <Icon name="wallet" />
          <span lang="en">Google Wallet</span>
        </button>
      )}
      {take.error && <Trouble error={take.error} />}
      {isTest && (
        <SelfTest>
          {link('link inline-flex min-h-11 items-center text-sm', <Trans>Open the link all the same</Trans>)}
        </SelfTest>
      )}
    </div>
  );
}

/** A link to the one pass, for whoever travels along. */
function Share({ place }: { place: Place }) {
  const { t } = useLingui();
  const locale = useLocale();
  const [copied, setCopied] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      ask(api.GET('/api/v1/bookings/{id}/boarding-passes/{segment}/{passenger}/link', { params: { path: place } })),
  });
  const link = make.data;
  if (!link)
    return (
      <div className="space-y-3">
        <button type="button" className="btn btn-quiet w-full" disabled={make.isPending} onClick={() => make.mutate()}>
          <Icon name="share" />
          <Trans>A link to send to whoever flies</Trans>
        </button>
        {make.error && <Trouble error={make.error} />}
      </div>
    );
  const copy = async () => {
    await navigator.clipboard.writeText(link.url);
    setCopied(true);
  };
  return (
    <div className="space-y-3 rounded-2xl bg-sunk p-4">
      <label className="block">
        <span className="mb-1 block text-sm font-semibold">
          <Trans>Link to this pass</Trans>
        </span>
        <input
          className="input"
          readOnly
          value={link.url}
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
          autoFocus
          onFocus={({ target }) => target.select()}
        />
      </label>
      <div className="flex flex-wrap gap-3">
        <button type="button" className="btn btn-main flex-1" onClick={() => void copy()}>
          <Icon name={copied ? 'check' : 'copy'} />
          <span role="status">{copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}</span>
        </button>
        {'share' in navigator && (
          <button
            type="button"
            className="btn btn-quiet flex-1"
            // Whoever closes the sheet of their telephone has said no to it, not to us.
            onClick={() => void navigator.share({ title: t`Boarding pass`, url: link.url }).catch(() => undefined)}
          >
            <Icon name="share" />
            <Trans>Send</Trans>
          </button>
        )}
      </div>
      <p className="text-sm text-soft">
        <Trans>
          Whoever has it sees this one pass, always the newest, until {formatMoment(link.expires_at, locale)}, and
          nothing else of the booking.
        </Trans>
      </p>
    </div>
  );
}
