import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { TabView } from '#protocol';

import { postJson } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import { Button, buttonClass } from '../design/button.tsx';
import { Icon } from '../design/icons.tsx';
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
  const load = useCallback(
    (signal: AbortSignal) =>
      postJson<{ readonly url: string }>(
        `/api/sessions/${encodeURIComponent(session)}/tabs/${encodeURIComponent(tab.id)}`,
        {},
        signal,
      ),
    [session, tab.id],
  );
  const [address, retry] = useResource(load);
  const [reloads, setReloads] = useState(0);
  const isWaiting = address.state === 'failed' && isInFront;

  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(retry, RETRY_MS);
    return () => clearTimeout(timer);
  }, [isWaiting, retry]);

  if (address.state !== 'ready') {
    return (
      <div className={styles['waiting']} role="status">
        <span className={styles['wave']} aria-hidden="true" />
        <p className={styles['title']}>{t('web.waiting', { title: tab.title })}</p>
        <p className={styles['text']}>
          {address.state === 'failed' && address.error.problem.code !== 'offline'
            ? address.error.problem.message
            : t('web.soon')}
        </p>
        <Button onPress={retry}>{t('problem.retry')}</Button>
      </div>
    );
  }
  const { url } = address.value;
  return (
    <>
      <div className={styles['bar']}>
        <Button
          kind="icon"
          aria-label={t('web.reload', { title: tab.title })}
          onPress={() => setReloads((count) => count + 1)}
        >
          <Icon name="reload" />
        </Button>
        <span className={styles['address']}>{withoutQuery(url)}</span>
        <a
          className={buttonClass('icon')}
          href={url}
          target="_blank"
          rel="noopener"
          aria-label={t('web.open', { title: tab.title })}
          title={t('web.open', { title: tab.title })}
        >
          <Icon name="external" />
        </a>
      </div>
      {/* Same-origin is safe here: the address is on another host name than this page, so it is its own origin. */}
      <iframe
        key={reloads}
        className={styles['frame']}
        src={url}
        title={tab.title}
        sandbox="allow-scripts allow-forms allow-same-origin"
        referrerPolicy="no-referrer"
      />
    </>
  );
}

/** What stands before the `?`: the rest is a ticket, of no use to a reader. */
function withoutQuery(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? url;
}
