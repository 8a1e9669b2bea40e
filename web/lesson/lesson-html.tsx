import type { TFunction } from 'i18next';
import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { LessonAction, PageView } from '#protocol';

import { announce } from '../frame/messages.tsx';
import type { CommandState } from '../terminal/command-queue.ts';
import { actionOf, commandLabel } from './lesson-action.ts';
import type { RunAction } from './lesson-action.ts';
import styles from './lesson-html.module.css';

const TICK_MS = 1_400;
/** How far the commands of the lesson have come, for as long as their page is known. */
const STATES = new WeakMap<LessonAction, CommandState>();

/**
 * The one place where HTML comes in as HTML: lessons are Markdown, rendered and sanitised by the server. Its buttons
 * come empty; here they get their words, and a click asks the page's own list what to do.
 */
export function LessonHtml(props: { readonly page: PageView; readonly onAction: RunAction }) {
  const { t } = useTranslation();
  const root = useRef<HTMLDivElement>(null);
  const { page, onAction } = props;

  useLayoutEffect(() => {
    for (const button of root.current?.querySelectorAll<HTMLButtonElement>('[data-action]') ?? []) {
      const action = actionOf(button.dataset['action'], page.actions);
      if (action) label(button, { action, state: STATES.get(action), t });
      else button.hidden = true;
    }
    for (const code of root.current?.querySelectorAll<HTMLElement>('pre') ?? []) {
      // Wide code scrolls sideways, by keyboard as well.
      if (code.scrollWidth > code.clientWidth) code.tabIndex = 0;
    }
  }, [page, t]);

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const press = (event: MouseEvent) => void run(event, { actions: page.actions, onAction, t });
    element.addEventListener('click', press);
    return () => element.removeEventListener('click', press);
  }, [page, onAction, t]);

  return (
    <div
      ref={root}
      data-lesson=""
      className={styles['lesson']}
      lang={page.fallbackLocale}
      dangerouslySetInnerHTML={{ __html: page.html }}
    />
  );
}

interface Labelled {
  readonly action: LessonAction;
  readonly state: CommandState | undefined;
  readonly t: TFunction;
}

async function run(
  event: MouseEvent,
  lesson: {
    readonly actions: readonly LessonAction[];
    readonly onAction: RunAction;
    readonly t: TFunction;
  },
): Promise<void> {
  const target = event.target instanceof Element ? event.target : undefined;
  const button = target?.closest<HTMLButtonElement>('button[data-action]');
  const action = actionOf(button?.dataset['action'], lesson.actions);
  if (!button || !action) return;
  const onState = (state: CommandState) => {
    STATES.set(action, state);
    if (button.isConnected) label(button, { action, state, t: lesson.t });
    if (isNews(state)) announce(button.title);
  };
  // `detail` counts clicks of a pointer; a click by keyboard has none.
  const isDone = await lesson.onAction(action, { isByPointer: event.detail > 0, onState });
  // A command says itself how far it has come.
  if (!isDone || action.type === 'exec') return;
  button.dataset['done'] = '';
  setTimeout(() => delete button.dataset['done'], TICK_MS);
}

/** What a person who does not see the mark would miss. */
function isNews({ type }: CommandState): boolean {
  return type === 'waiting' || type === 'failed' || type === 'dropped';
}

function label(button: HTMLButtonElement, { action, state, t }: Labelled): void {
  const words = document.createElement('span');
  words.textContent = shortLabel(action, t);
  button.replaceChildren(words);
  button.title = longLabel(action, t);
  if (state) {
    button.dataset['state'] = state.type;
    button.title += ` (${stateText(state, t)})`;
  }
  button.setAttribute('aria-label', button.title);
}

function stateText(state: CommandState, t: TFunction): string {
  if (state.type !== 'failed') return t(`lesson.command.${state.type}`);
  return t('lesson.command.failed', { exitStatus: state.exitStatus });
}

function shortLabel(action: LessonAction, t: TFunction): string {
  if (action.type !== 'exec') return t(`lesson.${action.type}.short`);
  return action.terminal === undefined
    ? t('lesson.run.short')
    : t('lesson.runIn.short', { number: action.terminal });
}

function longLabel(action: LessonAction, t: TFunction): string {
  if (action.type === 'open') return t('lesson.open.label', { path: action.path });
  const command = commandLabel(action.text);
  if (action.type === 'copy') return t('lesson.copy.label', { command });
  return action.terminal === undefined
    ? t('lesson.run.label', { command })
    : t('lesson.runIn.label', { number: action.terminal, command });
}
