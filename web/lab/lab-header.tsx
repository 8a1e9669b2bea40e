import { useTranslation } from 'react-i18next';

import type { ClusterView, LabView, ProgressView } from '#protocol';

import { cx } from '../design/class-names.ts';
import { Track } from '../design/track.tsx';
import { SiteHeader } from '../frame/site-header.tsx';
import type { Link } from '../session/session-state.ts';
import styles from './lab-header.module.css';

/** The title of the lab, how far the learner is, and how cluster and connection are. */
export function LabHeader(props: {
  readonly lab: LabView;
  readonly progress: ProgressView | undefined;
  readonly cluster: ClusterView | undefined;
  readonly link: Link | undefined;
}) {
  const { t } = useTranslation();
  const { lab, progress, cluster, link } = props;
  const total = lab.steps.length;
  const done = Math.min(progress?.steps.filter((step) => step.isDone).length ?? 0, total);
  return (
    <SiteHeader isTight>
      <p className={styles['title']}>{lab.title}</p>
      {progress && (
        <div
          className={styles['progress']}
          role="progressbar"
          aria-label={t('lab.progress')}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={done}
          aria-valuetext={t('lab.progressText', { done, total })}
        >
          <Track done={done} total={total} className={styles['track']} />
          <span aria-hidden="true">{`${done}/${total}`}</span>
        </div>
      )}
      <span className={styles['gap']} />
      {cluster && link && <Condition cluster={cluster} link={link} />}
    </SiteHeader>
  );
}

/** One sign for both: a lost connection hides what is known of the cluster. */
function Condition({ cluster, link }: { readonly cluster: ClusterView; readonly link: Link }) {
  const { t } = useTranslation();
  const isOnline = link === 'online';
  const tone = isOnline ? cluster.state : 'starting';
  const kind = t(cluster.isSimulated ? 'lab.cluster.simulated' : 'lab.cluster.real');
  const text = isOnline ? t(`lab.cluster.${cluster.state}`) : t(`lab.link.${link}`);
  return (
    <p
      className={cx(styles['condition'], styles[tone])}
      role="status"
      title={t(cluster.isSimulated ? 'lab.cluster.explain' : 'lab.cluster.explainReal')}
    >
      <span className={styles['dot']} aria-hidden="true" />
      <span className={styles['kind']}>{kind}</span>
      <span className={styles['text']}>{text}</span>
    </p>
  );
}
