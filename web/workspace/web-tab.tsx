import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { ProblemView, TabView } from '#protocol';

import { postJson } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import type { Resource } from '../api/use-resource.ts';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
import { problemText } from '../frame/problem-text.ts';
import styles from './web-tab.module.css';

/** A page that is not up yet is asked for again this often, while it is in front. */
const RETRY_MS = 4_000;

interface WebTabProps {
  readonly session: string;
  readonly tab: TabView;
  readonly isInFront: boolean;
}

/** A web page of the learner's cluster, asked for when its tab is first brought to the front. */
export function WebTab(props: WebTabProps) {
  const [hasBeenShown, setShown] = useState(false);
  useEffect(() => {
    if (props.isInFront) setShown(true);
  }, [props.isInFront]);
  return hasBeenShown && <OpenTab {...props} />;
}

function OpenTab({ session, tab, isInFront }: WebTabProps) {
  const { t } = useTranslation();
  // Each address is good for one use: reloading and a tab of its own ask for another.
  const load = useCallback(
    (signal: AbortSignal) =>
      postJson<{ readonly url: string }>(
        `/api/sessions/${encodeURIComponent(session)}/tabs/${encodeURIComponent(tab.id)}`,
        {},
        signal,
      ),
    [session, tab.id],
  );
  const [address, again] = useResource(load);
  const problem = useLastProblem(address);
  const isWaiting = address.state === 'failed' && isInFront;

  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(again, RETRY_MS);
    return () => clearTimeout(timer);
  }, [isWaiting, again]);

  if (address.state !== 'ready') {
    return (
      <div className={styles['waiting']} role="status">
        <span className={styles['wave']} aria-hidden="true" />
        <p className={styles['title']}>
          {t(problem ? 'web.waiting' : 'web.opening', { title: tab.title })}
        </p>
        {problem && <p className={styles['text']}>{problemText(problem, t)}</p>}
        {problem && <p className={styles['text']}>{t('web.soon')}</p>}
        {problem && <Button onPress={again}>{t('problem.retry')}</Button>}
      </div>
    );
  }
  const { url } = address.value;
  return (
    <>
      <div className={styles['bar']}>
        <Button kind="icon" aria-label={t('web.reload', { title: tab.title })} onPress={again}>
          <Icon name="reload" />
        </Button>
        <span className={styles['address']}>{new URL(url).host}</span>
        <Button
          kind="icon"
          aria-label={t('web.open', { title: tab.title })}
          onPress={() => void openInBrowserTab(load)}
        >
          <Icon name="external" />
        </Button>
      </div>
      {/* Same-origin is safe here: the address is on another host name than this page, so it is its own origin. */}
      <iframe
        key={url}
        className={styles['frame']}
        src={url}
        title={tab.title}
        sandbox="allow-scripts allow-forms allow-same-origin"
        referrerPolicy="no-referrer"
      />
    </>
  );
}

/** Why the page was not there when last asked; stays while it is asked for again, so that nothing flickers. */
function useLastProblem(address: Resource<unknown>): ProblemView | undefined {
  const [problem, setProblem] = useState<ProblemView>();
  useEffect(() => {
    if (address.state === 'failed') setProblem(address.error.problem);
    if (address.state === 'ready') setProblem(undefined);
  }, [address]);
  return problem;
}

/** The tab opens with the click, or the browser would take it for an unwanted one; its address follows. */
async function openInBrowserTab(
  load: (signal: AbortSignal) => Promise<{ readonly url: string }>,
): Promise<void> {
  const opened = window.open('about:blank', '_blank');
  if (!opened) return;
  opened.opener = null;
  try {
    const { url } = await load(new AbortController().signal);
    opened.location.replace(url);
  } catch {
    // What stands in the way is told where the page is shown in its tab.
    opened.close();
  }
}
