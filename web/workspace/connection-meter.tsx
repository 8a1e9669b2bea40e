import { useEffect, useState, useSyncExternalStore } from 'react';
import { Button } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useTranslation } from 'react-i18next';

import { Icon } from '../design/icons.tsx';
import type { Slot } from '../terminal/deck.ts';
import styles from './connection-meter.module.css';

const PERIOD_MS = 1_000;

/** The way to the server and back, measured while somebody looks. */
export function ConnectionMeter(props: {
  readonly slot: Slot;
  readonly number: number;
  readonly ping: () => Promise<number | undefined>;
}) {
  const { t } = useTranslation();
  return (
    <DialogTrigger>
      <Button className={styles['trigger'] ?? ''} aria-label={t('terminal.connection.label')}>
        <Icon name="pulse" />
      </Button>
      <Popover className={styles['popover'] ?? ''} placement="bottom end">
        <Dialog aria-label={t('terminal.connection.label')} className={styles['dialog'] ?? ''}>
          <Meter {...props} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Meter(props: {
  readonly slot: Slot;
  readonly number: number;
  readonly ping: () => Promise<number | undefined>;
}) {
  const { t } = useTranslation();
  const { slot, number, ping } = props;
  const { role } = useSyncExternalStore(slot.shell.subscribe, slot.shell.state);
  const [roundTrip, setRoundTrip] = useState<number | 'measuring' | 'offline'>('measuring');

  useEffect(() => {
    let isOpen = true;
    const measure = async () => {
      const ms = await ping();
      if (isOpen) setRoundTrip(ms ?? 'offline');
    };
    void measure();
    const timer = setInterval(() => void measure(), PERIOD_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, [ping]);

  return (
    <>
      <p className={styles['ms']}>
        {typeof roundTrip === 'number'
          ? t('terminal.connection.roundTrip', { ms: Math.max(1, Math.round(roundTrip)) })
          : t(`terminal.connection.${roundTrip}`)}
      </p>
      <p>{t(`terminal.connection.${role}`, { number })}</p>
    </>
  );
}
