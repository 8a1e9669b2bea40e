import { isList } from '../../../kinds/json.ts';
import { textAt } from '../../install/tree.ts';
import { EXIT, type Command, type Invocation } from '../cli/command.ts';
import { connect } from '../kube/connect.ts';
import { table } from '../terminal/table.ts';
import { askIstiods, REVISION_FLAG } from './istiod.ts';

export const remoteClustersCommand: Command = {
  name: 'remote-clusters',
  short: 'The clusters that each istiod reads',
  flags: [REVISION_FLAG],
  run: remoteClusters,
};

async function remoteClusters(invocation: Invocation): Promise<number> {
  const { context } = invocation;
  using api = await connect(invocation);
  const answers = await askIstiods(api, invocation, 'clusterz');
  const rows = answers.flatMap(({ istiod, text }) => {
    const parsed: unknown = JSON.parse(text);
    const clusters = isList(parsed) ? parsed : [];
    return clusters.map((one) => [
      textAt(one, 'id'),
      textAt(one, 'secretName'),
      textAt(one, 'syncStatus'),
      istiod,
    ]);
  });
  context.terminal.stdout(table([['NAME', 'SECRET', 'STATUS', 'ISTIOD'], ...rows], 5));
  return EXIT.done;
}
