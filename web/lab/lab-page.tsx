import { useCallback } from 'react';

import type { LabView } from '#protocol';

import { getJson } from '../api/http.ts';
import { useResource } from '../api/use-resource.ts';
import { NotFoundPage } from '../frame/not-found-page.tsx';
import { useTitle } from '../frame/use-title.ts';
import { useLocale } from '../language/use-locale.ts';
import type { Place } from '../routing/address.ts';
import { LabFailed, LabLoading } from './lab-waiting.tsx';
import { LabWithSession } from './lab-with-session.tsx';
import { LabOnFullServer, LabWithoutSession } from './lab-without-session.tsx';
import { useSession } from './use-session.ts';

/** One lab: its lesson and the learner's session are asked for at the same time. */
export function LabPage(props: { readonly lab: string; readonly wanted: Place | undefined }) {
  const { lab: id, wanted } = props;
  const locale = useLocale();
  const loadLab = useCallback(
    (signal: AbortSignal) =>
      getJson<LabView>(`/api/labs/${encodeURIComponent(id)}?locale=${locale}`, signal),
    [id, locale],
  );
  const [lab, reloadLab] = useResource(loadLab);
  const { session, waiting, reload: reloadSession } = useSession(id);
  useTitle(lab.state === 'ready' ? lab.value.title : undefined);

  if (lab.state === 'failed') {
    if (lab.error.status === 404) return <NotFoundPage lab={id} />;
    return <LabFailed error={lab.error} onRetry={reloadLab} />;
  }
  if (lab.state === 'ready' && waiting) {
    return <LabOnFullServer lab={lab.value} wanted={wanted} place={waiting.place} />;
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
