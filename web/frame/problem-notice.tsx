import { useTranslation } from 'react-i18next';

import type { ProblemView } from '#protocol';

import { Button } from '../design/button.tsx';
import { Notice } from './notice.tsx';
import { problemText } from './problem-text.ts';

/** Something could not be had from the server: why, and a button to ask again. */
export function ProblemNotice(props: {
  readonly title: string;
  readonly problem: ProblemView;
  readonly onRetry: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="bad"
      title={props.title}
      action={<Button onPress={props.onRetry}>{t('problem.retry')}</Button>}
    >
      {problemText(props.problem, t)}
    </Notice>
  );
}
