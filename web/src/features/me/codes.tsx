import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { saveFile } from '../../lib/save';
import { Icon } from '../../ui/icons';

/** Recovery codes, shown this once. */
export function Codes({ codes, close }: { codes: string[]; close: () => void }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const text = codes.join('\n');
  useEffect(() => heading.current?.focus(), []);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className="rounded-2xl bg-kesar-tint p-5 text-kesar-ink">
      <h3 ref={heading} tabIndex={-1} className="text-lg outline-none">
        <Trans>Your recovery codes</Trans>
      </h3>
      <p className="mt-1">
        <Trans>
          Each opens your account once, when your device is lost. They are shown this once: print them, or keep them
          where your passwords are.
        </Trans>
      </p>
      <ul
        className="figures my-4 grid gap-x-6 gap-y-1 text-lg font-semibold sm:grid-cols-2"
        aria-label={t`Recovery codes`}
      >
        {codes.map((one) => (
          <li key={one} className="whitespace-nowrap">
            {one}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3">
        <button type="button" className="btn btn-quiet" onClick={copy}>
          <Icon name={copied ? 'check' : 'copy'} />
          {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
        </button>
        <button
          type="button"
          className="btn btn-quiet"
          onClick={() => saveFile(new Blob([`${text}\n`], { type: 'text/plain' }), 'udaan-recovery-codes.txt')}
        >
          <Trans>Save as a file</Trans>
        </button>
        <button type="button" className="btn btn-main" onClick={close}>
          <Trans>I have kept them</Trans>
        </button>
      </div>
    </div>
  );
}
