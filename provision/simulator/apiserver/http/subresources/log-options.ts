import type { FieldError } from '../../../kinds/kind.ts';
import type { LogOptions } from '../../../node/kubelet.ts';
import { badRequest, invalid } from '../../errors.ts';
import { isTrue } from '../requests/request-info.ts';

/**
 * What the query of `pods/{name}/log` asks for (core/v1 PodLogOptions).
 * @throws ApiError 400 for what is no number or time, 422 for what makes no sense, in upstream's words
 */
export function readLogOptions(query: URLSearchParams, pod: string): LogOptions {
  const tailLines = readInteger(query, 'tailLines');
  const sinceSeconds = readInteger(query, 'sinceSeconds');
  const limitBytes = readInteger(query, 'limitBytes');
  const sinceTime = readTime(query);
  const errors = [
    ...atLeast('tailLines', tailLines, 0),
    ...atLeast('limitBytes', limitBytes, 1),
    ...(sinceTime === undefined ? atLeast('sinceSeconds', sinceSeconds, 1) : []),
    ...(sinceSeconds !== undefined && sinceTime !== undefined ? [BOTH_SINCE] : []),
    ...(query.has('stream') ? [NO_STREAM] : []),
  ];
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceTime !== undefined && { sinceTime }),
  };
}

const BOTH_SINCE: FieldError = {
  type: 'Forbidden',
  field: '',
  message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
};
/** The feature gate PodLogsQuerySplitStreams is off in this release. */
const NO_STREAM: FieldError = {
  type: 'Forbidden',
  field: 'stream',
  message: 'Forbidden: may not be specified',
};

function readInteger(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw cannotParse(text, 'invalid syntax');
  const value = Number(text);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw cannotParse(text, 'value out of range');
  return value;
}

function cannotParse(text: string, why: string) {
  return badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function readTime(query: URLSearchParams): string | undefined {
  const text = query.get('sinceTime') ?? '';
  if (text === '') return undefined;
  if (RFC_3339.test(text) && !Number.isNaN(Date.parse(text))) return text;
  const layout = '2006-01-02T15:04:05Z07:00';
  const year = /^\d{4}/.test(text) ? undefined : '2006';
  const place = year === undefined ? '' : `: cannot parse ${JSON.stringify(text)} as "${year}"`;
  throw badRequest(
    `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}${place || ': out of range'}`,
  );
}

function atLeast(field: string, value: number | undefined, least: number): readonly FieldError[] {
  if (value === undefined || value >= least) return [];
  const rule =
    least === 0 ? 'must be greater than or equal to 0' : `must be greater than ${least - 1}`;
  return [{ type: 'Invalid', field, message: `Invalid value: ${value}: ${rule}` }];
}
