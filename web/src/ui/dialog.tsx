import { i18n } from '@lingui/core';
import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { speakHindi } from '../locales/react-aria-hi';
import { Icon } from './icons';

// Whatever else is in a dialog of ours is drawn after this.
if (i18n.locale === 'hi') speakHindi();

interface SheetProps {
  title: string;
  close: () => void;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
}

/** A dialog: the whole screen of a phone, a card in the middle of anything larger. */
export function Sheet({ title, close, children, footer, wide = false }: SheetProps) {
  const { t } = useLingui();
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && close()}
      className="fixed inset-0 z-40 grid grid-cols-[minmax(0,1fr)] bg-deep/60 sm:place-items-center sm:p-6"
    >
      <Modal
        className={`flex max-h-dvh min-h-0 w-full animate-[rise_180ms_ease-out] flex-col bg-card text-ink shadow-lift max-sm:h-dvh sm:max-h-[88dvh] sm:rounded-3xl ${wide ? 'sm:max-w-3xl' : 'sm:max-w-lg'}`}
      >
        <Dialog className="flex min-h-0 flex-1 flex-col outline-none">
          <div className="flex items-center justify-between gap-4 border-b border-edge py-2 ps-5 pe-2">
            <Heading slot="title" className="text-xl">
              {title}
            </Heading>
            <button
              type="button"
              onClick={close}
              className="grid size-11 place-items-center rounded-full hover:bg-sunk"
              aria-label={t`Close`}
            >
              <Icon name="close" />
            </button>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
          {footer && <div className="border-t border-edge p-4">{footer}</div>}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
