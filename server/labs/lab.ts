import type { Locale } from '#protocol';

/** One lab as its folder describes it: index.json read and checked, texts not yet rendered. */
export interface Lab {
  readonly id: string;
  /** Absolute path of the lab's folder. */
  readonly folder: string;
  readonly title: LocalText;
  readonly description: LocalText;
  readonly minutes: number;
  readonly difficulty: 'beginner' | 'intermediate' | 'advanced';
  readonly intro?: Page;
  readonly steps: readonly Step[];
  readonly finish?: Page;
  readonly needs: readonly Need[];
  readonly tabs: readonly Tab[];
  /** Whether the learner's shell looks names up, in the cluster's name server. */
  readonly usesDns: boolean;
}

export interface Page {
  readonly title: LocalText;
  /** Markdown file of the base language, relative to the lab's folder. */
  readonly text: string;
}

export interface Step extends Page {
  /** Name of a verifier; a step without one is done when the learner goes on. */
  readonly verifier?: string;
  /** Markdown files, relative to the lab's folder. */
  readonly hint?: string;
  readonly answer?: string;
  /** Script that brings the cluster to the end of the step; the `{{exec}}` blocks are the solution when left out. */
  readonly solution?: string;
}

/** English always; the other languages where the lab has them. */
export type LocalText = { readonly en: string } & { readonly [locale in Locale]?: string };

/** What the cluster must hold before the lab starts. */
export type Need = 'istio' | 'bookinfo';

/** A web page of the cluster. */
export interface Tab {
  readonly id: string;
  readonly title: LocalText;
  /** A Service of the cluster, as `namespace/name`. */
  readonly service: string;
  readonly port: number;
  readonly path: string;
}

/** Something wrong with a lab, for its author. */
export interface LabProblem {
  /** Relative to the labs folder. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** A warning does not keep the lab from opening. */
  readonly severity: 'error' | 'warning';
}

export function inLocale(text: LocalText, locale: Locale): string {
  return text[locale] ?? text.en;
}
