import type { NewObject } from '../../../client/client.ts';
import type { JsonObject } from '../../../kinds/object.ts';

/** What a release is called and where it goes, as templates see it. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

/** An object of a chart, and the template it comes from: `templates/deployment.yaml`. */
export interface Rendered {
  readonly source: string;
  readonly object: NewObject;
}

/** One of Istio's charts. */
export interface Chart {
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  /** As `helm show values` prints them. */
  readonly values: JsonObject;
  /**
   * @param values the defaults with everything over them that was asked for
   * @throws OperatorError for values that Istio refuses
   */
  readonly render: (
    values: JsonObject,
    release: ReleaseName,
    crds: readonly NewObject[],
  ) => readonly Rendered[];
  readonly notes: (release: ReleaseName, values: JsonObject) => string;
  /** The only names that values may have at the top; left out: all. */
  readonly knownValues?: ReadonlySet<string>;
}

/** The part of the notes that all of Istio's charts have. */
export function learnMore({ name, namespace }: ReleaseName): string {
  return `To learn more about the release, try:
  $ helm status ${name} -n ${namespace}
  $ helm get all ${name} -n ${namespace}
`;
}
