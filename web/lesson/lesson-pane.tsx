import { useLayoutEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { LabView, PageView, ProgressView } from '#protocol';

import { neighbours, pageAt } from '../lab/place.ts';
import { labAddress } from '../routing/address.ts';
import type { Place } from '../routing/address.ts';
import { navigate } from '../routing/navigation.tsx';
import type { LabConnection } from '../session/lab-connection.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { HelpPages } from './help-pages.tsx';
import type { RunAction } from './lesson-action.ts';
import { LessonFooter } from './lesson-footer.tsx';
import { LessonHtml } from './lesson-html.tsx';
import styles from './lesson-pane.module.css';
import { Stepper } from './stepper.tsx';
import { Translation } from './translation.tsx';
import { useStep } from './use-step.ts';

/** The page of the lesson, what must be true to go on, and the way on. */
export function LessonPane(props: {
  readonly lab: LabView;
  readonly place: Place;
  readonly progress: ProgressView;
  readonly connection: LabConnection | undefined;
  readonly isOnline: boolean;
  readonly onAction: RunAction;
  /** What lies on the edge of the pane. */
  readonly children?: ReactNode;
}) {
  const { t } = useTranslation();
  const { lab, place, progress, onAction } = props;
  const page = pageAt(lab, place);
  const step = useStep(props);
  const go = (to: Place) => navigate(labAddress(lab.id, to));
  const placeKey = place.type === 'step' ? String(place.index) : place.type;
  const { scroller, heading } = usePageTurn(placeKey, page);

  return (
    <main id="lesson" className={styles['pane']} tabIndex={-1} aria-label={t('lab.lesson')}>
      <Stepper lab={lab} place={place} progress={progress} onGo={go} />
      {/* Scrolls by keyboard as well; its words are its name. */}
      <div
        ref={scroller}
        className={styles['scroll']}
        tabIndex={0}
        role="region"
        aria-labelledby="page-title"
      >
        <article className={styles['page']}>
          <PlaceLine lab={lab} place={place} />
          <h1 id="page-title" ref={heading} className={styles['title']} tabIndex={-1}>
            {page?.title}
          </h1>
          {page && <Translation page={page} />}
          {page && <LessonHtml page={page} onAction={onAction} />}
          {step && <HelpPages key={placeKey} step={step.view} onAction={onAction} />}
          {step && step.checks.length > 0 && <ChecksPanel step={step} />}
        </article>
      </div>
      <LessonFooter
        step={step}
        {...neighbours(lab, place)}
        isLast={place.type === 'finish'}
        onGo={go}
      />
      {props.children}
    </main>
  );
}

function PlaceLine({ lab, place }: { readonly lab: LabView; readonly place: Place }) {
  const { t } = useTranslation();
  if (place.type !== 'step') return <p className={styles['where']}>{t(`lesson.${place.type}`)}</p>;
  return (
    <p className={styles['where']}>
      {t('lesson.stepOf', { number: place.index + 1, total: lab.steps.length })}
    </p>
  );
}

/**
 * A new page begins at its top, with the focus on its title. The same page in another language stays where it was
 * read: the lesson has the same blocks in every language, so the first block in sight is put back.
 */
function usePageTurn(placeKey: string, page: PageView | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(placeKey);
  const anchor = useRef<{ readonly block: number; readonly top: number }>(undefined);

  useLayoutEffect(() => {
    const view = scroller.current;
    if (!view) return undefined;
    const remember = () => {
      anchor.current = firstInSight(view);
    };
    view.addEventListener('scroll', remember, { passive: true });
    return () => view.removeEventListener('scroll', remember);
  }, []);

  useLayoutEffect(() => {
    const view = scroller.current;
    if (!view) return;
    if (shown.current !== placeKey) {
      shown.current = placeKey;
      anchor.current = undefined;
      view.scrollTop = 0;
      heading.current?.focus({ preventScroll: true });
    } else if (anchor.current) {
      const block = blocks(view)[anchor.current.block];
      if (block) view.scrollTop += block.getBoundingClientRect().top - anchor.current.top;
    }
  }, [placeKey, page]);

  return { scroller, heading };
}

function blocks(view: HTMLElement): HTMLElement[] {
  return [...view.querySelectorAll<HTMLElement>('[data-lesson] > *')];
}

function firstInSight(
  view: HTMLElement,
): { readonly block: number; readonly top: number } | undefined {
  if (view.scrollTop === 0) return undefined;
  const edge = view.getBoundingClientRect().top;
  const all = blocks(view);
  const block = all.findIndex((one) => one.getBoundingClientRect().bottom > edge);
  const top = all[block]?.getBoundingClientRect().top;
  return top === undefined ? undefined : { block, top };
}
