import { Component } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../design/button.tsx';
import { Notice } from './notice.tsx';
import { PageFrame } from './page-frame.tsx';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a mistake in the page from leaving a blank one; the work itself is safe on the server. */
export class ErrorBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <FailedPage /> : this.props.children;
  }
}

function FailedPage() {
  const { t } = useTranslation();
  return (
    <PageFrame>
      <Notice
        tone="bad"
        title={t('problem.page.title')}
        action={<Button onPress={() => location.reload()}>{t('problem.reload')}</Button>}
      >
        {t('problem.page.text')}
      </Notice>
    </PageFrame>
  );
}
