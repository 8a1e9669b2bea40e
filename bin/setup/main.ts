/** `node bin/setup/main.ts start|test`: makes what the program needs and does not carry; the second time it does nothing. */
import { rememberInputs, unchangedSince } from './stamp.ts';
import { SETUP_STEPS } from './steps.ts';

const purpose = process.argv[2] === 'test' ? 'test' : 'start';
const say = (text: string) => process.stderr.write(`${text}\n`);

for (const step of SETUP_STEPS) {
  if (step.purpose === 'test' && purpose !== 'test') continue;
  if (step.inputs && unchangedSince(step.name, step.inputs)) continue;
  await step.run(say);
  if (step.inputs) rememberInputs(step.name, step.inputs);
}
