/** `GET /api/labs?locale=fr` */
export interface CatalogueView {
  readonly labs: readonly LabSummary[];
  /** Labs that cannot be opened, for whoever runs the server. */
  readonly broken: readonly { readonly id: string; readonly problem: string }[];
}

export interface LabSummary {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly minutes: number;
  readonly difficulty: 'beginner' | 'intermediate' | 'advanced';
  readonly stepCount: number;
  /** Steps this learner has done, when there is a session. */
  readonly doneCount: number;
  readonly hasSession: boolean;
}

/** `GET /api/labs/:lab?locale=fr` */
export interface LabView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly intro?: PageView;
  readonly steps: readonly StepView[];
  readonly finish?: PageView;
  readonly tabs: readonly TabView[];
}

/**
 * A page of a lesson. `html` is sanitised on the server and must not be changed after; in it
 * `<button data-action="N">` refers to `actions[N]`: the page wires it up and never takes a command from the HTML itself.
 */
export interface PageView {
  readonly title: string;
  readonly html: string;
  readonly actions: readonly LessonAction[];
  /** Set when the page is not in the language asked for: the one it is in. */
  readonly fallbackLocale?: string;
}

export interface StepView extends PageView {
  readonly checks: readonly { readonly id: string; readonly title: string }[];
  readonly hint?: PageView;
  readonly solution?: PageView;
}

export type LessonAction =
  | {
      readonly type: 'exec';
      readonly text: string;
      /** Terminal number from `{{exec T2}}`; the one in front when left out. */
      readonly terminal?: number;
      readonly isInterrupting: boolean;
      readonly hasNewline: boolean;
    }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'open'; readonly path: string };

/** A web page of the learner's cluster, shown beside the terminals. */
export interface TabView {
  readonly id: string;
  readonly title: string;
}
