import { useTranslation } from 'react-i18next';

import type { Deck } from '../terminal/deck.ts';
import { focusLesson, focusWorkspace } from './pane-cycle.ts';
import styles from './skip-links.module.css';
import type { LabSide } from './view-switch.tsx';

/** The first stops of the keyboard: past the header, to either half. */
export function SkipLinks(props: {
  readonly onChoose: (side: LabSide) => void;
  readonly deck: Deck | undefined;
}) {
  const { t } = useTranslation();
  return (
    <nav className={styles['links']} aria-label={t('frame.skip')}>
      <a
        href="#lesson"
        onClick={(event) => {
          event.preventDefault();
          props.onChoose('lesson');
          focusLesson();
        }}
      >
        {t('frame.skipToLesson')}
      </a>
      <a
        href="#workspace"
        onClick={(event) => {
          event.preventDefault();
          props.onChoose('workspace');
          focusWorkspace(props.deck);
        }}
      >
        {t('frame.skipToTerminal')}
      </a>
    </nav>
  );
}
