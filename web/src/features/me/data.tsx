import { Trans, useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, ask, isRefusal } from '../../api/client';
import { profile } from '../../api/hooks';
import { forgetOwner } from '../../api/owner';
import { saveFile } from '../../lib/save';
import { Confirm } from '../../ui/confirm';
import { Mark } from '../../ui/flight-line';
import { OwnScreen, Part } from '../../ui/own-screen';
import { Notice, Trouble } from '../../ui/parts';
import { useProven } from './proof';

/** What is held on the account's owner, to take along; and the end of it. */
export default function Data() {
  const { t } = useLingui();
  const [gone, setGone] = useState(false);
  if (gone) return <Farewell />;
  return (
    <OwnScreen title={t`Your data`}>
      {() => (
        <>
          <Export />
          <Delete done={() => setGone(true)} />
        </>
      )}
    </OwnScreen>
  );
}

function Export() {
  const { t } = useLingui();
  const { mutation: take, proof } = useProven({
    act: () => ask(api.GET('/api/v1/me/export', { parseAs: 'blob' })),
    done: (file) => saveFile(file as unknown as Blob, 'udaan-my-data.json'),
  });
  return (
    <Part
      title={t`Take it with you`}
      intro={
        <Trans>
          One file with everything we hold on you: profile, travellers, bookings, payments, reviews, questions you
          asked, sessions. Programs can read it (JSON).
        </Trans>
      }
    >
      {proof}
      {take.error && !proof && <Trouble error={take.error} />}
      {take.isSuccess && (
        <Notice tone="good" icon="check">
          <Trans>The file is in your downloads. Keep it where nobody else reads it.</Trans>
        </Notice>
      )}
      <button type="button" className="btn btn-quiet" disabled={take.isPending} onClick={() => take.mutate(undefined)}>
        <Trans>Save the file</Trans>
      </button>
    </Part>
  );
}

function Delete({ done }: { done: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const { mutation: end, proof } = useProven({
    act: () => ask(api.DELETE('/api/v1/me')),
    done: async () => {
      done();
      // Whoever watches is told: the page's frame has a name in it.
      client.setQueryData(profile.queryKey, null);
      await forgetOwner(client);
    },
  });
  const ahead = isRefusal(end.error, 'bookings_ahead') ? end.error.more.locators : undefined;
  return (
    <Part
      title={t`Delete the account`}
      intro={
        <Trans>
          Names, addresses, dates of birth and contacts go for good, also those in past bookings; so do saved
          travellers, reviews and questions. What the law makes us keep stays under a number that says nothing of you.
        </Trans>
      }
    >
      {proof}
      {Array.isArray(ahead) ? (
        <Notice tone="note">
          <p className="font-semibold">
            <Trans>There are trips ahead: {ahead.join(', ')}.</Trans>
          </p>
          <p>
            <Trans>Fly or cancel them first; nothing was deleted.</Trans>
          </p>
          <Link to="/trips" className="btn btn-quiet mt-3">
            <Trans>My trips</Trans>
          </Link>
        </Notice>
      ) : (
        end.error && !proof && <Trouble error={end.error} />
      )}
      <Confirm
        label={<Trans>Delete the account</Trans>}
        question={<Trans>This cannot be undone by anybody. Delete everything?</Trans>}
        deed={<Trans>Delete for good</Trans>}
        busy={end.isPending}
        act={() => end.mutate(undefined)}
        className="btn btn-quiet border-bad! text-bad!"
      />
    </Part>
  );
}

function Farewell() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="page max-w-xl py-16 text-center">
      <Mark className="mx-auto mb-6 w-24 text-brand" />
      <h1 ref={heading} tabIndex={-1} className="display text-4xl">
        <Trans>Your account is gone</Trans>
      </h1>
      <p className="mt-3 mb-6 text-soft">
        <Trans>A mail says so too. Thank you for having flown with us.</Trans>
      </p>
      <Link to="/" className="btn btn-main">
        <Trans>To the start</Trans>
      </Link>
    </div>
  );
}
