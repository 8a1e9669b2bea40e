import type { ComponentProps } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';

import styles from './button.module.css';
import { cx } from './class-names.ts';

type ButtonKind = 'primary' | 'plain' | 'quiet' | 'icon';

interface ButtonProps extends Omit<ComponentProps<typeof AriaButton>, 'className' | 'style'> {
  readonly kind?: ButtonKind;
}

/** The one button of the page. `icon` is square and needs an `aria-label`. */
export function Button({ kind = 'plain', ...props }: ButtonProps) {
  return <AriaButton {...props} className={cx(styles['button'], styles[kind])} />;
}

/** The look of a button for a link that goes somewhere. */
export function buttonClass(kind: ButtonKind): string {
  return cx(styles['button'], styles[kind]);
}
