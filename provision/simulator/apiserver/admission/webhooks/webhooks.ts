import { compileConditions, type MatchCondition } from '../../../kinds/admission-policies/index.ts';
import { MATCH_CONDITIONS_COST_LIMIT } from '../../../kinds/cel/index.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { deniedByWebhook, forbidden, internalError } from '../../errors.ts';
import { at, listAt, stringAt } from '../../objects/json.ts';
import { jsonPatch } from '../../patch/json-patch.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { matchConditions, requestVariables } from '../expressions.ts';
import {
  callFailed,
  callWebhook,
  WebhookFailure,
  webhooksOf,
  type WebhookAnswer,
  type WebhookCaller,
} from './call.ts';
import { isWanted } from './match.ts';

const GROUP = 'admissionregistration.k8s.io';
const MUTATING = `${GROUP}/mutatingwebhookconfigurations`;
const VALIDATING = `${GROUP}/validatingwebhookconfigurations`;

/** Dynamic admission control (Kubernetes documentation, "Dynamic Admission Control"), webhooks over the virtual network. */
export function webhooks(store: Store, caller: WebhookCaller): AdmissionPlugin {
  return {
    async mutate(request, object) {
      let current = object;
      for (const webhook of webhooksOf(store.list(MUTATING).items)) {
        const asked = { ...request, object: current };
        if (!isConcerned(webhook, asked, store)) continue;
        const answer = await ask(caller, webhook, asked);
        if (answer?.patch !== undefined) current = patched(webhook, current, answer.patch);
      }
      return current;
    },
    async validate(request) {
      const wanted = webhooksOf(store.list(VALIDATING).items).filter((webhook) =>
        isConcerned(webhook, request, store),
      );
      await Promise.all(wanted.map((webhook) => ask(caller, webhook, request)));
    },
  };
}

/** Webhooks are never asked about webhook configurations, so that a broken one can be mended. */
function isConcerned(webhook: Json, request: AdmissionRequest, store: Store): boolean {
  if (request.kind.group === GROUP || !isWanted(webhook, request, store)) return false;
  const conditions = conditionsOf(webhook);
  if (conditions.length === 0) return true;
  const budget = { left: MATCH_CONDITIONS_COST_LIMIT };
  const matched = matchConditions(conditions, requestVariables(request, store), budget);
  if (matched.type !== 'error') return matched.type === 'matched';
  if (at(webhook, 'failurePolicy') === 'Ignore') return false;
  throw forbidden(request.kind, request.name, matched.message);
}

const compiled = new WeakMap<object, readonly MatchCondition[]>();

function conditionsOf(webhook: Json): readonly MatchCondition[] {
  const conditions = listAt(webhook, 'matchConditions');
  const known = compiled.get(conditions);
  if (known) return known;
  const made = compileConditions(conditions, false);
  compiled.set(conditions, made);
  return made;
}

/** The webhook's consent; undefined when it does not answer and need not. */
async function ask(
  caller: WebhookCaller,
  webhook: Json,
  request: AdmissionRequest,
): Promise<WebhookAnswer | undefined> {
  const name = stringAt(webhook, 'name') ?? '';
  const answer = await answerOrFailure(caller, webhook, request);
  if (answer instanceof WebhookFailure) {
    if (at(webhook, 'failurePolicy') === 'Ignore') return undefined;
    throw callFailed(name, answer);
  }
  request.call.warnings.push(...answer.warnings);
  if (!answer.isAllowed) throw deniedByWebhook(name, answer.status);
  return answer;
}

async function answerOrFailure(
  caller: WebhookCaller,
  webhook: Json,
  request: AdmissionRequest,
): Promise<WebhookAnswer | WebhookFailure> {
  try {
    return await callWebhook(caller, webhook, request);
  } catch (error) {
    if (error instanceof WebhookFailure) return error;
    throw error;
  }
}

function patched(webhook: Json, object: JsonObject, patch: unknown): JsonObject {
  try {
    return jsonPatch(object, patch);
  } catch (cause) {
    const name = stringAt(webhook, 'name') ?? '';
    const why = cause instanceof Error ? cause.message : String(cause);
    throw internalError(`admission webhook "${name}" gave a patch that does not apply: ${why}`);
  }
}
