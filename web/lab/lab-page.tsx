import { useCallback } from 'react';

import type { LabView, SessionView } from '#protocol';

import { getJson, postJson } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import { NotFoundPage } from '../frame/not-found-page.tsx';
import { useTitle } from '../frame/use-title.ts';
import { useLocale } from '../language/use-locale.ts';
import type { Place } from '../routing/address.ts';
import { LabFailed, LabLoading } from './lab-waiting.tsx';
import { LabWithSession, LabWithoutSession } from './lab-with-session.tsx';

/** One lab: its lesson and the learner's session are asked for at the same time. */
export function LabPage(props: { readonly lab: string; readonly wanted: Place | undefined }) {
  const { lab: id, wanted } = props;
  const locale = useLocale();
  const loadLab = useCallback(
    (signal: AbortSignal) =>
      getJson<LabView>(`/api/labs/${encodeURIComponent(id)}?locale=${locale}`, signal),
    [id, locale],
  );
  const loadSession = useCallback(
    (signal: AbortSignal) => postJson<SessionView>('/api/sessions', { lab: id }, signal),
    [id],
  );
  const [lab, reloadLab] = useResource(loadLab);
  const [session, reloadSession] = useResource(loadSession);
  useTitle(lab.state === 'ready' ? lab.value.title : undefined);

  if (lab.state === 'failed') {
    if (lab.error.status === 404) return <NotFoundPage lab={id} />;
    return <LabFailed error={lab.error} onRetry={reloadLab} />;
  }
  if (lab.state === 'loading' || session.state === 'loading') return <LabLoading />;
  if (session.state === 'failed') {
    return (
      <LabWithoutSession
        lab={lab.value}
        wanted={wanted}
        error={session.error}
        onRetry={reloadSession}
      />
    );
  }
  return <LabWithSession lab={lab.value} session={session.value} wanted={wanted} />;
}
