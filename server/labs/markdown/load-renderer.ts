import type { LessonRenderer } from './render.ts';

/** A DOM and the grammars: not loaded before somebody opens a lab. */
export async function loadRenderer(): Promise<LessonRenderer> {
  const { LessonRenderer: Renderer } = await import('./render.ts');
  return Renderer.load();
}
