import type { CommandDocument } from '../../sandbox/aws/services/ssm-document.ts';
import { synthesise } from '../../sandbox/rehearsal/synthesis.ts';
import { readDeployment } from '../../sandbox/template.ts';

/** The Command documents as the stack of the system `crm` deploys them. */
export async function deployedDocuments(): Promise<{
  services: CommandDocument;
  maintenance: CommandDocument;
  volumes: CommandDocument;
  look: CommandDocument;
}> {
  const { documents } = await readDeployment(await synthesise(), 'LightsOut-crm');
  const find = (...parameters: string[]): CommandDocument => {
    const found = documents.find(
      ({ content }) =>
        Object.keys((content as CommandDocument).parameters ?? {}).join() === parameters.join(),
    );
    if (found === undefined) throw new Error(`no document with the parameters ${parameters.join(', ')}`);
    return found.content as CommandDocument;
  };
  return {
    services: find('Action', 'Services', 'WaitSeconds'),
    maintenance: find('Action', 'FlagFile'),
    look: find('Services', 'FlagFile', 'Files'),
    volumes: find('Action', 'Volumes', 'Directory', 'Contents', 'TimeoutSeconds'),
  };
}
