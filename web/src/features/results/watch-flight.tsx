import { Trans, useLingui } from '@lingui/react/macro';
import { Suspense, useState } from 'react';
import { laterPart } from '../../lib/later-part';
import { Icon } from '../../ui/icons';
import type { Subject } from '../../ui/prices/watch';

const WatchSheet = laterPart(() => import('../../ui/prices/watch-sheet'));

/** To be told when one flight costs less. */
export function WatchFlight({ subject }: { subject: Subject }) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="btn btn-text"
        aria-label={t`Watch the price of this flight: ${subject.flight?.number ?? ''}`}
        onClick={() => setOpen(true)}
      >
        <Icon name="bell" />
        <Trans>Watch the price of this flight</Trans>
      </button>
      {open && (
        <Suspense>
          <WatchSheet subject={subject} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
