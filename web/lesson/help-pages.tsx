import { Button } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { Heading } from 'react-aria-components/Heading';
import { useTranslation } from 'react-i18next';

import type { PageView, StepView } from '#protocol';

import { Icon } from '../design/icons.tsx';
import styles from './help-pages.module.css';
import type { RunAction } from './lesson-action.ts';
import { LessonHtml } from './lesson-html.tsx';

/** The hint and the solution of a step, closed until they are wanted. */
export function HelpPages(props: { readonly step: StepView; readonly onAction: RunAction }) {
  const { t } = useTranslation();
  const { hint, solution } = props.step;
  if (!hint && !solution) return undefined;
  return (
    <div className={styles['pages']}>
      {hint && <HelpPage title={t('lesson.hint')} page={hint} onAction={props.onAction} />}
      {solution && (
        <HelpPage title={t('lesson.solution')} page={solution} onAction={props.onAction} />
      )}
    </div>
  );
}

function HelpPage(props: {
  readonly title: string;
  readonly page: PageView;
  readonly onAction: RunAction;
}) {
  return (
    <Disclosure className={styles['page'] ?? ''}>
      <Heading level={2} className={styles['heading'] ?? ''}>
        <Button slot="trigger" className={styles['trigger'] ?? ''}>
          <Icon name="chevron" size={14} />
          {props.title}
        </Button>
      </Heading>
      <DisclosurePanel>
        <div className={styles['body']}>
          <LessonHtml page={props.page} onAction={props.onAction} />
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}
