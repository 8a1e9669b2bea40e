import type { LabView, Locale, PageView, StepView } from '#protocol';

import { findVerifier } from '../../verifiers/index.ts';
import { readLocalFile } from '../labs/files.ts';
import { inLocale, type Lab, type LocalText, type Page, type Step } from '../labs/lab.ts';
import { loadRenderer } from '../labs/markdown/load-renderer.ts';
import type { LessonRenderer } from '../labs/markdown/render.ts';

/** Renders labs for the page and keeps what it rendered: a lab is rendered once per language. */
export class LabViews {
  #renderer: Promise<LessonRenderer> | undefined;
  readonly #views = new Map<string, Promise<LabView>>();

  /** The lab in a language; texts that are missing there are in English and marked so. */
  view(lab: Lab, locale: Locale): Promise<LabView> {
    const key = `${lab.id}/${locale}`;
    const known = this.#views.get(key);
    if (known) return known;
    const view = this.#render(lab, locale);
    this.#views.set(key, view);
    // A text that could not be read once may be read the next time.
    view.catch(() => this.#views.delete(key));
    return view;
  }

  async #render(lab: Lab, locale: Locale): Promise<LabView> {
    const [intro, finish, steps] = await Promise.all([
      lab.intro && this.#page(lab, lab.intro, locale),
      lab.finish && this.#page(lab, lab.finish, locale),
      Promise.all(lab.steps.map((step) => this.#step(lab, step, locale))),
    ]);
    return {
      id: lab.id,
      title: inLocale(lab.title, locale),
      description: inLocale(lab.description, locale),
      steps,
      tabs: lab.tabs.map((tab) => ({ id: tab.id, title: inLocale(tab.title, locale) })),
      ...(intro && { intro }),
      ...(finish && { finish }),
    };
  }

  async #step(lab: Lab, step: Step, locale: Locale): Promise<StepView> {
    const verifier = findVerifier(step.verifier);
    const [page, hint, solution] = await Promise.all([
      this.#page(lab, step, locale),
      step.hint === undefined ? undefined : this.#text(lab, step.hint, step.title, locale),
      step.answer === undefined ? undefined : this.#text(lab, step.answer, step.title, locale),
    ]);
    return {
      ...page,
      checks: (verifier?.checks ?? []).map((id) => ({
        id,
        title: verifier?.texts[locale].checks[id] ?? id,
      })),
      ...(hint && { hint }),
      ...(solution && { solution }),
    };
  }

  #page(lab: Lab, page: Page, locale: Locale): Promise<PageView> {
    return this.#text(lab, page.text, page.title, locale);
  }

  async #text(lab: Lab, name: string, title: LocalText, locale: Locale): Promise<PageView> {
    this.#renderer ??= loadRenderer();
    const [renderer, file] = await Promise.all([this.#renderer, readLocalFile(lab, name, locale)]);
    const { html, actions } = renderer.render(file?.text ?? '');
    return {
      title: inLocale(title, locale),
      html,
      actions,
      ...(file && file.locale !== locale && { fallbackLocale: file.locale }),
    };
  }
}
